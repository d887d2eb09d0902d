"""What ``kf/sync_msg`` tells, read from its JSON. Pure.

Source: developer.work.weixin.qq.com, page 94670 (接收消息和事件). What is not known does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.channels.wechat import texts
from hotline.channels.wechat.push import OPENID, Place, Push

_CITIZEN, _SYSTEM, _SERVICER = 3, 4, 5
#: ``change_type`` of a session: taken from those who wait, passed on, ended, taken up again.
ENDED = 3


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry. ``key``: the same whenever it is pulled."""

    key: str
    openid: str
    #: Seconds since 1970, by the platform's clock.
    created: int


@dataclass(frozen=True, kw_only=True)
class Wrote(Item):
    """The citizen has sent something."""

    push: Push


@dataclass(frozen=True, kw_only=True)
class Entered(Item):
    """The citizen has opened the chat. ``code``: with it one welcome may be sent, within 20 seconds."""

    push: Push
    code: str


@dataclass(frozen=True, kw_only=True)
class Answered(Item):
    """Somebody in 企业微信 has written to the citizen."""

    userid: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Moved(Item):
    """Somebody in 企业微信 has taken the session, passed it on, or ended it.

    ``to``: who has it now; empty: nobody. ``code``: with it one message may be sent.
    """

    to: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Failed(Item):
    """A message of ours did not arrive. ``message``: its id."""

    message: str
    reason: int


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Item):
    """The citizen has taken a message back. ``of``: the key of that one."""

    of: str


def key_of(msgid: str) -> str:
    """Under which a message of the platform is kept."""
    return f"k{msgid}"


def read(message: dict[str, Any]) -> Item | None:
    """The entry; None: it is nothing for us, or cannot be read."""
    try:
        event = message["event"] if message.get("msgtype") == "event" else {}
        openid = str(message.get("external_userid") or event.get("external_userid") or "")
        known: dict[str, Any] = {
            "key": key_of(str(message["msgid"])),
            "openid": openid,
            "created": int(message["send_time"]),
        }
        origin = int(message.get("origin", _SYSTEM))
        kind = str(message["msgtype"])
        if not OPENID.fullmatch(openid):
            return None
        if kind == "event":
            return _event(known, event)
        if origin == _CITIZEN:
            return Wrote(**known, push=_push(known, kind, message, message.get(kind) or {}))
        if origin == _SERVICER:
            return Answered(
                **known, userid=str(message.get("servicer_userid") or ""), text=_words(kind, message)
            )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return None


def _event(known: dict[str, Any], event: dict[str, Any]) -> Item | None:
    name = str(event["event_type"])
    if name == "enter_session":
        # scene_param is what whoever made the link has put behind it; scene is the link's own.
        value = str(event.get("scene_param") or event.get("scene") or "")
        push = _of(known, str(event.get("open_kfid", "")), "enter_session", is_event=True, value=value)
        return Entered(**known, push=push, code=str(event.get("welcome_code") or ""))
    if name == "session_status_change":
        ended = int(event["change_type"]) == ENDED
        to = "" if ended else str(event.get("new_servicer_userid") or "")
        return Moved(**known, to=to, code=str(event.get("msg_code") or ""))
    if name == "msg_send_fail":
        return Failed(**known, message=str(event["fail_msgid"]), reason=int(event.get("fail_type", 0)))
    if name == "user_recall_msg":
        return Withdrawn(**known, of=key_of(str(event["recall_msgid"])))
    return None


def _push(known: dict[str, Any], kind: str, message: dict[str, Any], content: dict[str, Any]) -> Push:
    account = str(message.get("open_kfid", ""))
    if kind == "location":
        name, address = str(content.get("name") or ""), str(content.get("address") or "")
        label = f"{name}（{address}）" if name and address else name or address
        place = Place.of(content.get("latitude"), content.get("longitude"), label)
        return _of(known, account, kind, place=place)
    # A tap in a list of ours is a message of the citizen like any other: it opens the 48 hours.
    media = content.get("media_id") if kind in ("image", "voice", "video", "file") else None
    return _of(known, account, kind, text=_words(kind, message), media_id=media and str(media))


def _of(known: dict[str, Any], account: str, kind: str, *, is_event: bool = False, **fields: Any) -> Push:
    return Push(
        account=account,
        openid=known["openid"],
        created=known["created"],
        kind=kind,
        is_event=is_event,
        key=known["key"],
        **fields,
    )


def _words(kind: str, message: dict[str, Any]) -> str:
    """The words of a message; of one from 企业微信 that has none, what it was."""
    content = message.get(kind) or {}
    if kind == "text":
        return str(content.get("content") or "")
    if kind == "link":
        parts = (content.get("title"), content.get("desc"), content.get("url"))
        return "\n".join(str(part) for part in parts if part)
    if int(message.get("origin", _SYSTEM)) == _SERVICER:
        return texts.SENT_THERE.get(kind, texts.SENT_THERE["other"])
    return ""
