"""All that the open interface says to people: those who write a program against it, and those who read its contents."""

from __future__ import annotations

CONTACT = "{name}，电话 {number}。"
KEY_SERVICE = "申请密钥请拨打本市 {number}，说明单位、用途和负责人；查询不用密钥，提交和补充要密钥。"

# 提交以后
REGISTERED = "已经登记，{date}前答复。"
DANGER = "人身或财产正处在危险中的，请马上拨打 {numbers}，不要等这里的处理。"

# 密钥
KEY_MISSING = "请填写 api_key。"
KEY_WRONG = "api_key 不对。"
KEY_REVOKED = "这个 api_key 已经停用。"
KEY_EXPIRED = "这个 api_key 已经过期，请申请新的。"
KEY_NOT_ALLOWED = "这个 api_key 不能做这件事，需要的权限是 {scope}。"
NOT_YOURS = "这个工单不是用这个 api_key 提交的，不能补充。"
TOO_FAST = "请求太频繁，请 {seconds} 秒以后再试。"

# 没有
NO_JURISDICTION = "没有 {value} 这个 jurisdiction_id。"
NO_SERVICE = "没有 {value} 这个 service_code。"
NO_DEFINITION = "{value} 没有另外要填的内容。"
NO_REQUEST = "没有 {value} 这个 service_request_id。"
NO_TOKEN = "没有这个 token。"
NO_ADDRESS = "没有 {value} 这个 address_id，请填区县、街道或社区的区划代码。"
NO_PAGE = "没有这个地址；格式只有 .xml 和 .json。"
NO_METHOD = "不能这样访问这个地址。"

# 提交得不对
NOT_A_FORM = "请用 application/x-www-form-urlencoded 提交。"
NO_FILES = "这里不收文件，请把照片的网址填在 media_url 里。"
TOO_LARGE = "内容太大了。"
SERVICE_MISSING = "请填写 service_code。"
PLACE_MISSING = "请填写地点：lat 和 long、address_string、address_id 三种里的一种。"
HALF_A_POINT = "lat 和 long 要一起填写。"
BAD_POINT = "lat 和 long 要填 WGS-84 的纬度和经度，例如 27.83、113.13。"
TOO_LONG = "{field} 最多 {most} 个字。"
BAD_MEDIA = "media_url 要填 http 或 https 开头的网址，最多 {most} 个。"
BAD_EMAIL = "email 的格式不对。"
BAD_DATE = "{field} 要写成带时区的时间，例如 2026-11-28T09:00:00+08:00。"
DATES_CROSSED = "start_date 不能晚于 end_date。"
SPAN_TOO_LONG = "start_date 到 end_date 最多 90 天。"
BAD_STATUS = "status 只能是 open 或 closed。"
BAD_UPDATE_STATUS = "status 不对，可以填：{known}。"
BAD_NUMBER = "{field} 要填 {least} 到 {most} 的整数。"
TOO_MANY_IDS = "service_request_id 一次最多 {most} 个。"
FIELD_MISSING = "请填写 {field}。"
NO_CONFIDENTIAL = "这里不收举报；要举报请直接拨打 {number}，您的身份会保密。"
BAD_NATURE = "attribute[nature] 只能是{known}。"
TOO_MANY_ATTRIBUTES = "attribute 太多了。"
ATTRIBUTE_MISSING = "请填写 attribute[{code}]（{name}）。"
ATTRIBUTE_NOT_LISTED = "attribute[{code}]（{name}）里没有“{value}”这个选项。"
ATTRIBUTE_ONE_ONLY = "attribute[{code}]（{name}）只能填一个。"
ATTRIBUTE_NUMBER = "attribute[{code}]（{name}）要填数字。"
ATTRIBUTE_DATE = "attribute[{code}]（{name}）要填时间，例如 2026-11-20 或 2026-11-20T19:30:00+08:00。"
INVALID = "内容不对，请检查。"
UNSTORABLE = "内容里有不能保存的字符或数字，请改一下再试。"
RESTARTING = "服务正在启动，请稍等一下再试。"
BROKEN = "系统出了点问题，请稍后再试；急事请直接拨打 12345。"

# 记在工单里，给办理的人看
ON_THE_MAP = "地图上的点：北纬 {lat}，东经 {long}"
ANSWERED = "{name}：{value}"
PICTURE = "照片：{url}"
MARKED = {
    "FIXED": "对方系统里标为：已经解决",
    "CLOSED": "对方系统里标为：已经关闭",
    "CANCELLED": "对方系统里标为：取消",
    "REOPEN": "对方系统里标为：又出现了",
    "DUPLICATE": "对方系统里标为：重复",
    "NO_FURTHER_ACTION": "对方系统里标为：不用再处理",
}

# 办到哪一步
STEPS = {
    "提交": "已经登记，等待受理。",
    "受理": "已经受理。",
    "不予受理": "不予受理：{note}",
    "直接答复": "正在办理。",
    "派单": "已经转给{unit}办理。",
    "审定": "已经转给{unit}办理。",
    "现场交办": "已经转给{unit}办理。",
    "改派": "已经改由{unit}办理。",
    "挂起": "请补充情况：{note}",
    "补充": "收到了补充的情况。",
    "恢复": "接着办理。",
    "同意延期": "{note}",
    "发起回访": "答复：{answer}",
    "并案答复": "答复：{answer}",
    "评价": "市民评价：{rating}。",
    "复核重办": "复核以后退回重办。",
    "复核办结": "复核以后办结：{note}",
    "回访期满": "已经办结。",
    "并案": "和别人反映的同一件事合在一起办理。",
    "解除并案": "改为单独办理。",
    "并案不予受理": "不予受理：{note}",
    "催办": "已经催办。",
    "撤回": "市民已经撤回。",
}
SOME_UNIT = "有关单位"
INSTEAD = "可以这样办：{alternative}"
AGAIN = {"办理中": "已经退回重办。", "已受理": "已经退回重办。", "待复核": "转给督办人员复核。"}
