"""What people at work read about their accounts."""

from __future__ import annotations

#: The same words whatever was wrong: nobody learns which numbers exist, nor that a password was right while locked.
LOGIN_FAILED = (
    "没有登录成功：工号或密码不对，或者账号被锁、已停用。"
    "连着输错 {tries} 次会锁 {minutes} 分钟；着急用，请找管理员解锁。"
)
TEMPORARY_EXPIRED = "临时密码已经过期，请找管理员重新发一个。"
TOO_FAST = "从这里登录得太频繁了，请 {seconds} 秒后再试。"
LOCKED = "输错次数太多，账号锁了，请 {minutes} 分钟后再试，或者找管理员解锁。"
CODE_WRONG = "动态口令不对或已经用过，请等下一个口令出来再输；也可以用一个恢复码。"
CHALLENGE_OVER = "等得太久了，请重新输入工号和密码。"
NOT_LOGGED_IN = "请先登录。"
CSRF = "页面太旧了，请刷新后再试。"
OTHER_SITE = "请求不是从本网站的页面发出的，没有执行。"
MUST_CHANGE = "请先改成自己的密码，再做别的。"

WRONG_PASSWORD = "现在的密码不对。"
SAME_PASSWORD = "新密码不能和现在的一样。"
TOO_SHORT = "密码至少 {least} 个字符，可以用一句自己记得住的话。"
TOO_LONG = "密码最多 {most} 个字符。"
TOO_COMMON = "这个密码太常见，容易被猜到，请换一个。"
TOO_SIMPLE = "密码里重复的字符太多，容易被猜到，请换一个。"
LIKE_NUMBER = "密码不能只是工号或姓名加几个字符，请换一个。"

TOTP_ON = "动态口令已经启用；要换手机，请先停用，再重新启用。"
TOTP_OFF = "动态口令没有启用。"
TOTP_NOT_OFFERED = "请先扫二维码，再输入口令。"

NO_ACCOUNT = "没有工号 {number} 这个人。"
TAKEN = "工号 {number} 已经有人用了。"
BAD_NUMBER = "工号是 1 到 8 位数字。"
BAD_WORDS = "请写明{name}，最多 {most} 个字。"
BAD_ROLES = "身份只能是 {roles}，至少要有一种。"
UNIT_MISSING = "承办单位的人要写明是哪个单位。"
UNIT_NOT_NEEDED = "只有承办单位的人才填单位。"
UNIT_ALONE = "承办单位的人只看本单位的工单，不能同时是{others}。"
UNKNOWN_UNIT = "没有“{unit}”这个承办单位，请按单位名录填写。"
LAST_ADMIN = "这是最后一个管理员，不能停用，也不能去掉管理员身份。请先让另一个人当管理员。"
NOT_ACTIVE = "工号 {number} 已经停用。"
ACTIVE_ALREADY = "工号 {number} 没有停用。"
NOTHING_TO_CHANGE = "没有要改的内容。"
LINK_OVER = "这个链接不对、用过了或者过期了。请在服务器上运行 hotline users setup-link，用新的链接。"
NO_SESSION = "没有这个登录，可能已经退出了。"

FORBIDDEN = "需要{roles}的身份。"
WHICH_ROLE = "您有几种身份（{roles}），请先选定这次以哪种身份办理。"
NOT_YOUR_ROLE = "您没有“{role}”这个身份；您的身份是{roles}。"
NO_WORK = "{roles}的身份不看也不办工单。"
ONLY_LOOKING = "跟班学习只能看，不能办理。"
UNIT_GONE = "您所在的单位已经不在名录里，请找管理员改过来。"
