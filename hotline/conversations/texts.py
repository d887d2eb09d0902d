"""What the service itself says to citizens, gathered to be proof-read."""

from __future__ import annotations

from typing import Any

TOO_LONG = "您写得有点长，请分成几段发送，每段不超过 {limit} 个字。"
EMPTY = "您还没有输入内容。"
TOO_FAST = "您发得有点快，请稍等 {seconds} 秒再发。刚才的内容没有丢，可以再点一次发送。"
TOO_MANY_STARTS = "这里新开的对话太多了，请稍等一会儿再试；急事请直接拨打 12345。"
TOKEN_INVALID = "这次对话已经失效，请重新开始。"
NO_SUCH_BUTTON = "这个按钮已经用不了了，请直接打字告诉我。"
NO_SUCH_MESSAGE = "没有找到这条消息。"

WELCOME = "您好，我是{hotline}的智能助手。办事怎么办、问题找谁管，都可以直接打字问我。"
NOTICE = "遇到危险请直接拨打：报警 110、火警 119、急救 120。"

#: The tiles of the welcome message. ``payload`` is a command for Rasa; see docs/protocol.md for ``icon``.
MENU: list[dict[str, Any]] = [
    {
        "title": "看病医保",
        "hint": "报销、异地就医、参保缴费",
        "icon": "medical",
        "payload": '/ask_matter{"area":"medical"}',
    },
    {
        "title": "入学教育",
        "hint": "上学报名、转学、幼儿园",
        "icon": "school",
        "payload": '/ask_matter{"area":"school"}',
    },
    {
        "title": "社保就业",
        "hint": "养老、失业、工伤、社保卡",
        "icon": "social_insurance",
        "payload": '/ask_matter{"area":"social_insurance"}',
    },
    {
        "title": "企业办事",
        "hint": "开店、变更、注销、信用修复",
        "icon": "enterprise",
        "payload": '/ask_matter{"area":"enterprise"}',
    },
    {
        "title": "生活大事",
        "hint": "户口、公积金、生育、救助",
        "icon": "life",
        "payload": '/ask_matter{"area":"life"}',
    },
    {"title": "我要反映问题", "hint": "投诉、求助、举报、建议", "icon": "report", "payload": "/complaint"},
    {"title": "查进度", "hint": "查工单办到哪一步", "icon": "track", "payload": "/track_order"},
    {"title": "转人工", "hint": "请坐席和您说", "icon": "agent", "payload": "/human_agent"},
]

QUEUE = "!queue"
LEAVE_QUEUE = "!leave_queue"
#: Typed while waiting, these leave the queue.
LEAVE_QUEUE_WORDS = frozenset(
    {
        "不等了",
        "不想等了",
        "算了不等了",
        "不排了",
        "不排队了",
        "取消排队",
        "退出排队",
        "不用人工了",
        "不转人工了",
        "取消人工",
        "取消转人工",
        "转机器人",
        "回机器人",
        "回到机器人",
        "找机器人",
    }
)
QUEUED = "已经帮您转人工，前面还有 {ahead} 位。坐席接入后会在这里和您说话，您可以先把情况写下来。"
QUEUED_NEXT = "已经帮您转人工，您排在第一位。坐席接入后会在这里和您说话，您可以先把情况写下来。"
QUEUED_OUT_OF_HOURS = "现在不是人工服务时间（人工服务时间：{hours}）。您可以先把情况写下来，排着队等坐席上班；不想等的话，可以留下工单，我们会在规定时间内答复。"
QUEUE_BUTTONS = [
    {"title": "不等了，回到机器人", "payload": LEAVE_QUEUE, "style": "default"},
]
LEFT_QUEUE = "好的，已经不排队了。您可以接着问我，也可以留下工单，由工作人员办理后答复您。"
QUEUE_TIMEOUT = (
    "很抱歉，坐席一直没有空下来，让您久等了。您可以留下工单，我们会在规定时间内答复；也可以再次转人工。"
)
AFTER_QUEUE_BUTTONS = [
    {"title": "留下工单", "payload": "/complaint", "style": "primary"},
    {"title": "再次转人工", "payload": "/human_agent", "style": "default"},
]
EMERGENCY_WHILE_WAITING = (
    "如果有人受伤或有危险，请马上拨打 {numbers}。先保护好自己；您还在排队，坐席接入后会看到您说的话。"
)
CLAIMED = "坐席 {agent} 为您服务。"
TRANSFERRED = "您的事情转给坐席 {agent} 了，由坐席 {agent} 接着为您服务，您不用从头再说。"
TO_TEAM = "正在帮您转给更熟悉这件事的坐席，您说过的话都在，不用再说一遍。"
AGENT_GONE = "不好意思，刚才那位坐席的网络断了，正在请另一位坐席接着为您服务，您说过的话都在。"
NEXT = "您排在第一位。"
AHEAD = "前面还有 {ahead} 位。"
CLOSED = "这次人工服务就到这里。以后有事可以直接在这里说，智能助手会继续为您服务。"
GO_ON_BUTTONS = [{"title": "接着登记工单", "payload": "/complaint", "style": "primary"}]
HANDED_BACK = "坐席已结束服务，接下来由智能助手继续为您服务。"
NOT_WAITING = "这个会话不在排队，可能已经被别的坐席领取。"
TAKEN = "这个会话已经由坐席 {agent} 领取。"
NOT_YOURS = "这个会话现在不归您接待。"
ELSEWHERE = (
    "这个会话由{where}接待，这里不能接管，也不能发消息。请在那边答复；那边结束以后，市民再来信就回到这里。"
)
WAITS_ELSEWHERE = "这个会话在{where}那边排队，请在那边接待。"
TAKEN_ELSEWHERE = "{where}（{agent}）接待了这个会话，说的话记在下面；机器人不插话。"
WITHDRAWN_LINE = "市民撤回了一条消息。"
WITHDRAWN = "（市民撤回了这条消息）"

