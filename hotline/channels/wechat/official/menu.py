"""The account's menu, from ``wechat.yml``."""

from __future__ import annotations

from typing import Any

from hotline.channels.wechat.account import Account, MenuLine, menu_key

#: What a phone opens, by the platform's names.
_OPENS = {"scan": "scancode_waitmsg", "photo": "pic_photo_or_album", "place": "location_select"}


def menu_of(account: Account) -> dict[str, Any]:
    """The body of ``menu/create``."""
    return {"button": [_line(line) for line in account.menu]}


def _line(line: MenuLine) -> dict[str, Any]:
    if line.lines:
        return {"name": line.name, "sub_button": [_line(below) for below in line.lines]}
    if line.url is not None:
        return {"type": "view", "name": line.name, "url": line.url}
    if line.opens is not None:
        return {"type": _OPENS[line.opens], "name": line.name, "key": line.opens}
    return {"type": "click", "name": line.name, "key": menu_key(line)}
