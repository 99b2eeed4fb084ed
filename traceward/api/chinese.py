"""What the description of the API says to a Chinese reader besides what commands do."""

#: The operations that are neither.
OTHERS = {
    "file.documents.files": "文件本身，如随货同行单的 PDF。",
    "labels.warehousing.label_prints": "标签本身：PDF，或标签打印机指令（ZPL）。",
}

#: What operations take besides ids, by the parameter's name.
PARAMETERS = {
    "Idempotency-Key": "同一个键得到同一个答复，不会重复执行",
    "If-Match": "所读单据的 ETag，多个用逗号隔开；之后有改动的，以 412 拒绝",
    "Signature-Login": "签名人的登录名，由程序代发时填写",
    "Signature-Password": "签名人的密码",
    "Device-Name": "扫码设备",
    "Device-Clock-Offset": "设备时钟减服务器时钟，毫秒",
    "Happened-At": "扫码的时刻",
    "form": "格式：`pdf`、`zpl`（标签打印机指令），或 `png`（第一张标签的图）",
    "key": "标识（id 或 uid）",
    "limit": "最多多少行",
    "cursor": "上一页的 `next_cursor`",
    "sort": "排序的列，最多五列，前加“-”为倒序",
    "fields": "只要这些列，用逗号隔开",
    "count": "同时给出总行数",
    "q": "查找的文字",
}
#: What the answers of no mean.
STATUSES = {
    "400": "请求无法读取",
    "401": "没有有效的密钥或令牌，或签名密码错误",
    "403": "无权限",
    "404": "没有这一项",
    "405": "须用其他方法",
    "409": "拒绝：与现状冲突",
    "411": "请求未给出长度",
    "412": "所读单据之后有改动",
    "413": "过大",
    "415": "不是 application/json",
    "422": "有值不能使用",
    "429": "请求过多，或密码错误过多",
    "503": "繁忙，或处理过久",
}
