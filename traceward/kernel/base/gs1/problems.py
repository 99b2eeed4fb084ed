"""The one exception of this package, and its sentences in English and Chinese."""

from collections.abc import Mapping
from typing import Final

#: Longest piece of a scan that a problem carries, so that a message stays a message.
FOUND_LIMIT: Final = 40

Param = str | int


class CodeProblem(ValueError):
    """A code cannot be read or built: a stable code and plain values, no translated text.

    ``params`` always has what the template of ``code`` in ``MESSAGES`` names. ``position``
    counts from 1, inside the value of the application identifier ``ai`` where there is one,
    else inside the scan.
    """

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, Param] = {
            name: value[:FOUND_LIMIT] if isinstance(value, str) else value
            for name, value in params.items()
        }

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({shown})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.code, self.params))


def _rebuild(code: str, params: dict[str, Param]) -> CodeProblem:
    return CodeProblem(code, **params)


Messages = Mapping[str, tuple[str, str]]


def explain(problem: CodeProblem, language: str = "en", *, messages: Messages | None = None) -> str:
    """The sentence for a problem: Chinese when the language tag begins with zh, else English.

    ``messages`` has the sentences of other code systems too.
    """
    english, chinese = (MESSAGES if messages is None else messages)[problem.code]
    template = chinese if language.lower().startswith("zh") else english
    return template.format_map(_Shown(problem.params))


class _Shown(dict[str, Param]):
    """Values by name; one that is missing must not hide the problem itself."""

    def __missing__(self, name: str) -> str:
        return "?"


