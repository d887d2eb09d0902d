"""Tables of the open interface: its keys, and what came in with a request beside the order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

#: ``create``: hand in requests. ``updates``: add to requests of others too. ``read-all``: read what came in elsewhere.
SCOPES = ("create", "updates", "read-all")


class ApiKey(Base):
    """A key with which another system calls. The key itself is not kept, only what tells whether it is the one."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint(
            "cardinality(scopes) > 0 AND scopes <@ ARRAY['create', 'updates', 'read-all']", name="scopes"
        ),
        CheckConstraint("rate > 0", name="rate"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: The readable part of the key, by which it is found.
    handle: Mapped[str] = mapped_column(Text, unique=True)
    #: SHA-256 of the whole key, hexadecimal.
    digest: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    #: Who answers for it: the unit and the person.
    owner: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: Calls a minute.
    rate: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(Text)


class Open311Request(Base):
    """A request that came in, beside the work order that was made of it (``draft`` is the order's)."""

    __tablename__ = "open311_request"
    #: Two that send the same at the same time come to the same row.
    __table_args__ = (UniqueConstraint("fingerprint", "round"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey(ApiKey.id), index=True)
    draft: Mapped[str] = mapped_column(Text, unique=True)
    #: Given instead of the number where the service is of the type ``batch``.
    token: Mapped[str] = mapped_column(Text, unique=True)
    #: The same for the same request sent again.
    fingerprint: Mapped[str] = mapped_column(Text)
    #: How many with this fingerprint had ended before.
    round: Mapped[int]
    service_code: Mapped[str] = mapped_column(Text)
    address_id: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    #: What was answered to the service's questions: ``{code: [value, …]}``.
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    #: Addresses of pictures. Nothing is fetched from them.
    media: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
