"""Tables of what is handed to other systems."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

#: 死信: waits for a person, who has it tried again or gives it up (已放弃).
STATES = ("待发送", "已送达", "死信", "已放弃")


class OutsideMessage(Base):
    """One message to another system, written in the transaction of the step that causes it.

    The messages of one order to one system go in the order of their ids.
    """

    __tablename__ = "outside_message"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
        Index("ix_outside_message_order_id_system", "order_id", "system", "id"),
        Index(
            "ix_outside_message_open",
            "system",
            "next_try_at",
            postgresql_where=text("state IN ('待发送', '死信')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("hotline.work_order.id"))
    system: Mapped[str] = mapped_column(Text)
    #: ``order``, or a kind of event; see ``hotline/outside/messages.py``.
    kind: Mapped[str] = mapped_column(Text)
    #: The Idempotency-Key: the same however often it is sent.
    key: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    #: Codes of the system's units that the order is at, when this was written; the lead first.
    units: Mapped[list[str]] = mapped_column(JSONB)
    #: What is sent. Emptied some time after it has arrived: there are citizens' words in it.
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="待发送")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    error: Mapped[str] = mapped_column(Text, default="")
    #: What the other system calls it.
    external_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    #: The call that a person was asked to make when it could not be delivered.
    call_id: Mapped[int | None]


class OutsideNonce(Base):
    """A number that another system has used on a request; kept as long as the request could be sent again."""

    __tablename__ = "outside_nonce"

    system: Mapped[str] = mapped_column(Text, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
