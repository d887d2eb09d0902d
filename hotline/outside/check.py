"""Tries the way to another system out, and says in Chinese what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx

from hotline.database import now
from hotline.outside.http_adapter import Answer, HttpSystem
from hotline.outside.messages import moment
from hotline.outside.signature import SKEW
from hotline.outside.systems import System
from hotline.outside.trouble import describe

#: Clocks that are further apart than this will be too far apart one day.
_WATCH = SKEW / 5


@dataclass(frozen=True)
class Finding:
    """Whether the way is good, and what there is to say about it."""

    good: bool
    words: str


async def check(system: System, key: str, *, clock: Callable[[], datetime] = now) -> Finding:
    """Send a signed ``POST {base}/ping``."""
    reached = HttpSystem(system, key, clock=clock)
    try:
        answer = await reached.post("/ping", {}, key=uuid.uuid4())
    except (httpx.TransportError, TimeoutError) as error:
        return Finding(False, describe(error) + "。")
    finally:
        await reached.close()
    return _judge(answer, system, clock())


def _judge(answer: Answer, system: System, at: datetime) -> Finding:
    theirs = answer.date()
    apart = abs(theirs - at) if theirs else None
    said = answer.words()
    quoted = f"对方说：{said}" if said else "对方没有说明原因。"
    if 200 <= answer.status < 300:
        words = f"通了，{answer.milliseconds:.0f} 毫秒。"
        if apart is not None and apart > _WATCH:
            words += f"但两边的钟相差 {apart.total_seconds():.0f} 秒，超过 5 分钟就会被拒绝，请校准。"
        if system.base.startswith("http:"):
            words += "这条线路没有加密，请确认走的是专网。"
        return Finding(True, words)
    if answer.status in (401, 403) and apart is not None and apart > SKEW and theirs is not None:
        words = f"被拒绝（{answer.status}）：两边的钟相差太多，对方是 {moment(theirs)}，我们是 {moment(at)}，请校准。"
        return Finding(False, words + quoted)
    if answer.status in (401, 403):
        words = f"被拒绝（{answer.status}）：请核对双方的密钥（我们的 send 是对方用来验签的那个）和系统代码 {system.code}。"
        return Finding(False, words + quoted)
    if answer.status == 404:
        return Finding(False, f"对方没有 /ping 这个接口（404），请检查 base：{system.base}。{quoted}")
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "")
        return Finding(False, f"对方要转到别的地址（{answer.status} {where}），请把 base 写成最终的地址。")
    return Finding(False, f"对方返回 {answer.status}。{quoted}")
