"""What is kept of a handover when it happens at the desk: the figures are made of it."""

from __future__ import annotations

from sqlalchemy import select

from hotline.conversations.models import Conversation, Handover
from tests.desk.conftest import Office, key, office, settings

__all__ = ["office", "settings"]


async def _handovers(office: Office, conversation: str) -> list[Handover]:
    async with office.database.transaction() as session:
        query = select(Handover).where(Handover.conversation_id == conversation).order_by(Handover.id)
        return list(await session.scalars(query))


async def test_a_handover_is_kept_from_the_wish_to_its_end(office: Office) -> None:
    first, second = await office.agent("1024"), await office.agent("1025")
    citizen, conversation = await office.waiting("想问医保")

    (waiting,) = await _handovers(office, conversation)
    assert (waiting.reason, waiting.claimed_at, waiting.replied_at, waiting.ended_at) == (
        "citizen",
        None,
        None,
        None,
    )

    # Given on to a colleague it is the same handover, and who spoke first has answered it.
    await first.done(conversation, "claim")
    await first.done(conversation, "messages", client_id=key(), text="您好，请讲。")
    await first.done(conversation, "transfer", agent="1025")
    await second.done(conversation, "messages", client_id=key(), text="我来帮您查。")
    await second.done(conversation, "hand-back")
    (over,) = await _handovers(office, conversation)
    assert over.agent == "1025"
    assert over.claimed_at is not None
    assert over.replied_at is not None
    assert over.ended_at is not None
    assert over.began_at <= over.claimed_at <= over.replied_at <= over.ended_at

    # Who leaves the queue was answered by nobody; an agent who comes unasked is told apart.
    await citizen.send("转人工")
    while (await citizen.poll(0))["conversation"]["mode"] == "bot":
        await citizen.poll(0, wait=1)
    await citizen.send("不等了")
    while (await citizen.poll(0))["conversation"]["mode"] != "bot":
        await citizen.poll(0, wait=1)
    await first.done(conversation, "take-over")
    _, left, helped = await _handovers(office, conversation)
    assert (left.reason, left.claimed_at, left.replied_at) == ("citizen", None, None)
    assert left.ended_at is not None
    assert (helped.reason, helped.agent, helped.ended_at) == ("taken_over", "1024", None)

    async with office.database.transaction() as session:
        kept = await session.get(Conversation, left.conversation_id)
    assert kept is not None
    assert kept.began_at is not None
    assert kept.bot_answered is True


async def test_a_page_that_is_only_opened_has_not_begun(office: Office) -> None:
    await office.service.citizen()

    async with office.database.transaction() as session:
        (opened,) = (await session.scalars(select(Conversation))).all()
    assert (opened.began_at, opened.bot_answered) == (None, None)
