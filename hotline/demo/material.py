"""What demo data are made of: the sentences of ``data/demo``, and places of the city. No person in it is real."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hotline.yaml_files import read_yaml

_SURNAMES = "李王张刘陈杨周黄吴罗唐谭彭曾肖邓何谢袁贺"
_CALLED = ("先生", "女士", "师傅", "老师")
_LEFT_OUT = re.compile("(社区|村)?(居民委员会|居委会|村民委员会|村委会)$")
#: Districts of cities have streets, the counties around them are called less often about villages than they have.
_VILLAGE = ("village", "river")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something happens: codes, how it is written down, and how people call it."""

    area: str
    street: str
    written: str
    called: str


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One topic, with what is said about it. ``natures`` and their shares are of all orders of that nature."""

    topic: str
    natures: Mapping[str, float]
    spots: Sequence[str]
    what: Sequence[str]
    found: Sequence[str]
    basis: str
    done: Sequence[str]
    enterprise: bool = False


@dataclass(frozen=True, kw_only=True)
class Hot:
    """What many complain of in a few days."""

    topic: str
    spot: str
    days: int
    callers: int
    now: int
    what: Sequence[str]
    found: Sequence[str]
    done: Sequence[str]


@dataclass(frozen=True)
class Material:
    """All of it. ``say`` and ``talk`` are the sentences by name."""

    themes: Sequence[Theme]
    hot: Sequence[Hot]
    say: Mapping[str, Any]
    talk: Mapping[str, Any]
    _communities: Mapping[str, Sequence[Mapping[str, str]]]
    _shares: Mapping[str, float]

    @classmethod
    def load(cls, data_dir: Path, city_dir: Path) -> Material:
        """Read ``data/demo`` and the city's places."""
        orders = read_yaml(data_dir / "demo" / "orders.yml")
        talk = read_yaml(data_dir / "demo" / "talks.yml")
        themes = [Theme(**item) for item in orders.pop("topics")]
        hot = [Hot(**item) for item in orders.pop("hot")]
        communities: dict[str, list[dict[str, str]]] = {}
        with (city_dir / "villages.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                communities.setdefault(row["areaCode"], []).append(row)
        local = city_dir / "demo.yml"
        shares = read_yaml(local)["areas"] if local.exists() else {}
        return cls(themes, hot, orders, talk, communities, shares)

    def theme(self, random: Random, nature: str) -> Theme:
        """What an order of this nature is about."""
        known = [theme for theme in self.themes if nature in theme.natures]
        return random.choices(known, [theme.natures[nature] for theme in known])[0]

    def place(self, random: Random, spots: Sequence[str]) -> Place:
        """Somewhere in the city."""
        spot = random.choice(spots)
        codes = list(self._communities)
        (area,) = random.choices(codes, [self._shares.get(code, 1) for code in codes])
        rural = spot in _VILLAGE
        fitting = [row for row in self._communities[area] if (row["type"] == "村") == rural]
        row = random.choice(fitting or self._communities[area])
        where = random.choice(self.say["spots"][spot])
        called = f"{_LEFT_OUT.sub('', row['name'])}{'村' if rural else '社区'}".replace("社区社区", "社区")
        called = called.replace("村村", "村") + where
        return Place(
            area=area,
            street=row["streetCode"],
            written=f"{row['area']}{row['street']}{called}",
            called=called,
        )

    def words(self, random: Random, text: str, place: Place) -> str:
        """``text`` with its slots filled."""
        filled = {name: random.choice(self.say[name]) for name in ("when", "who", "wish")}
        return text.format(place=place.called, where=place.called, **filled)

    def pick(self, random: Random, name: str) -> Any:
        """One of the sentences of this name."""
        return random.choice(self.say[name])


def name(random: Random) -> str:
    """Nobody's name."""
    return random.choice(_SURNAMES) + random.choice(_CALLED)


def phone(random: Random) -> str:
    """Nobody's number."""
    return f"13800138{random.randrange(1000):03d}"
