"""What a conversation says, as WeChat can show it: plain text, cut at the ends of sentences by bytes. Pure.

The platform takes 2048 bytes of UTF-8 in a text message and refuses more (45002); there is no layout and no button in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hotline.channels.wechat import texts

#: Some accounts were refused one byte earlier.
MAX_BYTES = 2047
#: Where a text is cut by preference: after a blank line, a line, a sentence, a half-sentence.
_CUTS = (re.compile(r"\n\n"), re.compile(r"\n"), re.compile(r"[。！？!?]"), re.compile(r"[；，;,、 ]"))
#: Nothing is cut in front of this part of the room, so that no crumbs are sent.
_FULL_ENOUGH = 0.5


def size(text: str) -> int:
    """Bytes, as the platform counts."""
    return len(text.encode())


def spoken(
    author: str, agent: str | None, text: str, content: dict[str, Any], *, choices: bool = True
) -> str:
    """One line of the conversation, with the source of an answer and what may be chosen.

    Args:
        author: bot, agent or system.
        agent: the number of the agent, whom the citizen is to know from the bot.
        choices: False: what may be chosen is shown in another way.
    """
    parts = [text.strip()]
    if author == "agent":
        parts[0] = texts.AGENT_SAYS.format(agent=agent, text=parts[0])
    source = (content.get("card") or {}).get("source")
    if source and source["title"] not in text:
        parts.append(texts.SOURCE.format(**source))
    buttons = content.get("buttons", [])
    if buttons and choices:
        # The tiles of the welcome are named, and chosen by their names; all others have numbers.
        if content.get("menu"):
            lines = [f"· {button['title']}" for button in buttons]
            parts.append("\n".join([texts.CHOOSE_BY_NAME, *lines]))
        else:
            lines = [f"【{place}】{button['title']}" for place, button in enumerate(buttons, 1)]
            parts.append("\n".join([texts.CHOOSE, *lines]))
    return "\n\n".join(part for part in parts if part)


def titles(content: dict[str, Any]) -> list[str]:
    """The words of what may be chosen by number; the tiles of the welcome have none."""
    return [] if content.get("menu") else [button["title"] for button in content.get("buttons", [])]


def merged(lines: Sequence[str]) -> str:
    """Several lines as one message: each message costs one of the few that may be sent."""
    return "\n\n".join(line for line in lines if line)


def split(text: str, limit: int = MAX_BYTES) -> list[str]:
    """``text`` in parts of at most ``limit`` bytes, cut at the ends of sentences; nothing of it is lost."""
    parts = []
    rest = text.strip()
    while size(rest) > limit:
        at = _cut(rest, limit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> int:
    """How many characters the next part has."""
    fitting = len(text.encode()[:limit].decode(errors="ignore"))
    window = text[:fitting]
    for pattern in _CUTS:
        ends = [match.end() for match in pattern.finditer(window)]
        if ends and ends[-1] >= fitting * _FULL_ENOUGH:
            return ends[-1]
    return fitting
