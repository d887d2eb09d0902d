"""Table of the calendar."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now


class CalendarDay(Base):
    """A day that somebody set; it stands over the city's holidays.yml and the announced holidays."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    #: Whether offices work on it: 上班 or 放假.
    working: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=now)