# Photographs
PHOTOS_TEXT = "［照片 {count} 张］"
PHOTOS_NOT_HERE = "这里收不了照片，请打字告诉我。"
PHOTO_RECEIVED = "照片收到了"
PHOTOS_RECEIVED = "{count} 张照片收到了"
PHOTOS_WITH_ORDER = "，会和工单一起交给办理的人。"
PHOTOS_TO_ORDER = "，已经加到工单 {number} 里，承办的人能看到。"
PHOTOS_KEPT = "，我先帮您留着。"
PHOTOS_WHAT_ABOUT = "。请说说是什么事、在哪里，我帮您登记，交给负责的单位。"
PHOTOS_BUTTONS = [
    {"title": "我要反映问题", "payload": "/complaint", "style": "primary"},
    {"title": "查进度", "payload": "/track_order", "style": "default"},
    {"title": "转人工", "payload": "/human_agent", "style": "default"},
]
#: An empty payload is filled in where the button is made.
PHOTOS_ELSEWHERE_BUTTONS = [
    {"title": "这是另一件事", "payload": "", "style": "default"},
    {"title": "查进度", "payload": "/track_order", "style": "default"},
]
PHOTOS_TAKEN_BACK = "好的，照片没有放进工单 {number}。请说说这件事：是什么事、在哪里，我另外帮您登记。"
PHOTOS_NOT_TAKEN_BACK = "这些照片不在工单里。请说说是什么事、在哪里，我帮您登记。"
PHOTOS_TAKEN_BACK_BUTTONS = [
    {"title": "我要反映问题", "payload": "/complaint", "style": "primary"},
]

# Places on a map
PLACE_WHAT_ABOUT = "位置收到了{place}。请说说那里有什么事，也可以拍照片发来，我帮您登记，交给负责的单位。"

# Orders that are followed by number and code
#: Said where an order is followed, these end it.
STOP_FOLLOWING_WORDS = frozenset(
    {
        "不再通知",
        "都不再通知",
        "不再通知了",
        "不要再通知",
        "不要再通知了",
        "不要通知了",
        "不用通知了",
        "不用再通知了",
        "别通知了",
        "别再通知了",
        "别再通知我了",
        "停止通知",
        "取消通知",
        "解除绑定",
        "取消绑定",
        "退订",
    }
)
STOP_WHICH = "您在这里跟着 {count} 件工单，不再通知哪一件？"
STOP_ONE = "不再通知 {number}"
STOP_EVERY = "都不再通知"
STOPPED = "好的，工单 {numbers} 办到哪一步，以后不在这里通知您了。想查进度，说工单号和查询码就行。"
STOPPED_BEFORE = "这件工单现在不会在这里通知您。想查进度，说工单号和查询码就行。"

#: Stands where words were that are kept no longer.
FORGOTTEN = "（已过保存期，内容已删除）"

ENGINE_DOWN = "智能对话暂时连不上，您的话我们已经记下来了。下面是按您说的内容直接查到的："
ENGINE_DOWN_NOTHING = (
    "智能对话暂时连不上，您的话我们已经记下来了。您可以转人工，或者稍后再发一次；急事请拨打 12345。"
)
ENGINE_DOWN_EMERGENCY = "如果有人受伤或有危险，请马上拨打 {numbers}。先保护好自己，再说别的。"
ENGINE_DOWN_BUTTONS = [{"title": "转人工", "payload": QUEUE, "style": "primary"}]

#: How people say the title of a button, when they answer a question in words.
BUTTON_WORDS = {
    "是": "是的",
    "对": "是的",
    "对的": "是的",
    "没错": "是的",
    "就是这个": "是的",
    "嗯": "是的",
    "不": "不是",
    "不对": "不是",
    "都不对": "都不是",
    "没有一个是": "都不是",
}
