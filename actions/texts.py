"""What the actions say, gathered to be proof-read. Standing questions of the forms are in domain.yml."""

from __future__ import annotations

FAILED = "系统刚才没有连上，您说的话已经记下来了。请过一会儿再试一次，或者转人工。"

# Work orders
START = {
    "投诉": "您反映的情况我帮您登记成工单，交给负责的单位处理。问您几个小问题，有照片也可以发来，中途可以说“取消”。",
    "求助": "我帮您登记成工单，请负责的单位来处理。问您几个小问题，有照片也可以发来，中途可以说“取消”。",
    "举报": "谢谢您举报线索，您的身份我们会保密。问您几个小问题，有照片也可以发来，中途可以说“取消”。",
    "建议": "谢谢您的建议，我帮您登记下来，转给负责的单位研究。问您几个小问题，中途可以说“取消”。",
    "表扬": "谢谢您的肯定，我帮您登记下来，转达给对方单位。问您几个小问题，中途可以说“取消”。",
}
START_ENTERPRISE = (
    "企业遇到困难，热线有“政企通”专席跟进。我先帮您登记成工单，问几个小问题，中途可以说“取消”。"
)
READ_FIRST = "想先了解“{title}”的规定，也可以直接问我，登记不会丢。"
GO_ON = "我们接着登记。"
RESUMED = "刚才没填完的工单还在（{what}），我们接着登记。要说的是另一件事，就先说“取消”。"
GREETED = "您好！刚才的工单还没填完，我们接着登记；不想填了就说“取消”。"
ASK_LATER = "这个问题我先答不上，登记完您可以再问，或者转人工。我们接着登记。"
NOTED_PLACE = "地点记下了：{place}。"
POINTED_OUT = "地点先按您刚才发的位置登记：{place}。要是不对，等会儿核对时告诉我改。"
CHANGED = "好的，{field}改好了。"
CANCELLED = "好的，不登记了，您填的内容没有提交。以后想反映，随时再说。"
ASK_WHAT_TO_CHANGE = "要改哪一项？直接说就行，例如“地点改成荷塘区月塘街道”，或者“电话改一下”。"
WHAT_TOO_SHORT = "再说具体一点好吗？比如什么事、影响到谁、有多久了。"
WHERE_TOO_SHORT = "这个地点还不好找，请写上小区、路名或村组，旁边的单位、路口也行。"
PHONE_WRONG = "这个电话号码好像不对：手机号是 11 位，座机请在前面加上区号 0731。不想留可以选“匿名”。"
NAME_TOO_LONG = "称呼请短一点，例如“王先生”。"
DISTRICT_UNKNOWN = "没有对上株洲的区县，请在下面选一个。"
SUMMARY = "请核对一下，没问题就选“确认提交”："
SUMMARY_BUTTONS = [
    {"title": "确认提交", "payload": "确认提交", "style": "primary"},
    {"title": "改一下", "payload": "改一下", "style": "default"},
    {"title": "取消", "payload": "取消", "style": "default"},
]
PHOTOS = "{count} 张"
RECEIPT_PHOTOS = "您发的 {count} 张照片一起交上去了。"
RECEIPT = "已经提交，我们会在 {date}前答复您。"
RECEIPT_NUMBERS = "工单号 {number}，查询码 {code}。"
RECEIPT_KEEP = "请记下工单号和查询码，以后凭它们查进度；在这个对话里查，不用输号码。"
SENT_BEFORE = "刚才已经提交好了，工单号 {number}，不用再提交。想看办到哪一步，说“查进度”。"
ANONYMOUS_NOTE = "您选了匿名，我们没法给您打电话，请用工单号和查询码来查结果。"
SUBMIT_FAILED = "系统没有存上，您填的内容都还在。请选“重新提交”；还是不行，就转人工。"
SUBMIT_FAILED_BUTTONS = [
    {"title": "重新提交", "payload": "/affirm", "style": "primary"},
    {"title": "转人工", "payload": "/human_agent", "style": "default"},
]

# Following an order
NO_ORDERS = "这个对话里还没有提交过工单。"
WHICH_ORDER = "您有 {count} 件工单，要看哪一件？"
FOUND = "工单 {number}（{nature}）：{status}。承诺 {date}前答复。"
FOLLOWED = "以后办到哪一步，会在这里告诉您；再来查，不用输号码。不想收到，就说“不再通知”。"
NOT_FOLLOWED = "这件工单暂时不能在这里自动通知，请记好工单号和查询码，随时来查。"
FOUND_ENDED = "工单 {number}（{nature}）：{status}。"
URGED = "已经帮您催办工单 {number}，记在工单里了，承办的人能看到。承诺答复的日子是 {date}。"
WITHDRAW_SURE = "确定撤回工单 {number} 吗？撤回后就不再办理了。"
WITHDRAWN = "工单 {number} 已经撤回，不再办理。以后还想反映，随时再提交。"
KEPT = "好的，工单照常办理。"
NO_NUMBER = "没有工单号查不了。登记时留过电话的，可以转人工，坐席核实后帮您查。"
NUMBER_WRONG = "工单号是 8 位日期加 5 位数字，例如 20261124-00017，请再核对一下。"
CODE_WRONG = "查询码是 6 位数字，请再核对一下。"
QUERY_LEFT = "好的，先不查工单。"
QUERY_CANCELLED = "好的，不查了。"

