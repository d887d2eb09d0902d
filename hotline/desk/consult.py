"""Looking things up for an agent: an answer of the knowledge base with its source, ready to be sent. Nothing is counted."""

from __future__ import annotations

from typing import Any

from hotline.database import now
from hotline.knowledge.answers import Answer, Named, Question
from hotline.knowledge.service import Knowledge
from hotline.work_orders.deadlines import SHANGHAI


async def look_up(knowledge: Knowledge, words: str, *, limit: int) -> dict[str, Any]:
    """The answer to a question, when there is a sure one, and the matters that may be meant."""
    found = await knowledge.answer(Question(text=words, today=_today()))
    candidates = await knowledge.search(words, limit=limit)
    return {"answer": _answer(found), "candidates": [_named(item) for item in candidates]}


async def of_matter(knowledge: Knowledge, code: str, aspect: str | None) -> dict[str, Any]:
    """What the base says of one matter, or of one aspect of it."""
    asked = Question(text="", today=_today(), command_matter=code, command_aspect=aspect)
    return {"answer": _answer(await knowledge.answer(asked)), "candidates": []}


def _today() -> Any:
    return now().astimezone(SHANGHAI).date()


def _answer(found: Answer) -> dict[str, Any] | None:
    if found.outcome != "answer" or found.matter is None:
        return None
    text = str(found.reply.get("text") or "")
    line = str(found.reply.get("source") or "")
    return {
        "text": text,
        "source": (found.reply.get("card") or {}).get("source"),
        "matter": _named(found.matter),
        "insert": text if not line or line in text else f"{text}\n{line}",
        "office_notes": found.office_notes,
    }


def _named(item: Named) -> dict[str, Any]:
    return {"code": item.code, "title": item.title, "confidence": item.confidence}
