"""How a case came in (来源), by the channel of the conversation it was made in. Pure."""

from __future__ import annotations

USUAL = "网络"
_OF_CHANNEL = {"wechat": "微信", "phone": "电话"}


def source_of(channel: str | None) -> str:
    """The source of an order made in a conversation on this channel; None: in none."""
    return _OF_CHANNEL.get(channel or "", USUAL)