#: Code of a problem → sentence in English, sentence in Chinese.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # The scan as a whole.
    "empty_scan": (
        "The scan is empty. Scan the barcode again.",
        "没有读到内容，请重新扫码。",
    ),
    "scan_too_long": (
        "The scan has {found} characters, at most {expected} are read. Scan one barcode at a time.",
        "扫码内容有 {found} 个字符，最多 {expected} 个。请一次只扫一个条码。",
    ),
    "too_many_barcodes": (
        "{found} barcodes were scanned for one label, at most {expected} are read together. "
        "Scan one pack at a time.",
        "一个标签扫了 {found} 个条码，最多 {expected} 个。请一次只扫一个包装。",
    ),
    "non_ascii": (
        "Character {position} of the scan ({found}) is not on a barcode. "
        "Switch the input method off (full-width characters) and scan again.",
        "第 {position} 个字符“{found}”不会出现在条码中。请关闭输入法（全角字符）后重新扫码。",
    ),
    "control_character": (
        "Character {position} of the scan is the control character {found}. "
        "Set the scanner to send FNC1 as GS (1D) and scan again.",
        "第 {position} 个字符是控制字符 {found}。请把扫码枪的 FNC1 设为 GS（1D）后重新扫码。",
    ),
    "unknown_code": (
        "This is no code that can be read: {found}. Scan the UDI barcode of the label; "
        "if this is that barcode, keep the label for quality to look at.",
        "无法识别的编码：{found}。请扫标签上的 UDI 条码；若扫的就是它，请留样交质量部门处理。",
    ),
    "scheme_not_read": (
        "This is a {scheme} code, which is not read here. Scan the UDI barcode of the label.",
        "这是 {scheme} 编码，此处不解析。请扫标签上的 UDI 条码。",
    ),
    "not_gs1_symbol": (
        "The barcode ({symbology}) does not say that it holds GS1 data, so its content "
        "{found} is not read as such. Scan another barcode of the label.",
        "该条码（{symbology}）未标明是 GS1 数据，内容 {found} 不按 GS1 解析。"
        "请扫标签上的其他条码。",
    ),
    "unknown_symbology": (
        "{found} at the start is no symbology identifier. Check the scanner's settings.",
        "开头的 {found} 不是码制标识符，请检查扫码枪设置。",
    ),
    "hri_bracket": (
        "At character {position}, an application identifier in brackets such as (01) is "
        "expected, found {found}. Write a bracket inside a value as \\(.",
        "第 {position} 个字符处应为带括号的应用标识符，如 (01)，实际是 {found}。"
        "值中的左括号请写成 \\(。",
    ),
    # Application identifiers.
    "unknown_ai": (
        "At character {position}, {found} is no GS1 application identifier. "
        "A separator may be missing before it; scan again or check the label.",
        "第 {position} 个字符处的 {found} 不是 GS1 应用标识符，前面可能缺少分隔符 FNC1。"
        "请重新扫码或核对标签。",
    ),
    "ai_not_supported": (
        "({ai}) is a GS1 application identifier whose content is not checked here, "
        "so the code is not accepted. Scan another barcode of the label.",
        "暂不支持应用标识符 ({ai}) 的内容校验，因此不接受该编码。请扫标签上的其他条码。",
    ),
    "empty_element": (
        "At character {position}, a separator stands where an application identifier is "
        "expected. Check the label.",
        "第 {position} 个字符处应为应用标识符，却是分隔符 FNC1。请核对标签。",
    ),
    "value_too_short": (
        "({ai}) has {found} characters, at least {expected} are needed. "
        "Part of the code is missing: scan again.",
        "({ai}) 只有 {found} 个字符，至少要 {expected} 个。内容不完整，请重新扫码。",
    ),
    "value_too_long": (
        "({ai}) has {found} characters, at most {expected} are allowed. "
        "A separator (FNC1) may be missing after it: check the scanner and the label.",
        "({ai}) 有 {found} 个字符，最多 {expected} 个。其后可能缺少分隔符 FNC1，"
        "请检查扫码枪和标签。",
    ),
    "ai_repeated": (
        "({ai}) stands twice with different values: {found} and {expected}. "
        "Scan the barcodes of one item only.",
        "({ai}) 出现两次且内容不同：{found} 与 {expected}。请只扫同一物品的条码。",
    ),
    "ai_excluded": (
        "({ai}) must not stand together with ({found}). The label is wrong: ask the supplier.",
        "({ai}) 不能与 ({found}) 同时出现。标签有误，请联系供应商。",
    ),
    "ai_needs_companion": (
        "({ai}) needs {expected} beside it. Scan the other barcode of the label too.",
        "({ai}) 须与 {expected} 一起使用。请同时扫标签上的另一个条码。",
    ),
    "signature_needs_serial": (
        "The digital signature (8030) needs ({ai}) with its serial number. "
        "The label is wrong: ask the supplier.",
        "数字签名 (8030) 要求 ({ai}) 带序列号。标签有误，请联系供应商。",
    ),
    # Content of a value.
    "not_digit": (
        "({ai}): character {position} is {found}, a digit is expected. Scan again.",
        "({ai}) 第 {position} 个字符是“{found}”，应为数字。请重新扫码。",
    ),
    "bad_character": (
        "({ai}): character {position}, {found}, is not allowed here. Scan again; "
        "if it stays, the label is wrong.",
        "({ai}) 第 {position} 个字符“{found}”不允许使用。请重新扫码；若仍如此，则标签有误。",
    ),
    "bad_padding": (
        "({ai}): the padding {found} at character {position} is wrong. Scan again.",
        "({ai}) 第 {position} 个字符起的填充 {found} 不正确。请重新扫码。",
    ),
    "wrong_check_digit": (
        "({ai}): the check digit is {found}, it should be {expected}. "
        "Scan again, or check each digit typed.",
        "({ai}) 校验位是 {found}，应为 {expected}。请重新扫码，或逐位核对手工录入的数字。",
    ),
    "wrong_check_pair": (
        "({ai}): the two check characters are {found}, they should be {expected}. "
        "Scan again, or check each character typed.",
        "({ai}) 校验字符是 {found}，应为 {expected}。请重新扫码，或逐位核对手工录入的字符。",
    ),
    "wrong_iban_check": (
        "({ai}): the check digits {found} do not fit the account number. Check it.",
        "({ai}) 校验数字 {found} 与账号不符，请核对。",
    ),
    "bad_company_prefix": (
        "({ai}): a GS1 company prefix begins with four digits; character {position} is {found}. "
        "Check the label.",
        "({ai}) 的 GS1 厂商识别代码前四位应为数字，第 {position} 个字符是“{found}”。请核对标签。",
    ),
    "needs_non_digit": (
        "({ai}): {found} has digits only, at least one other character is needed. Check the label.",
        "({ai}) 的 {found} 全是数字，至少要有一个非数字字符。请核对标签。",
    ),
    "bad_year": (
        "({ai}): the year of {found} is outside the calendar. Check the date.",
        "({ai}) 的 {found} 年份超出范围，请核对日期。",
    ),
    "bad_month": (
        "({ai}): {found} is no month. Dates are year, month, day (YYMMDD): check the label.",
        "({ai}) 的月份 {found} 不存在。日期格式为年月日（YYMMDD），请核对标签。",
    ),
    "bad_day": (
        "({ai}): {found} is no day of that month. "
        "Dates are year, month, day (YYMMDD): check the label.",
        "({ai}) 的日 {found} 在该月不存在。日期格式为年月日（YYMMDD），请核对标签。",
    ),
    "bad_hour": (
        "({ai}): {found} is no hour (00 to 23). Check the label.",
        "({ai}) 的小时 {found} 不正确（应为 00 至 23）。请核对标签。",
    ),
    "bad_minute": (
        "({ai}): {found} is no minute (00 to 59). Check the label.",
        "({ai}) 的分钟 {found} 不正确（应为 00 至 59）。请核对标签。",
    ),
    "bad_second": (
        "({ai}): {found} is no second (00 to 59). Check the label.",
        "({ai}) 的秒 {found} 不正确（应为 00 至 59）。请核对标签。",
    ),
    "bad_choice": (
        "({ai}): {found} is not one of {expected}. Check the label.",
        "({ai}) 的 {found} 不在允许值 {expected} 之内。请核对标签。",
    ),
    "unknown_country": (
        "({ai}): {found} is no ISO 3166 country code. Check the label.",
        "({ai}) 的 {found} 不是 ISO 3166 国家或地区代码。请核对标签。",
    ),
    "unknown_currency": (
        "({ai}): {found} is no ISO 4217 currency code. Check the label.",
        "({ai}) 的 {found} 不是 ISO 4217 货币代码。请核对标签。",
    ),
    "unknown_media_type": (
        "({ai}): {found} is no AIDC media type. Check the label.",
        "({ai}) 的 {found} 不是有效的 AIDC 载体类型。请核对标签。",
    ),
    "unknown_package_type": (
        "({ai}): {found} is no package type code. Check the label.",
        "({ai}) 的 {found} 不是有效的包装类型代码。请核对标签。",
    ),
    "bad_latitude": (
        "({ai}): latitude {found} is above {expected}. Check the label.",
        "({ai}) 的纬度值 {found} 大于 {expected}。请核对标签。",
    ),
    "bad_longitude": (
        "({ai}): longitude {found} is above {expected}. Check the label.",
        "({ai}) 的经度值 {found} 大于 {expected}。请核对标签。",
    ),
    "zero_not_allowed": (
        "({ai}): {found} at character {position} must not be zero. Check the label.",
        "({ai}) 第 {position} 个字符起的 {found} 不能为零。请核对标签。",
    ),
    "leading_zero": (
        "({ai}): {found} at character {position} must not begin with zero. Check the label.",
        "({ai}) 第 {position} 个字符起的 {found} 不能以零开头。请核对标签。",
    ),
    "piece_length": (
        "({ai}): {found} does not split into piece and total of equal length. Check the label.",
        "({ai}) 的 {found} 不能平分为件号和总件数。请核对标签。",
    ),
    "piece_exceeds_total": (
        "({ai}): in {found} the number is greater than the total. Check the label.",
        "({ai}) 的 {found} 中件号大于总数。请核对标签。",
    ),
    "bad_sequence": (
        "({ai}): {found} is not of the form position/total. Check the label.",
        "({ai}) 的 {found} 应为“位置/总数”的形式。请核对标签。",
    ),
    "bad_percent": (
        "({ai}): {found} at character {position} is no percent-encoded character. Check the label.",
        "({ai}) 第 {position} 个字符起的 {found} 不是有效的百分号编码。请核对标签。",
    ),
    # GS1 Digital Link.
    "uri_character": (
        "Character {position} of the address ({found}) is not allowed in a web address. "
        "Scan again.",
        "网址第 {position} 个字符“{found}”不允许使用。请重新扫码。",
    ),
    "uri_scheme": (
        "The address begins with {found}; http:// or https:// is expected. Scan again.",
        "网址以 {found} 开头，应为 http:// 或 https://。请重新扫码。",
    ),
    "uri_domain": (
        "{found} is no domain name. Scan again.",
        "{found} 不是有效的域名。请重新扫码。",
    ),
    "uri_no_key": (
        "The address holds no GS1 key such as /01/ and a GTIN: it is an ordinary web address. "
        "Scan the UDI barcode of the label.",
        "网址中没有 GS1 标识代码（如 /01/ 加 GTIN），只是普通网址。请扫标签上的 UDI 条码。",
    ),
    "uri_qualifiers": (
        "After ({ai}) the address has {found}; allowed in this order is {expected}. "
        "The label is wrong: ask the supplier.",
        "网址中 ({ai}) 之后是 {found}，允许的次序为 {expected}。标签有误，请联系供应商。",
    ),
    "uri_not_attribute": (
        "({ai}) may not stand after the question mark of the address. "
        "The label is wrong: ask the supplier.",
        "({ai}) 不能放在网址的问号之后。标签有误，请联系供应商。",
    ),
    "uri_belongs_in_path": (
        "({ai}) belongs in front of the question mark of the address. "
        "The label is wrong: ask the supplier.",
        "({ai}) 应放在网址的问号之前。标签有误，请联系供应商。",
    ),
    "uri_ai_twice": (
        "({ai}) stands twice in the address. The label is wrong: ask the supplier.",
        "({ai}) 在网址中出现两次。标签有误，请联系供应商。",
    ),
    "no_key_to_link": (
        "No Digital Link can be made without a key such as (01) or (00). Add one.",
        "没有 (01) 或 (00) 等标识代码，无法生成数字链接。请补充。",
    ),
    # Keys.
    "gtin_length": (
        "A GTIN has 8, 12, 13 or 14 digits; {found} has {length}. Check each digit typed.",
        "GTIN 应为 8、12、13 或 14 位，{found} 有 {length} 位。请逐位核对。",
    ),
    "sscc_parts": (
        "Extension digit, company prefix and serial reference make 17 digits together; "
        "{found} does not fit into the {expected} digits left. Take a new number range.",
        "扩展位、厂商识别代码和序列代码合计 17 位，{found} 超出剩余的 {expected} 位。"
        "请启用新的号段。",
    ),
    "sscc_company_prefix": (
        "{found} is no GS1 company prefix (4 to 12 digits). Check the organisation's record.",
        "{found} 不是 GS1 厂商识别代码（4 至 12 位数字）。请核对组织档案。",
    ),
    "sscc_extension": (
        "{found} is no SSCC extension digit (0 to 9). Check the number range.",
        "{found} 不是 SSCC 扩展位（0 至 9）。请核对号段设置。",
    ),
}
