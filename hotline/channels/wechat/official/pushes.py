"""What the platform pushes to us, read from its XML. Pure.

Types and fields: the platform's pages 接收普通消息 and 接收事件推送. What is not known is kept as ``kind`` and does nothing.
"""

from __future__ import annotations

import hashlib
from xml.etree.ElementTree import Element

from hotline.channels.wechat.envelope import root_of
from hotline.channels.wechat.push import OPENID, Place, Push, PushError


def read_push(body: bytes) -> Push:
    """The push in ``body``.

    Raises:
        PushError: it is not one.
    """
    root = root_of(body)
    fields = {child.tag: (child.text or "").strip() for child in root}
    try:
        account, openid = fields["ToUserName"], fields["FromUserName"]
        created, kind = int(fields["CreateTime"]), fields["MsgType"].lower()
    except (KeyError, ValueError):
        raise PushError("a field that every push has is missing") from None
    if not OPENID.fullmatch(openid):
        raise PushError("not an openid")
    if kind == "event":
        return _event(root, fields, account, openid, created)
    if not fields.get("MsgId"):
        raise PushError("no MsgId")
    return Push(
        account=account,
        openid=openid,
        created=created,
        kind=kind,
        is_event=False,
        key=f"m{fields['MsgId']}",
        text=_words(kind, fields),
        media_id=fields.get("MediaId16K") or fields.get("MediaId") or None,
        place=_place(fields, "Location_X", "Location_Y") if kind == "location" else None,
        tapped=bool(fields.get("bizmsgmenuid")),
    )


def _event(root: Element, fields: dict[str, str], account: str, openid: str, created: int) -> Push:
    name = fields.get("Event", "").lower()
    value = fields.get("EventKey", "")
    if name == "subscribe":
        value = value.removeprefix("qrscene_")
    if name in ("scancode_push", "scancode_waitmsg"):
        value = (root.findtext("ScanCodeInfo/ScanResult") or "").strip()
    if name == "templatesendjobfinish":
        value = fields.get("MsgID", "")
    # Events have no number: who and when, and what, since two may fall into one second.
    what = f"{openid}.{created}.{name}.{value}"
    return Push(
        account=account,
        openid=openid,
        created=created,
        kind=name,
        is_event=True,
        # Unreadable: the line in the conversation has it as well.
        key=f"e{hashlib.sha256(what.encode()).hexdigest()}",
        text=fields.get("Status", "") if name == "templatesendjobfinish" else "",
        value=value,
        place=_place(fields, "Latitude", "Longitude") if name == "location" else None,
    )


def _words(kind: str, fields: dict[str, str]) -> str:
    if kind == "text":
        return fields.get("Content", "")
    if kind == "voice":  # only when the platform recognises speech; some accounts get it empty, or not at all
        return fields.get("Recognition", "")
    if kind == "link":
        parts = (fields.get("Title", ""), fields.get("Description", ""), fields.get("Url", ""))
        return "\n".join(part for part in parts if part)
    return ""


def _place(fields: dict[str, str], lat: str, long: str) -> Place | None:
    return Place.of(fields.get(lat), fields.get(long), fields.get("Poiname", ""), fields.get("Label", ""))
