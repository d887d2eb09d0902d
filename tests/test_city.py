"""All that is local to a city is read from its folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hotline.city import City
from hotline.settings import ROOT
from hotline.work_orders.models import NATURES


def test_another_city_is_another_folder(tmp_path: Path) -> None:
    (tmp_path / "hotline.yml").write_text("{city: 长沙, name: 长沙市12345热线}", encoding="utf-8")
    (tmp_path / "deadlines.yml").write_text(
        "deadlines: [{nature: 咨询, working_days: 1}, {nature: 投诉, working_days: 7}]", encoding="utf-8"
    )
    (tmp_path / "holidays.yml").write_text(
        "workdays: [2026-10-03]\nholidays: ['2026-10-09']", encoding="utf-8"
    )

    city = City.load(tmp_path)

    assert (city.name, city.hotline_name) == ("长沙", "长沙市12345热线")
    assert city.working_days("投诉") == 7
    assert city.calendar.is_working_day(date(2026, 10, 3))
    assert not city.calendar.is_working_day(date(2026, 10, 9))


@pytest.mark.parametrize("folder", sorted((ROOT / "data" / "city").iterdir()), ids=lambda path: path.name)
def test_every_city_promises_something_for_every_nature(folder: Path) -> None:
    city = City.load(folder)

    assert set(city.deadlines) == set(NATURES)
    assert all(1 <= days <= 60 for days in city.deadlines.values())
    assert city.name in city.hotline_name
