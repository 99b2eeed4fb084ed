"""What may be wrong with an MA code, in English and Chinese."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "ma_di": (
        "{found} is no MA product identifier: MA, country (3 digits), M0, registrant (6) and "
        "product (8), with a full stop between them. Part of it may be missing: scan again.",
        "{found} 不是完整的 MA 产品标识：应为 MA、国家代码（3 位数字）、M0、注册人代码（6 位）"
        "和产品代码（8 位），以“.”分隔。内容可能不完整，请重新扫码。",
    ),
    "ma_unit": (
        "“{found}” is no part of an MA code: a letter that says what it is, then its value of at "
        "most 40 characters. Scan again; if it stays, the label is wrong.",
        "“{found}”不是 MA 码的有效单元：应为一个标识字母加不超过 40 个字符的内容。"
        "请重新扫码；若仍如此，则标签有误。",
    ),
    "ma_address": (
        "The address holds no MA code, or more than one. Scan the UDI barcode of the label.",
        "网址中没有 MA 码，或不止一个。请扫标签上的 UDI 条码。",
    ),
    "ma_xml": (
        "The XML of this code is not in the form of an MA code; at {found} it cannot be read. "
        "Scan the UDI barcode of the label.",
        "该码的 XML 不符合 MA 码格式，从“{found}”处起无法读取。请扫标签上的 UDI 条码。",
    ),
}
