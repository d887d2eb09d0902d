"""Tables of the photographs."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now


class Attachment(Base):
    """A photograph that a citizen has sent in a conversation, or that somebody at work has added to an order."""

    __tablename__ = "attachment"
    __table_args__ = (
        # The same upload twice meets these: a citizen's in the conversation, a unit's at the order.
        UniqueConstraint("conversation_id", "client_id"),
        Index(
            "uq_attachment_added",
            "order_id",
            "client_id",
            unique=True,
            postgresql_where=text("conversation_id IS NULL"),
        ),
        CheckConstraint("conversation_id IS NOT NULL OR order_id IS NOT NULL", name="somewhere"),
        # Uploaded, and not sent yet: looked for every hour.
        Index(
            "ix_attachment_unsent",
            "created_at",
            postgresql_where=text("message_seq IS NULL AND order_id IS NULL"),
        ),
    )

    #: Not to be guessed: it stands in addresses.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conversation_id: Mapped[uuid.UUID | None]
    #: The message it was sent with; empty: uploaded only.
    message_seq: Mapped[int | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("hotline.work_order.id"), index=True)
    #: The citizen was told that it goes with the order that is being filled in.
    promised: Mapped[bool] = mapped_column(default=False)
    client_id: Mapped[str] = mapped_column(Text)
    #: ``citizen``, or the number of the one who added it.
    actor: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    #: The file: the hash of what is in it.
    sha256: Mapped[str] = mapped_column(Text, index=True)
    #: In pixels, and in bytes.
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class AttachmentRemoval(Base):
    """A file whose last row was deleted and that is still to be taken off the disk."""

    __tablename__ = "attachment_removal"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
