"""What the error codes of 微信客服 mean, and why a message that was taken did not arrive after all. Pure.

Sources: developer.work.weixin.qq.com, pages 90313 (全局错误码) and 94670 (接收消息和事件: ``fail_type``).
"""

from __future__ import annotations

from hotline.channels.wechat.codes import Codes, Meaning

_MEANINGS: dict[int, Meaning] = {
    -1: "again",
    40001: "token",
    40014: "token",
    42001: "token",
    40096: "gone",
    40004: "broken",
    40007: "broken",
    40008: "broken",
    40058: "broken",
    44004: "broken",
    47001: "broken",
    45002: "long",
    45009: "later",
    45033: "later",
    95001: "waits",
    95002: "waits",
    95008: "broken",
    95009: "broken",
    95013: "held",
    95018: "held",
    40013: "office",
    41001: "office",
    48002: "office",
    60020: "office",
    95000: "office",
    95003: "office",
    95004: "office",
    95011: "office",
    95012: "office",
    95014: "office",
    95017: "office",
}

_WORDS: dict[Meaning, str] = {
    "token": "企业微信的访问凭证失效",
    "again": "企业微信系统忙",
    "later": "今天或这一分钟能调用的次数用完了",
    "waits": "能主动发的条数用完了，市民再来信时一并发出",
    "held": "会话在企业微信客服那里，市民再来信时一并发出",
    "window": "市民超过 48 小时没有来信，不能主动发",
    "gone": "市民拒收，或者已经找不到这位市民",
    "long": "内容超过微信的长度",
    "broken": "微信客服不接受这条内容",
    "office": "微信客服设置有问题，请信息科处理",
}

_SPECIAL = {
    40001: "微信客服的 secret 不对",
    40013: "企业 ID（corp_id）不对",
    41001: "请求里没有凭证",
    48002: "这个应用没有微信客服接口的权限",
    60020: "服务器的 IP 不在企业微信的可信 IP 里",
    95000: "客服账号 ID（open_kfid）不对",
    95002: "市民超过 48 小时没有来信，市民再来信时一并发出",
    95003: "微信客服可接待的人数到上限了",
    95004: "没有这个客服账号（open_kfid）",
    95011: "微信客服已经改在企业微信后台使用，要换 secret",
    95012: "企业微信后台还没有启用微信客服",
    95013: "这次会话已经结束，市民再来信时一并发出",
    95014: "接收的人不是接待人员",
    95017: "微信客服的 API 没有打开",
}

KF = Codes(_MEANINGS, _WORDS, _SPECIAL)

#: The session is not where it may be written to.
NOT_OURS = frozenset({95013, 95018})
#: The token of a callback is over: looked without one.
TOKEN_OVER = 95007

#: Why a message did not arrive, by ``fail_type``.
FAILED = {
    0: "微信没有说明原因",
    1: "客服账号已经删除",
    2: "应用已经停用",
    4: "会话已过期，市民超过 48 小时没有来信",
    5: "会话已关闭",
    6: "超过了 5 条的限制",
    8: "企业主体没有验证",
    10: "市民拒收",
    11: "企业没有成员登录企业微信",
    12: "微信客服不能发这种内容",
    13: "被微信的安全规则拦下",
}
#: After these nothing more may be written until the citizen writes.
USED_UP = frozenset({4, 6})


def failed_in_words(reason: int) -> str:
    """What an agent reads of a message that did not arrive."""
    return f"{FAILED.get(reason, FAILED[0])}（{reason}）"
