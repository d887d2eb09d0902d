"""What people at the desk read, gathered to be proof-read."""

from __future__ import annotations

REASONS = {
    "citizen": "市民要人工",
    "two_failures": "两次没答上",
    "abuse": "言语过激",
    "emergency": "紧急情况",
    "negative_feedback": "评价没用",
    "engine_down": "机器人故障",
    "agent_gone": "坐席掉线",
    "transfer": "坐席转组",
    "elsewhere": "企业微信转人工",
}
STATUS = {"online": "在线", "break": "小休", "offline": "离线"}

SEES_NOTHING = "{roles}的身份不看会话。"
ONLY_LOOKING = "{roles}的身份只能看会话，不能办理；办理要坐席的身份。"
MAY_NOT_MANAGE = "要督办或管理员的身份才能改。"
MAY_NOT_SEE_DUTY = "{roles}的身份不看坐席的在线情况。"
NO_CONVERSATION = "没有这个会话。"
NO_NOTE_TWICE = "这条备注的编号用过了，请刷新后再写。"
OFF_DUTY = "您现在是离线，请先点“在线”再接待。"
FULL = "您手上已经有 {load} 个会话，到上限了。请先转交、交还或结束一个；紧急的会话不受上限限制。"
COLLEAGUE_FULL = "坐席 {agent} 手上已经有 {load} 个会话，到上限了，请转给别人。"
COLLEAGUE_NOT_THERE = "坐席 {agent} 现在不在线，请转给别人。"
NOT_TO_ONESELF = "不用转给自己。"
TEAM_NOT_THERE = "{team}现在没有人在线，请转给别的组或别的坐席。"
ONE_TARGET = "请选一个坐席或者一个组。"
STILL_TALKING = "您手上还有 {load} 个会话，请先转交、交还或结束，再离线。"
NO_AGENT = "没有工号 {number} 的坐席，或者还没有上过线。"
TOO_MANY_DIGITS = "上限是 0 到 50。"
BAD_GRACE = "掉线等待的时间是 0 到 600 秒。"
NOTE_EMPTY = "备注还没有写。"
NOTE_TOO_LONG = "备注最多 {most} 个字。"
NO_MESSAGE = "这个会话里没有要看的那几条消息。"
GONE_NOTE = "坐席 {agent} 掉线，会话退回排队。"

BAD_CODE = "代码是 1 到 20 个字，只能用字母、数字、短横和汉字。"
BAD_REPLY = "快捷回复要写内容，最多 {most} 个字。"
BAD_PLACEHOLDER = "大括号里只能写 {{工号}}，不能写 {found}。"
CODE_TAKEN = "代码 {code} 已经用过了，请换一个。"
NO_REPLY = "没有这条快捷回复，可能已经删除了。"

DRAFT_USED = "这份草稿已经登记过别的会话，请重新起草。"
RECEIPT = "坐席 {agent} 已经帮您登记：工单号 {number}，查询码 {code}，{day}前答复您。请把这两个号码记下来，随时可以在这里查进度。"
NO_TOPIC = "没有这个分类，请重新选。"
RECEIPT_HEADING = "回执"
RECEIPT_TITLE = "工单已登记"
RECEIPT_FACTS = ("工单号", "查询码", "答复期限")
