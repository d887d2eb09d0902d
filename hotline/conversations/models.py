"""Tables of the conversations."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

#: Reason of a handover that nobody asked for.
TAKEN_OVER = "taken_over"


class Conversation(Base):
    """One citizen's conversation with the hotline, on one channel."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("mode IN ('bot', 'queued', 'human')", name="mode"),
        Index("ix_conversation_queue", "queued_at", postgresql_where=text("mode = 'queued'")),
        Index("ix_conversation_held", "agent", postgresql_where=text("mode = 'human'")),
        Index("ix_conversation_elsewhere", "id", postgresql_where=text("elsewhere IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    channel: Mapped[str] = mapped_column(Text)
    #: Who answers: the bot, nobody yet (waiting for an agent), or an agent.
    mode: Mapped[str] = mapped_column(Text, default="bot")
    queued_at: Mapped[datetime | None]
    queue_reason: Mapped[str | None] = mapped_column(Text)
    #: What comes first in the queue: 2 an emergency, 1 what a person had before, 0 the others.
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    #: The team (组) that it waits for; None: any agent.
    team: Mapped[str | None] = mapped_column(Text)
    #: The number of the agent who speaks, when ``mode`` is ``human``.
    agent: Mapped[str | None] = mapped_column(Text)
    #: Since when this agent has it.
    claimed_at: Mapped[datetime | None]
    #: Where it waits, or a person has it, when that is not at our console: nobody may speak in it here. In words.
    elsewhere: Mapped[str | None] = mapped_column(Text)
    #: The ``seq`` of the newest message.
    last_seq: Mapped[int] = mapped_column(default=0)
    #: When the citizen first said something; None: the page was opened, no more. Figures count by it.
    began_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Whether the bot had an answer to what it was asked last. What it understood is not kept for ever, this is.
    bot_answered: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: Made by ``hotline demo``: no citizen is there.
    demo: Mapped[bool] = mapped_column(default=False, server_default="false")


class Handover(Base):
    """One time that people had to do with a conversation: from the wish for a person until the bot has it again.

    The conversation itself knows only how it stands now; this is what the figures are made of.
    """

    __tablename__ = "handover"
    __table_args__ = (
        # At most one goes on.
        Index("uq_handover_open", "conversation_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Conversation.id), index=True)
    #: Why it was asked for, as ``queue_reason`` has it; :data:`TAKEN_OVER`: an agent came unasked.
    reason: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: When the first agent took it.
    claimed_at: Mapped[datetime | None]
    #: The agent who had it last.
    agent: Mapped[str | None] = mapped_column(Text, index=True)
    #: When an agent first said something.
    replied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Message(Base):
    """One line of a conversation. ``seq`` counts from 1 within the conversation, in order of commit."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("author IN ('citizen', 'bot', 'agent', 'system')", name="author"),
        # A delivery that comes twice, and an answer that is made twice, meet these.
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("conversation_id", "reply_to", "ordinal"),
        Index("ix_message_pending", "created_at", postgresql_where=text("state = 'pending'")),
        Index("ix_message_useless", "created_at", postgresql_where=text("feedback IS FALSE")),
    )

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Conversation.id), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(Text)
    #: The number of the agent who wrote it.
    agent: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    #: What a pressed button stands for; made by the bot, never by the citizen.
    command: Mapped[str | None] = mapped_column(Text)
    #: Buttons, card, and what else the channel shows.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    client_id: Mapped[str | None] = mapped_column(Text)
    reply_to: Mapped[int | None]
    ordinal: Mapped[int | None]
    #: ``pending``: the bot still has to answer this citizen's message.
    state: Mapped[str] = mapped_column(Text, default="done")
    #: What was understood: intent, confidence, entities, matter, candidates, aspect …
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: Whether the citizen found the answer useful.
    feedback: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
