"""QR codes to hang up: each opens the account at a phone, and the topic of its scene."""

from __future__ import annotations

import re
from pathlib import Path

import segno

from hotline.channels.wechat.official.client import Client

#: One cell of the code in a picture, in pixels: sharp on a sheet of A4.
_CELL = 16
#: What no file system takes in a name.
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


async def make(client: Client, scene: str) -> str:
    """The address behind a code of ``scene`` that is good for ever; an account may have 100,000 of them.

    Source: the platform's page 生成带参数的二维码.

    Raises:
        WechatError: the platform refuses.
    """
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
    found = await client.post("/cgi-bin/qrcode/create", body)
    return str(found["url"])


def draw(address: str, scene: str, folder: Path) -> Path:
    """Draw the code as a picture in ``folder``; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_NOT_IN_NAMES.sub('_', scene)}.png"
    segno.make_qr(address, error="m").save(str(path), scale=_CELL)
    return path
