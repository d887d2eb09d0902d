"""Table of the demo data: one row while there are any."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now


class DemoFill(Base):
    """The demo data that are there. What belongs to them the orders' drafts and the conversations themselves say."""

    __tablename__ = "demo_fill"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    filled_at: Mapped[datetime] = mapped_column(default=now)
    seed: Mapped[int]
    days: Mapped[int]
    orders: Mapped[int]
    conversations: Mapped[int]
    #: The numbers of the accounts that were made with it.
    people: Mapped[list[str]] = mapped_column(ARRAY(Text))
