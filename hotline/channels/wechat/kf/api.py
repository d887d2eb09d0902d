"""Where 企业微信 calls. Needs ``app.state.wechat_kf`` (None: no account is connected).

Source: developer.work.weixin.qq.com, pages 90930 (接收消息: 验证URL有效性) and 94670 (回调事件).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import PlainTextResponse, Response

from hotline.channels.wechat.envelope import read_envelope
from hotline.channels.wechat.kf.account import KfConnected
from hotline.channels.wechat.kf.puller import Puller
from hotline.channels.wechat.push import PushError
from hotline.channels.wechat.signed import check_fresh, opened

logger = structlog.get_logger(__name__)

router = APIRouter(prefix="/wechat/kf", tags=["wechat"])

_SUCCESS = "success"


@dataclass(frozen=True, kw_only=True)
class KfDoor:
    """What the routes need."""

    connected: KfConnected
    puller: Puller


def _door(request: Request) -> KfDoor:
    door: KfDoor | None = request.app.state.wechat_kf
    if door is None:
        raise HTTPException(404)
    return door


DoorDep = Annotated[KfDoor, Depends(_door)]
Short = Annotated[str, Query(max_length=128)]


@router.get("")
async def verify(
    door: DoorDep,
    msg_signature: Short,
    timestamp: Short,
    nonce: Short,
    echostr: Annotated[str, Query(max_length=2048)],
) -> Response:
    """The platform asks whether we are who the settings name: only we can read what it sends."""
    return PlainTextResponse(opened(door.connected.secrets, echostr, timestamp, nonce, msg_signature))


@router.post("")
async def call(
    door: DoorDep, request: Request, msg_signature: Short, timestamp: Short, nonce: Short
) -> Response:
    """Something has happened; what, is pulled. Answered at once, whatever else there is to do.

    The signature covers what is encrypted: it is good for no other body, and the same one again only asks to look again.
    """
    try:
        encrypted = read_envelope(await request.body()).get("Encrypt", "")
    except PushError:
        raise HTTPException(403) from None
    plain = opened(door.connected.secrets, encrypted, timestamp, nonce, msg_signature)
    check_fresh(timestamp, door.connected.account.fresh_seconds)
    try:
        fields = read_envelope(plain.encode())
    except PushError as error:
        logger.warning("a callback could not be read", error=str(error))
        return PlainTextResponse(_SUCCESS)
    # One address may serve several accounts of the corporation; ours is pulled.
    if fields.get("Event") == "kf_msg_or_event" and fields.get("OpenKfId", "") in (
        "",
        door.connected.account.open_kfid,
    ):
        door.puller.call(fields.get("Token", ""))
    return PlainTextResponse(_SUCCESS)
