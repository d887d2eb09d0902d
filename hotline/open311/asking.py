"""What other systems ask for: the arguments of a query, read into what is looked up. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hotline.open311 import texts
from hotline.open311.catalogue import Catalogue
from hotline.open311.documents import clean
from hotline.open311.errors import Open311Error
from hotline.work_orders.published import Wanted

#: The span of one query, and how many come back, by the standard.
MAX_SPAN = timedelta(days=90)
MOST = 1000
#: The updates of so long when no time is named; who polls asks for less.
UPDATES_SPAN = timedelta(days=1)
_MAX_PAGE = 100_000

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[ +-]\d\d:?\d\d)", re.ASCII)

Arguments = Mapping[str, str | None]
Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of what is found."""

    limit: int
    offset: int = 0


def read_query(asked: Arguments, catalogue: Catalogue, now: datetime) -> tuple[Wanted, Page]:
    """Which orders are asked for.

    Raises:
        Open311Error: 404, no such service; 400, an argument is wrong.
    """
    # Numbers stand over all else.
    if numbers := _listed(asked, "service_request_id"):
        if len(numbers) > MOST:
            raise Open311Error(400, texts.TOO_MANY_IDS.format(most=MOST))
        return Wanted(numbers=numbers), Page(limit=MOST)
    topics = _listed(asked, "service_code")
    for code in topics:
        if code not in catalogue.services:
            raise Open311Error(404, texts.NO_SERVICE.format(value=code[:64]))
    statuses = set(_listed(asked, "status"))
    if statuses - {"open", "closed"}:
        raise Open311Error(400, texts.BAD_STATUS)
    updated = _moment(asked, "updated_after"), _until(_moment(asked, "updated_before"))
    given = _moment(asked, "start_date"), _moment(asked, "end_date")
    # Who asks for what changed lately wants old orders as well.
    created: Span = (None, None) if any(updated) and not any(given) else _span(given, MAX_SPAN, now)
    wanted = Wanted(
        topics=topics or None,
        ended=None if len(statuses) != 1 else statuses == {"closed"},
        created=created,
        updated=updated,
    )
    return wanted, read_page(asked)


def read_updates_query(asked: Arguments, now: datetime) -> tuple[Span, Page]:
    """Whose steps are asked for: from when to when.

    Raises:
        Open311Error: 400, an argument is wrong.
    """
    given = _moment(asked, "start_date"), _moment(asked, "end_date")
    return _span(given, UPDATES_SPAN, now), read_page(asked)


def read_page(asked: Arguments) -> Page:
    """Which page, and how long it is.

    Raises:
        Open311Error: 400, no such number.
    """
    size = _number(asked, "page_size", MOST, MOST)
    return Page(limit=size, offset=(_number(asked, "page", 1, _MAX_PAGE) - 1) * size)


def parse_moment(field: str, words: str) -> datetime:
    """A time with its offset, in UTC.

    Raises:
        Open311Error: 400, it is none.
    """
    wrong = Open311Error(400, texts.BAD_DATE.format(field=field))
    if not _MOMENT.fullmatch(words):
        raise wrong
    try:
        # A plus that was not escaped arrives as a blank.
        return datetime.fromisoformat(words.replace(" ", "+").upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None


def _moment(asked: Arguments, field: str) -> datetime | None:
    words = (asked.get(field) or "").strip()
    return parse_moment(field, words) if words else None


def _span(given: Span, usual: timedelta, now: datetime) -> Span:
    """From and until, which is not included; what is not given follows from what is."""
    since, end = given
    if since is not None and end is not None:
        if since > end:
            raise Open311Error(400, texts.DATES_CROSSED)
        if end - since > MAX_SPAN:
            raise Open311Error(400, texts.SPAN_TOO_LONG)
        return since, _until(end)
    try:
        if since is not None:
            return since, since + MAX_SPAN
        if end is not None:
            return end - MAX_SPAN, _until(end)
    except OverflowError:
        raise Open311Error(400, texts.BAD_DATE.format(field="start_date、end_date")) from None
    return now - usual, None


def _until(end: datetime | None) -> datetime | None:
    """The first moment after: times are shown in whole seconds, and the last second belongs to them."""
    try:
        return end and end.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        return None


def _listed(asked: Arguments, field: str) -> list[str]:
    parts = (part.strip() for part in clean(asked.get(field) or "").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _number(asked: Arguments, field: str, usual: int, most: int) -> int:
    words = (asked.get(field) or "").strip()
    if not words:
        return usual
    if not re.fullmatch(r"\d{1,9}", words, re.ASCII) or not 1 <= int(words) <= most:
        raise Open311Error(400, texts.BAD_NUMBER.format(field=field, least=1, most=most))
    return int(words)
