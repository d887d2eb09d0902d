"""Table of the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now


class AuditLine(Base):
    """One thing somebody did. ``digest`` covers the line and the digest before it, so that a change shows."""

    __tablename__ = "audit_line"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(Text, index=True)
    role: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    #: What it was done to, for instance ``工单 20261125-00001``.
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    digest: Mapped[str] = mapped_column(Text)
