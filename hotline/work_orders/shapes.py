"""The shapes in which orders leave the service for people at work; the OpenAPI document is made of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from typing_extensions import TypedDict


class ClockShape(TypedDict):
    """How an order stands with its promised date. ``state``: 正常 临期 逾期 暂停 停止."""

    state: str
    words: str


class Line(TypedDict):
    """One line of a list."""

    number: str
    version: int
    nature: str
    topic: str | None
    topic_name: str | None
    status: str
    urgency: str
    enterprise: bool
    source: str
    what: str
    where: str
    area: str | None
    street: str | None
    lead_unit: str | None
    lead_unit_name: str | None
    promised_date: date
    clock: ClockShape
    overdue: bool
    supervision_level: int
    supervision: str | None
    rating: str | None
    redone: int
    created_at: datetime
    #: It was made by ``hotline demo``.
    demo: bool


class TakenLine(Line):
    """An order that was just taken down: the code is told to the caller, and never shown again."""

    query_code: str


class Caller(TypedDict):
    """Who called, as far as the role may know."""

    name: str | None
    phone: str | None
    anonymous: bool


class Assisting(TypedDict):
    """An assisting unit."""

    unit: str
    name: str
    duty: str
    opinion: str | None


class Asked(TypedDict):
    """A unit's request (退单, 延期); ``granted`` is None as long as it waits."""

    kind: str
    unit: str
    reason: str
    days: int | None
    asked_at: datetime
    granted: bool | None
    note: str


class Event(TypedDict):
    """One line of the timeline. ``public``: the citizen sees it; ``findings``: what was doubtful about an answer."""

    at: datetime
    actor: str
    role: str
    unit: str | None
    action: str
    status: str
    note: str
    public: bool
    findings: list[str]


class Photograph(TypedDict):
    """A photograph; ``size`` in bytes, sides in pixels. ``number``: the order, this one or one merged into it."""

    id: uuid.UUID
    number: str
    kind: str
    width: int
    height: int
    size: int
    by: str
    at: datetime


class Need(TypedDict):
    """Something an action needs: its name for programs, and for people."""

    field: str
    name: str


class Possible(TypedDict):
    """An action that may be done now."""

    action: str
    needs: list[Need]


class Duty(TypedDict):
    """A unit and what it is to do."""

    unit: str
    duty: str


class Letter(TypedDict):
    """办理函 or 专题报告; ``approved`` is None as long as it waits."""

    kind: str
    lead: str
    assisting: list[Duty]
    days: int
    body: str
    approved: bool | None
    note: str
    drafted_at: datetime


class Likely(TypedDict):
    """Another order that is likely the same case; ``same`` is None until somebody has looked."""

    number: str
    status: str
    what: str
    where: str
    created_at: datetime
    score: float
    reason: str
    same: bool | None


class Delivery(TypedDict):
    """Something that was to be told."""

    id: int
    to: str
    event: str
    text: str
    state: str
    attempts: int
    at: datetime


class Case(Line):
    """The whole case, as its units see it."""

    when: str
    confidential: bool
    content_confidential: bool
    note: str
    caller: Caller
    assignment: str | None
    designated: bool
    answer: str | None
    answered_at: datetime | None
    rating_reason: str
    merged_into: str | None
    members: list[str]
    assisting: list[Assisting]
    requests: list[Asked]
    events: list[Event]
    attachments: list[Photograph]
    actions: list[Possible]


class OfficeCase(Case):
    """The whole case, as the hotline's own people see it."""

    proposal: dict[str, Any] | None
    letters: list[Letter]
    likely_same: list[Likely]
    deliveries: list[Delivery]


class GivenAway(TypedDict):
    """What a unit still sees of an order that it has given away."""

    number: str
    version: int
    status: str


class ToTell(TypedDict):
    """A citizen to ring up, or a delivery that failed; ``text`` are the words to say."""

    id: int
    number: str
    state: str
    event: str
    text: str
    error: str
