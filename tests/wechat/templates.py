"""Template and subscription messages, as the platform takes them: strict about what stands in each field."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

#: By the kind of a field: what the platform takes (its page 订阅消息参数值内容限制), read by other eyes than the service's.
_TAKES = {
    "thing": r".{1,20}",
    "phrase": r"[一-龥]{1,5}",
    "character_string": r"[\x21-\x7e]{1,32}",
    "number": r"\d{1,32}",
    "time": r"(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d{2}",
    "date": r"\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2})?",
}
_SAME_SECONDS = 600
_numbers = itertools.count(200_228_332)


@dataclass
class Templates:
    """The account's templates, and who has refused them."""

    #: Ids; None: any.
    known: set[str] | None = None
    refused_by: set[str] = field(default_factory=set)
    #: By openid and the account's own key: when it was sent, under which number.
    _sent: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def refusal(self, body: dict[str, Any]) -> int | None:
        """The error code, if it is not taken."""
        if self.known is not None and body.get("template_id") not in self.known:
            return 40037
        if body["touser"] in self.refused_by:
            return 43101
        for key, given in body.get("data", {}).items():
            kind = re.sub(r"\d+$", "", key)
            if not re.fullmatch(_TAKES.get(kind, ".*"), given["value"]):
                return 47003
        return None

    def number(self, body: dict[str, Any]) -> tuple[int, bool]:
        """The number under which it is sent, and whether it is sent now or was before."""
        key = body["touser"], body.get("client_msg_id") or f"none{next(_numbers)}"
        at, number = self._sent.get(key, (0.0, 0))
        if time.time() - at < _SAME_SECONDS:
            return number, False
        number = next(_numbers)
        self._sent[key] = time.time(), number
        return number, True
