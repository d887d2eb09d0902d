"""The shapes in which figures leave the service; the OpenAPI document is made of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from hotline.reports.indicators import Form, Of
from hotline.reports.periods import Kind, Step
from hotline.work_orders import shapes

ColumnForm = Literal["count", "rate", "share", "change"]


class PeriodOut(BaseModel):
    """Days in Shanghai, both included."""

    kind: Kind
    since: date
    until: date
    days: int
    words: str


class PartOut(BaseModel):
    """A number that opens its rows."""

    measure: str
    name: str
    count: int


class FigureOut(BaseModel):
    """One indicator; ``value`` is None where there is nothing to reckon with."""

    key: str
    name: str
    form: Form
    value: float | None
    how: str = Field(description="怎么算的")
    parts: list[PartOut] = Field(description="Of a rate: numerator, the rest, denominator.")
    before: float | None = Field(description="环比: the period before; None: there are no data.")
    year: float | None = Field(description="同比: the same period a year before; None: there are no data.")


class ColumnOut(BaseModel):
    """A column of a table: ``measure`` is what a click on a cell opens."""

    key: str
    name: str
    form: ColumnForm
    measure: str


class RowOut(BaseModel):
    """A line of a table; the cells stand in the order of the columns. ``value`` empty: nothing is filled in there."""

    value: str
    label: str
    parent: str | None = None
    cells: list[float | None]


class TableOut(BaseModel):
    """Figures by one dimension, the largest first."""

    key: str
    name: str
    columns: list[ColumnOut]
    rows: list[RowOut]


class PointOut(BaseModel):
    """One step of the course, from ``since`` to ``until`` (days in Shanghai, both included)."""

    label: str
    since: date
    until: date
    counts: dict[str, int]


class CourseOut(BaseModel):
    """How it went; ``names`` of the measures."""

    step: Step
    names: dict[str, str]
    points: list[PointOut]


class ReportOut(BaseModel):
    """The report of one period."""

    period: PeriodOut
    running: bool = Field(description="The period goes on: it is compared with as many days.")
    before: PeriodOut | None
    year: PeriodOut | None
    scope: str = Field(description="Whose figures they are, in words.")
    demo: bool = Field(description="Made-up data (hotline demo) are among them.")
    counted_at: datetime
    figures: list[FigureOut]
    course: CourseOut
    tables: list[TableOut]


class BoardOut(BaseModel):
    """Today, up to now. Units have no ``desk``."""

    day: date
    scope: str
    demo: bool
    counted_at: datetime
    standing: list[PartOut]
    desk: DeskOut | None
    figures: list[FigureOut]
    course: CourseOut
    tables: list[TableOut]


class OnDutyOut(BaseModel):
    """An agent who is on duty."""

    number: str
    name: str
    team: str
    status: Literal["online", "break"]
    load: int


class DeskOut(BaseModel):
    """The desk as it is now."""

    waiting: int
    longest_seconds: int
    in_hand: int
    on_duty: list[OnDutyOut]


class TalkOut(BaseModel):
    """A conversation, or one of its handovers; what was said is not in it."""

    id: uuid.UUID
    channel: str
    at: datetime
    mode: Literal["bot", "queued", "human"]
    agent: str | None
    reason: str | None
    waited_seconds: float | None


class RowsOut(BaseModel):
    """A page of the rows that make up a number, newest first."""

    measure: str
    name: str
    of: Of
    parts: list[PartOut] = Field(description="The numbers of the same rate, to look at instead.")
    how: str
    where: str = Field(description="Of what: the value of the dimension, in words.")
    period: PeriodOut | None
    total: int
    orders: list[shapes.Line]
    talks: list[TalkOut]


BoardOut.model_rebuild()
