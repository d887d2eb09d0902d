"""What the sender needs of each kind of account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hotline.channels.wechat.notices import Notice


@dataclass(frozen=True, kw_only=True)
class Menu:
    """Choices to tap: what stands over them, and each one's words."""

    head: str
    titles: Sequence[str]

    @classmethod
    def read(cls, kept: dict[str, Any] | None) -> Menu | None:
        """Out of the column in which it is kept."""
        return None if kept is None else cls(head=kept["head"], titles=tuple(kept["titles"]))


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message: its text, the choices numbered in it; and the same with choices to tap, where that is possible."""

    #: The same at every try.
    key: str
    text: str
    menu: Menu | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notice that was sent in the place of a message. ``number``: the platform's, under which it tells what became of it."""

    number: str | None


class Outlet(Protocol):
    """One account, as far as it writes to citizens."""

    async def send(self, openid: str, said: Said) -> None:
        """Send a message.

        Raises:
            WechatError: it was not taken.
        """
        ...

    async def tell(self, openid: str, notice: Notice) -> Told | None:
        """Tell of an order when nothing else may be sent any more; None: there is no way.

        Raises:
            WechatError: it was not taken.
        """
        ...
