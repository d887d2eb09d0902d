"""The account's menu, from ``wechat.yml``."""

from __future__ import annotations

from typing import Any

from hotline.channels.wechat.account import Account, MenuLine, menu_key


def menu_of(account: Account) -> dict[str, Any]:
    """The body of ``menu/create``."""
    return {"button": [_line(line) for line in account.menu]}


def _line(line: MenuLine) -> dict[str, Any]:
    if line.lines:
        return {"name": line.name, "sub_button": [_line(below) for below in line.lines]}
    if line.url is not None:
        return {"type": "view", "name": line.name, "url": line.url}
    if line.scan:
        return {"type": "scancode_waitmsg", "name": line.name, "key": "scan"}
    return {"type": "click", "name": line.name, "key": menu_key(line)}
