"""What the platform's error codes mean for a message. Pure; the codes are those of its page 全局返回码."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["token", "again", "later", "waits", "held", "window", "gone", "long", "broken", "office"]

#: token: refresh once. again: try in a moment. later: the day's or minute's number is used up. waits: until the citizen
#: writes. held: somebody else has the session; until the citizen writes after that. window: more than 48 hours, a template
#: message. gone: the citizen cannot be reached any more. long: to be parted. broken: this message will never go. office: the
#: account's settings, for the city's IT people; it goes when they are right again.
MEANINGS: dict[int, Meaning] = {
    -1: "again",
    40001: "token",
    40014: "token",
    42001: "token",
    40003: "gone",
    43004: "gone",
    43019: "gone",
    43101: "gone",
    48002: "gone",
    45047: "waits",
    45015: "window",
    45002: "long",
    45009: "later",
    45011: "later",
    40004: "broken",
    40007: "broken",
    40037: "broken",
    47003: "broken",
    44002: "broken",
    44004: "broken",
    47001: "broken",
    41001: "office",
    40013: "office",
    40125: "office",
    40164: "office",
    61004: "office",
    48001: "office",
    48004: "office",
}

_WORDS: dict[Meaning, str] = {
    "token": "微信的访问凭证失效",
    "again": "微信系统忙",
    "later": "今天或这一分钟能调用的次数用完了",
    "waits": "能主动发的条数用完了，市民再来信时一并发出",
    "held": "会话不在我们这里，市民再来信时一并发出",
    "window": "市民超过 48 小时没有来信，不能主动发",
    "gone": "市民取消了关注或拒收",
    "long": "内容超过微信的长度",
    "broken": "微信不接受这条内容",
    "office": "公众号设置有问题，请信息科处理",
}

#: What the IT people are told.
OFFICE_WORDS = {
    40013: "AppID 不对",
    40125: "AppSecret 不对",
    40164: "服务器的 IP 不在公众平台的白名单里",
    61004: "服务器的 IP 不在公众平台的白名单里",
    48001: "公众号没有客服消息的权限，要先认证",
    48004: "接口被微信封禁",
    40037: "模板编号不对",
    41001: "请求里没有凭证",
}


@dataclass(frozen=True)
class Codes:
    """The codes of one API."""

    meanings: Mapping[int, Meaning]
    words: Mapping[Meaning, str]
    #: What the IT people are told, and other codes with words of their own.
    special: Mapping[int, str]

    def meaning(self, code: int) -> Meaning:
        """What to do; a code that is not known is tried again."""
        return self.meanings.get(code, "again")

    def in_words(self, code: int) -> str:
        """What an agent reads."""
        return f"{self.special.get(code) or self.words[self.meaning(code)]}（{code}）"


#: Those of the 公众号.
OFFICIAL = Codes(MEANINGS, _WORDS, OFFICE_WORDS)


def meaning(code: int) -> Meaning:
    """What a code of the 公众号 asks for."""
    return OFFICIAL.meaning(code)


def in_words(code: int) -> str:
    """What an agent reads of a code of the 公众号."""
    return OFFICIAL.in_words(code)
