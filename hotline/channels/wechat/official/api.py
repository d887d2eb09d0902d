"""Where the platform pushes to. Needs ``app.state.wechat`` (None: no account is connected) and ``app.state.database``."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import PlainTextResponse, Response

from hotline.channels.wechat.account import Connected
from hotline.channels.wechat.crypto import is_signed, signature
from hotline.channels.wechat.envelope import read_envelope
from hotline.channels.wechat.official.pushes import read_push
from hotline.channels.wechat.official.replies import SUCCESS, encrypted_reply, text_reply
from hotline.channels.wechat.official.service import Wechat
from hotline.channels.wechat.push import PushError
from hotline.channels.wechat.signed import check_first, check_fresh, opened
from hotline.database import Database

logger = structlog.get_logger(__name__)

router = APIRouter(prefix="/wechat", tags=["wechat"])


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the routes need."""

    connected: Connected
    wechat: Wechat


def _door(request: Request) -> Door:
    door: Door | None = request.app.state.wechat
    if door is None:
        raise HTTPException(404)
    return door


DoorDep = Annotated[Door, Depends(_door)]
Short = Annotated[str, Query(max_length=128)]


@router.get("")
async def verify(
    door: DoorDep,
    timestamp: Short,
    nonce: Short,
    signature: Short,
    echostr: Annotated[str, Query(max_length=512)],
) -> Response:
    """The platform asks whether we are who the account's settings name."""
    if not is_signed(signature, door.connected.secrets.token, timestamp, nonce):
        raise HTTPException(403)
    return PlainTextResponse(echostr)


@router.post("")
async def push(
    door: DoorDep,
    request: Request,
    timestamp: Short,
    nonce: Short,
    signature: Short = "",
    msg_signature: Short = "",
    encrypt_type: Short = "",
) -> Response:
    """A message or an event."""
    came = time.monotonic()
    body = await request.body()
    database: Database = request.app.state.database
    encrypted = encrypt_type == "aes"
    plain = _opened(door, body, timestamp, nonce, signature, msg_signature, encrypted=encrypted)
    check_fresh(timestamp, door.connected.account.fresh_seconds)
    await check_first(database, timestamp, nonce, body)
    try:
        found = read_push(plain)
    except PushError as error:
        logger.warning("a push could not be read", error=str(error))
        return PlainTextResponse(SUCCESS)
    account = door.connected.account.original_id
    if account and found.account != account:
        raise HTTPException(403)
    text = await door.wechat.take(found, came=came)
    if not text:
        return PlainTextResponse(SUCCESS)
    reply = text_reply(to=found.openid, account=found.account, text=text, at=int(time.time()))
    return Response(_closed(door, reply) if encrypted else reply, media_type="application/xml")


def _opened(
    door: Door,
    body: bytes,
    timestamp: str,
    nonce: str,
    signature: str,
    msg_signature: str,
    *,
    encrypted: bool,
) -> bytes:
    """The push itself. In the compatible mode it comes plain as well; only what was encrypted is believed.

    Raises:
        HTTPException: 403, it is not from the platform.
    """
    known = door.connected.secrets
    if not encrypted:
        if door.connected.account.mode != "plain" or not is_signed(signature, known.token, timestamp, nonce):
            raise HTTPException(403)
        return body
    try:
        inside = read_envelope(body).get("Encrypt", "")
    except PushError as error:
        logger.warning("a push could not be opened", error=str(error))
        raise HTTPException(403) from None
    return opened(known, inside, timestamp, nonce, msg_signature).encode()


def _closed(door: Door, reply: str) -> str:
    encrypted = door.connected.secrets.crypt.close(reply)
    timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
    signed = signature(door.connected.secrets.token, timestamp, nonce, encrypted)
    return encrypted_reply(encrypted=encrypted, signature=signed, timestamp=timestamp, nonce=nonce)
