"""What the citizen hears while the dialogue engine is away: the knowledge base without dialogue, honestly said."""

from __future__ import annotations

from typing import Any

from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer
from hotline.conversations.processor import Fallback
from hotline.database import now
from hotline.knowledge.answers import Question
from hotline.knowledge.service import Knowledge
from hotline.language.emergency import detect_emergency


def answer_without_engine(knowledge: Knowledge) -> Fallback:
    """A fallback that answers from ``knowledge``."""

    async def answer(words: str) -> EngineAnswer:
        evidence: dict[str, Any] = {"intent": None, "confidence": 0.0, "fallback": True, "entities": []}
        emergency = detect_emergency(words)
        if emergency is not None:
            numbers = "、".join(emergency.numbers)
            reply = texts.ENGINE_DOWN_EMERGENCY.format(numbers=numbers)
            return EngineAnswer([{"text": reply, "buttons": texts.ENGINE_DOWN_BUTTONS}], evidence)
        found = await knowledge.answer(Question(text=words, today=now().date()))
        if found.outcome != "answer":
            buttons = texts.ENGINE_DOWN_BUTTONS
            return EngineAnswer([{"text": texts.ENGINE_DOWN_NOTHING, "buttons": buttons}], evidence)
        return EngineAnswer(
            [{"text": texts.ENGINE_DOWN}, found.reply | {"buttons": texts.ENGINE_DOWN_BUTTONS}], evidence
        )

    return answer
