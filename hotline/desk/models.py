"""Tables of the desk: who is on duty, notes, canned replies, the office's settings."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.conversations.models import Conversation
from hotline.database import Base, now


class DeskAgent(Base):
    """Somebody who has been on duty at the desk, and how it stands now."""

    __tablename__ = "desk_agent"
    __table_args__ = (
        CheckConstraint("status IN ('online', 'break', 'offline')", name="status"),
        CheckConstraint('"limit" >= 0', name="limit"),
    )

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    #: As the account says at the time of coming on duty.
    name: Mapped[str] = mapped_column(Text, default="")
    team: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="offline")
    since: Mapped[datetime] = mapped_column(default=now)
    #: The last sign of the console.
    seen_at: Mapped[datetime] = mapped_column(default=now)
    #: When the signs stopped; None: they come, or the agent has gone off duty by intent.
    gone_at: Mapped[datetime | None]
    #: Since when nothing was given to the agent: of several with as few, the one idle longest is next.
    idle_since: Mapped[datetime] = mapped_column(default=now)
    #: Conversations at a time; None: the office's own limit.
    limit: Mapped[int | None]

    @property
    def there(self) -> str:
        """The status as it is in truth: whose console is gone is off duty."""
        return "offline" if self.gone_at else self.status


class DeskNote(Base):
    """A line that colleagues write into a conversation for each other."""

    __tablename__ = "desk_note"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'transfer', 'hand_back', 'gone')", name="kind"),
        UniqueConstraint("conversation_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Conversation.id), index=True)
    #: The message behind which it stands.
    after: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    #: Of a transfer: the colleague or the team.
    to: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class DeskReply(Base):
    """A canned reply (快捷回复)."""

    __tablename__ = "desk_reply"
    __table_args__ = (UniqueConstraint("owner", "code"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: The agent whose own it is; empty: everybody's.
    owner: Mapped[str] = mapped_column(Text)
    #: What is typed to get it.
    code: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class DeskSetting(Base):
    """How the office works; one row at most, and without one the defaults hold."""

    __tablename__ = "desk_setting"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Whether waiting conversations go to agents by themselves.
    automatic: Mapped[bool]
    #: Conversations one agent has at a time.
    limit: Mapped[int]
    #: After so many seconds more the conversations of somebody who is gone go back into the queue.
    grace_seconds: Mapped[int]
