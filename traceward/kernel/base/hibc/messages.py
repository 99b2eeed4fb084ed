"""What may be wrong with a HIBC code, in English and Chinese."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "hibc_character": (
        "Character {position} of the HIBC code, {found}, is none that HIBC has. "
        "Scan again; letters are capitals.",
        "HIBC 码第 {position} 个字符“{found}”不在允许范围内。请重新扫码；字母应为大写。",
    ),
    "hibc_check": (
        "The check character of the HIBC code is {found}, it should be {expected}. "
        "Scan again, or check each character typed.",
        "HIBC 码的校验字符是 {found}，应为 {expected}。请重新扫码，或逐位核对手工录入的字符。",
    ),
    "hibc_labeler": (
        "After the +, a HIBC code names its labeler by four characters, the first a letter; "
        "found {found}. Scan again; if it stays, the label is wrong.",
        "HIBC 码“+”之后应为 4 位厂商代码且首位为字母，实际是 {found}。"
        "请重新扫码；若仍如此，则标签有误。",
    ),
    "hibc_primary": (
        "{found} is no HIBC product code: labeler (4), product (1 to 18 letters and digits) and "
        "unit of measure (1 digit). Check the label.",
        "{found} 不是 HIBC 产品代码：应为厂商代码（4 位）、产品代码（1 至 18 位字母或数字）"
        "和包装级别（1 位数字）。请核对标签。",
    ),
    "hibc_secondary": (
        "{found} is not in the form of HIBC lot, serial, date or quantity. Scan again; "
        "if it stays, the label is wrong.",
        "{found} 不符合 HIBC 的批号、序列号、日期或数量格式。请重新扫码；若仍如此，则标签有误。",
    ),
    "hibc_value": (
        "{part}: {found} is not allowed; 1 to 18 capital letters, digits, - and . are. "
        "Scan again; if it stays, the label is wrong.",
        "{part} 的内容 {found} 不允许：应为 1 至 18 位大写字母、数字、“-”或“.”。"
        "请重新扫码；若仍如此，则标签有误。",
    ),
    "hibc_no_primary": (
        "This is the second HIBC barcode of a label ({found}). Scan the first one too.",
        "这是标签上的 HIBC 第二条码（{found}）。请同时扫第一条码。",
    ),
    "hibc_link": (
        "The second HIBC barcode belongs to another first one: its link character is {found}, "
        "it should be {expected}. Scan the barcodes of one label only.",
        "HIBC 第二条码与第一条码不匹配：链接字符是 {found}，应为 {expected}。"
        "请只扫同一标签的条码。",
    ),
    "part_repeated": (
        "{part} stands twice with different values: {found} and {expected}. "
        "Scan the barcodes of one label only.",
        "{part} 出现两次且内容不同：{found} 与 {expected}。请只扫同一标签的条码。",
    ),
    "no_such_date": (
        "{found} is no date in the form {expected}. Check the label.",
        "{found} 不是格式为 {expected} 的日期。请核对标签。",
    ),
}
