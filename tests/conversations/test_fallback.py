"""Without the dialogue engine the citizen gets what is known, honestly said, or an agent."""

from __future__ import annotations

import pytest

from hotline.conversations import texts
from hotline.conversations.fallback import answer_without_engine
from hotline.conversations.processor import Fallback
from hotline.knowledge.service import Knowledge, read_base
from hotline.settings import Settings


@pytest.fixture(scope="module")
def fallback() -> Fallback:
    """A fallback on the real knowledge base."""
    knowledge = Knowledge(None, encoder="none")
    knowledge.build(*read_base(Settings().data_dir / "knowledge"))
    return answer_without_engine(knowledge)


async def test_an_emergency_comes_first(fallback: Fallback) -> None:
    answer = await fallback("家里着火了")

    (reply,) = answer.replies
    assert "119" in reply["text"]
    assert reply["buttons"] == texts.ENGINE_DOWN_BUTTONS


async def test_a_clear_question_is_answered_and_the_trouble_said(fallback: Fallback) -> None:
    answer = await fallback("社保卡丢了怎么补办")

    said, found = answer.replies
    assert said["text"] == texts.ENGINE_DOWN
    assert "社保卡" in found["text"]
    assert found["buttons"] == texts.ENGINE_DOWN_BUTTONS
    assert answer.evidence["fallback"] is True


@pytest.mark.parametrize("words", ["哈哈哈", "？？？", "今天天气真好"])
async def test_anything_else_is_not_guessed_at(fallback: Fallback, words: str) -> None:
    answer = await fallback(words)

    (reply,) = answer.replies
    assert reply == {"text": texts.ENGINE_DOWN_NOTHING, "buttons": texts.ENGINE_DOWN_BUTTONS}