# Rating an answer, adding to an order
NOTHING_TO_RATE = "您的工单还没有答复，或者已经评价过了。有了答复，我会在这里告诉您。"
NOTHING_TO_ADD_TO = "您的工单都已经答复或者办结了，补充不进去。有新情况可以重新反映。"
RATE = "工单 {number} 的答复，您满意吗？"
ASK_WHY = "没让您满意，对不住。请说说哪里没办好，我们退回去重办；选下面的也行。"
WHY_BUTTONS = [
    {"title": "问题没有解决", "payload": "问题没有解决", "style": "default"},
    {"title": "答复没说到点子上", "payload": "答复没说到点子上", "style": "default"},
    {"title": "态度不好", "payload": "态度不好", "style": "default"},
    {"title": "办得太慢", "payload": "办得太慢", "style": "default"},
]
NO_REASON = "市民没有说原因"
RATED = "谢谢您的评价，工单 {number} 就办结了。以后有事随时找我。"
RATED_REDO = "记下了，工单 {number} 已经退回重办，{date}前再答复您。"
RATED_REVIEW = "记下了。工单 {number} 已经重办过，这次转给督办人员复核，复核完会在这里告诉您。"
FOUND_TO_ADD_TO = "找到工单 {number} 了。"
ASK_SUPPLEMENT = "请把要补充的情况写下来，我加到工单 {number} 里。"
LEAVE_BUTTON = {"title": "先不补充了", "payload": "先不补充了", "style": "default"}
SUPPLEMENTED = "补充的情况记到工单 {number} 里了，承办的人能看到。承诺答复的日子是 {date}。"
REMARK_TOO_SHORT = "再多说几个字好吗？"
REMARK_LEFT = "好的，先不说这个。"

# People
HANDOFF = "好的，马上帮您转人工。"
HUMAN_BUTTON = {"title": "转人工", "payload": "/human_agent", "style": "default"}
ORDER_BUTTON = {"title": "登记工单", "payload": "/complaint", "style": "primary"}
ABUSE_FIRST = "听得出来您很着急，事情没办好，换谁都有火。您把事情告诉我，我们一起想办法；也可以转人工。"
ABUSE_AGAIN = "我理解您的心情，不过请别再用这样的话。您可以转人工，让坐席和您说，也可以登记工单。"

# Emergencies
EMERGENCY = {
    "fire": "请马上拨打 {first}，人先撤到安全的地方，别坐电梯，别回去拿东西。",
    "gas": "请先关阀、开窗，不要开关电器、不要点火，人到屋外再打电话：{numbers}。",
    "medical": "请马上拨打 {first}，说清地点和病人的样子，先别随便搬动病人。",
    "self_harm": "您先别急，您的安全最要紧。请马上拨打 {numbers}，也让身边的人陪着您；要是别人有危险，请稳住他，别离开。",
    "drowning": "请马上拨打 {numbers}，大声呼救，递竹竿、绳子、救生圈，不会水千万别下水。",
    "traffic": "请打开双闪，人撤到护栏外，马上拨打 {numbers}。",
    "crime": "请先躲到安全的地方，马上拨打 {first}，说清地点；别和对方硬拼。",
}
EMERGENCY_ANY = "如果有人受伤或正有危险，请马上拨打 {numbers}。先保护好自己。"
EMERGENCY_AFTER = "打过电话、人安全了，有什么要后续处理的，可以接着告诉我。"
EMERGENCY_IN_FORM = "人安全了以后，我们再接着登记。"

# Not understood
NOT_UNDERSTOOD = "这句话我没太听明白。麻烦您换个说法，比如“办居住证要什么材料”“我要投诉噪音”。"
NOT_UNDERSTOOD_TWICE = (
    "不好意思，我还是没听明白，就不再耽误您了。可以请人工坐席来帮您，也可以直接登记成工单。"
)
NOT_UNDERSTOOD_STILL = (
    "这句我也没弄明白，不让您再费口舌了。选“转人工”，坐席直接听您说；也可以登记工单，会有人回您。"
)
AFFIRM = "好的。您接着说，想问什么事、反映什么问题？"
DENY = "好的。那您想问什么事？换个说法告诉我，或者转人工。"
INFO_UNKNOWN = "我是 12345 热线的智能助手，能告诉您办事要什么材料、怎么办，也能帮您登记工单、查进度。您想了解热线的哪方面？"
ENGLISH = "Our answers are in Chinese. For help in English, please tap “转人工” to talk to an agent."
