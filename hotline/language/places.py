"""Where something is: districts, streets and villages of the city, read from its gazetteer.

A community names its street and a street its district, so the finest name that fits the others decides. A name that
several places carry and nothing else decides is left open, with the places it may be.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hotline.language.patterns import read_lexicon

Level = Literal["district", "street", "village"]
_LEVELS: tuple[Level, ...] = ("district", "street", "village")

_VILLAGE_ENDINGS = re.compile("(?:(?:社区|村)?(?:居民委员会|村民委员会|居委会|村委会)|社区|(?<=..)村)$")
_STREET_ENDINGS = re.compile("(?:街道|瑶族乡|镇|乡)$")
_DISTRICT_ENDINGS = re.compile("[区县市]$")
# 月塘路 runs through other streets too, 建设局 is no place at all.
_NOT_AFTER_SHORT = re.compile("(?:路(?!灯|面|口|边)|大道|街(?!道)|局|月色|公司|银行|牌|国际)")
#: A short common word counts when only this stands between it and the area it belongs to.
_JOINT = re.compile(r"[\s的，,、]{0,2}(?:区|镇|街道)?")


@dataclass(frozen=True)
class Area:
    """One district, street or village; ``parents`` are the codes above it, the nearest first."""

    level: Level
    code: str
    name: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """What is known of a place; the finer parts are ``None`` when they were not named or are left open."""

    district_code: str | None = None
    district: str | None = None
    street_code: str | None = None
    street: str | None = None
    village_code: str | None = None
    village: str | None = None
    #: The places it may be, when the text does not decide; empty when it does.
    alternatives: tuple[Place, ...] = ()

    @property
    def code(self) -> str | None:
        """The code of the finest part that is known."""
        return self.village_code or self.street_code or self.district_code

    @property
    def name(self) -> str:
        """The known parts in one piece: 荷塘区月塘街道石子头社区居委会."""
        return "".join(part for part in (self.district, self.street, self.village) if part)


@dataclass(frozen=True)
class Mention:
    """A name in a text and the areas that carry it; ``end`` is exclusive."""

    text: str
    start: int
    end: int
    areas: tuple[Area, ...]
    #: True: written without 街道, 镇, 社区 or 村, so it may be something else.
    short: bool


@dataclass
class Gazetteer:
    """The places of one city and every way their names are written."""

    areas: dict[str, Area] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    _names: dict[str, list[tuple[Area, bool]]] = field(default_factory=dict)
    _longest: int = 0

    @classmethod
    def load(cls, city_dir: Path) -> Gazetteer:
        """Read ``areas.csv``, ``streets.csv``, ``villages.csv`` and ``places.yml`` of a city."""
        extra = read_lexicon(city_dir / "places.yml")
        gazetteer = cls(common=frozenset(extra["common_words"]))
        for row in _rows(city_dir / "areas.csv"):
            district = Area("district", row["code"], row["name"])
            short = _DISTRICT_ENDINGS.sub("", row["name"])
            gazetteer._add(district, [row["name"], *extra["aliases"].get(row["code"], [])], [short])
        for row in _rows(city_dir / "streets.csv"):
            street = Area("street", row["code"], row["name"], (row["areaCode"],))
            short = _STREET_ENDINGS.sub("", row["name"])
            offices = [row["name"] + "办事处", row["name"] + "办"] if row["name"].endswith("街道") else []
            gazetteer._add(street, [row["name"], *offices], [short])
        for row in _rows(city_dir / "villages.csv"):
            village = Area("village", row["code"], row["name"], (row["streetCode"], row["areaCode"]))
            short = _VILLAGE_ENDINGS.sub("", row["name"])
            endings = ["村", "村委会", "村村委会", "村村民委员会"]
            if row["type"] != "村":
                endings = ["社区", "居委会", "居委", "社区居委会", "社区居民委员会"]
            # Two characters are a village's name in too many places to count by themselves.
            gazetteer._add(village, [row["name"], *(short + ending for ending in endings)], [short])
        return gazetteer

    def _add(self, area: Area, full: list[str], short: list[str]) -> None:
        self.areas[area.code] = area
        for name in dict.fromkeys([*full, *short]):
            if len(name) > 1:
                name = _plain(name)
                self._names.setdefault(name, []).append((area, name not in map(_plain, full)))
                self._longest = max(self._longest, len(name))

    def mentions(self, text: str) -> list[Mention]:
        """The places named in ``text``, longest names first where they overlap, short names only where they hold."""
        plain, found, start = _plain(text), list[Mention](), 0
        while start < len(plain):
            step = 1
            for end in range(min(len(plain), start + self._longest), start + 1, -1):
                known = self._names.get(plain[start:end])
                if known is None:
                    continue
                mention = self._mention(text, start, end, known, found)
                if mention is not None:
                    found.append(mention)
                    step = end - start
                    break
            start += step
        named = {area.code for mention in found if not mention.short for area in mention.areas}
        return [mention for mention in found if not mention.short or self._holds(mention, named)]

    def _mention(
        self, text: str, start: int, end: int, known: list[tuple[Area, bool]], before: list[Mention]
    ) -> Mention | None:
        full = [area for area, short in known if not short]
        if full:
            # 水口镇 is a town and the name of a community in it: the larger one is meant.
            return Mention(text[start:end], start, end, tuple(_highest(full)), short=False)
        if _NOT_AFTER_SHORT.match(text, end):
            return None
        areas = [area for area, _ in known]
        above = before[-1] if before and _JOINT.fullmatch(text[before[-1].end : start]) else None
        if above is not None:
            inside = [area for area in areas if {item.code for item in above.areas} & set(area.parents)]
            if inside:
                return Mention(text[start:end], start, end, tuple(inside), short=False)
        if text[start:end] in self.common:
            return None
        return Mention(text[start:end], start, end, tuple(_highest(areas)), short=True)

    def _holds(self, mention: Mention, named: set[str]) -> bool:
        return mention.areas[0].level != "village" or len(mention.text) > 2 or any(
            named & set(area.parents) for area in mention.areas
        )  # fmt: skip

    def resolve(self, text: str) -> Place | None:
        """The place ``text`` speaks of; ``None`` when it names none."""
        mentions = self.mentions(text)
        districts = _areas(mentions, "district")
        streets = [area for area in _areas(mentions, "street") if _fits(area, districts)]
        steps: tuple[tuple[Level, list[Area]], ...] = (("village", streets), ("street", districts))
        for level, above in steps:
            for mention in mentions:
                areas = [area for area in mention.areas if area.level == level and _fits(area, districts)]
                areas = [area for area in areas if _fits(area, above)]
                if areas:
                    return self._place(areas)
        return self._place(districts) if districts else None

    def place(self, code: str) -> Place:
        """The place that carries ``code``, with everything above it."""
        area = self.areas[code]
        chain = {self.areas[parent].level: self.areas[parent] for parent in area.parents} | {area.level: area}
        parts = [(found.code, found.name) if found else (None, None) for found in map(chain.get, _LEVELS)]
        return Place(*parts[0], *parts[1], *parts[2])

    def _place(self, areas: list[Area]) -> Place:
        places = [self.place(area.code) for area in areas]
        if len(places) == 1:
            return places[0]
        # What all of them share is known all the same.
        streets = {place.street_code for place in places}
        districts = {place.district_code for place in places}
        shared = places[0] if len(districts) == 1 else Place()
        one_street = len(streets) == 1
        return Place(
            shared.district_code, shared.district,
            shared.street_code if one_street else None, shared.street if one_street else None,
            alternatives=tuple(places),
        )  # fmt: skip

    def patterns(self) -> Iterator[dict[str, str]]:
        """Phrase patterns for spaCy's EntityRuler; ``id`` joins the codes of a shared name with ``|``."""
        for name, known in self._names.items():
            full = _highest([area for area, short in known if not short])
            if full:
                yield {"label": full[0].level, "pattern": name, "id": "|".join(area.code for area in full)}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _plain(name: str) -> str:
    return name.replace("尙", "尚").replace("郞", "郎")


def _highest(areas: list[Area]) -> list[Area]:
    for level in _LEVELS:
        chosen = [area for area in areas if area.level == level]
        if chosen:
            return chosen
    return []


def _areas(mentions: list[Mention], level: Level) -> list[Area]:
    found = (area for mention in mentions for area in mention.areas if area.level == level)
    return list({area.code: area for area in found}.values())


def _fits(area: Area, above: list[Area]) -> bool:
    return not above or any(item.code in area.parents for item in above)
