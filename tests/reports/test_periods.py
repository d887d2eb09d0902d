"""Which days a report is about, and those it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.reports.periods import KINDS, BadPeriod, Kind, Period, local_day

LATER = date(2030, 1, 1)


def days(period: Period) -> tuple[str, str]:
    return str(period.since), str(period.until)


@pytest.mark.parametrize(
    ("kind", "day", "own", "before", "year"),
    [
        ("day", "2028-02-29", ("02-29", "02-29"), ("2028-02-28",) * 2, ("2027-02-28",) * 2),
        # A leap year's February is compared with whole Februaries and Januaries.
        (
            "month",
            "2028-02-10",
            ("02-01", "02-29"),
            ("2028-01-01", "2028-01-31"),
            ("2027-02-01", "2027-02-28"),
        ),
        (
            "month",
            "2028-03-31",
            ("03-01", "03-31"),
            ("2028-02-01", "2028-02-29"),
            ("2027-03-01", "2027-03-31"),
        ),
        (
            "week",
            "2028-03-01",
            ("02-28", "03-05"),
            ("2028-02-21", "2028-02-27"),
            ("2027-03-01", "2027-03-07"),
        ),
        (
            "quarter",
            "2028-02-29",
            ("01-01", "03-31"),
            ("2027-10-01", "2027-12-31"),
            ("2027-01-01", "2027-03-31"),
        ),
        (
            "year",
            "2028-02-29",
            ("01-01", "12-31"),
            ("2027-01-01", "2027-12-31"),
            ("2027-01-01", "2027-12-31"),
        ),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_a_year_ago(
    kind: Kind, day: str, own: tuple[str, str], before: tuple[str, str], year: tuple[str, str]
) -> None:
    period = Period.of(kind, date.fromisoformat(day))

    assert days(period) == tuple(f"2028-{one}" for one in own)
    assert days(period.before(LATER)) == before
    assert days(period.year_before(LATER)) == year


def test_a_period_that_goes_on_is_compared_with_as_many_days() -> None:
    march = Period.of("month", date(2027, 3, 30))

    assert days(march.so_far(date(2027, 3, 10))) == ("2027-03-01", "2027-03-10")
    assert days(march.before(date(2027, 3, 10))) == ("2027-02-01", "2027-02-10")
    # February has no 30th: it is compared as a whole.
    assert days(march.before(date(2027, 3, 30))) == ("2027-02-01", "2027-02-28")
    assert days(march.year_before(date(2027, 3, 10))) == ("2026-03-01", "2026-03-10")
    # On its last day a period is whole.
    assert days(march.before(date(2027, 3, 31))) == ("2027-02-01", "2027-02-28")


def test_days_are_those_of_shanghai() -> None:
    since, until = Period.of("day", date(2026, 11, 28)).bounds

    assert since == datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert until == datetime(2026, 11, 28, 16, tzinfo=UTC)
    assert local_day(datetime(2026, 11, 27, 16, tzinfo=UTC)) == date(2026, 11, 28)
    assert local_day(datetime(2026, 11, 27, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 27)


@given(st.sampled_from(KINDS), st.sampled_from([date(2000, 1, 1), date(2099, 12, 31)]))
def test_also_the_first_and_the_last_day_are_compared(kind: Kind, day: date) -> None:
    period = Period.of(kind, day)

    for other in (period.before(LATER), period.year_before(LATER)):
        assert other.until < period.since
        assert other.words


def test_what_is_no_period_is_refused_in_chinese() -> None:
    for since, until in (
        ("2026-11-02", "2026-11-01"),
        ("2020-01-01", "2026-11-01"),
        ("0001-01-01", "0001-01-02"),
    ):
        with pytest.raises(BadPeriod) as caught:
            Period.between(date.fromisoformat(since), date.fromisoformat(until))
        assert not str(caught.value).isascii()


@given(st.sampled_from(KINDS), st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 500))
def test_the_steps_of_a_period_are_its_days(kind: Kind, day: date, more: int) -> None:
    until = min(date.fromordinal(day.toordinal() + more), date(2099, 12, 31))
    period = Period.between(day, until) if kind == "range" else Period.of(kind, day)

    steps = period.steps()

    if period.step == "hour":
        assert len(steps) == 24
        return
    assert steps[0].since == period.since
    assert steps[-1].until == period.until
    assert all(a.until.toordinal() + 1 == b.since.toordinal() for a, b in pairwise(steps))
