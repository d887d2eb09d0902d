"""What is local to the city is complete, and nothing in it is taken by Rasa for training data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.language.patterns import data_dir
from hotline.language.places import Gazetteer

CITY = data_dir() / "city" / "zhuzhou"
NATURES = ["咨询", "求助", "投诉", "举报", "建议", "表扬"]
FILES = [*sorted(CITY.glob("*.yml")), *sorted((data_dir() / "lexicon").glob("*.yml"))]
#: Rasa reads every YAML file under data/ and takes those with such a key for its own.
RASA_KEYS = {
    "version", "nlu", "rules", "stories", "responses", "intents", "entities", "slots", "forms", "actions",
    "session_config", "e2e_actions",
}  # fmt: skip


def _read(name: str) -> Any:
    return yaml.safe_load((CITY / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_looks_like_training_data(path: Path) -> None:
    assert not RASA_KEYS & set(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_every_nature_has_a_deadline_and_says_whether_it_is_confirmed() -> None:
    deadlines = _read("deadlines.yml")["deadlines"]
    assert [item["nature"] for item in deadlines] == NATURES == _read("hotline.yml")["natures"]
    for item in deadlines:
        assert 1 <= item["working_days"] <= item["complex_working_days"]
        assert item["source"]
        assert item["confirm"] is True, "remove this check when the office has confirmed the figure"


def test_the_emergency_lines_are_there_and_unsure_lines_are_marked() -> None:
    lines = {item["number"]: item for item in _read("lines.yml")["lines"]}
    assert {number for number, item in lines.items() if item.get("emergency")} == {"110", "119", "120", "122"}
    assert {"12345", "12333", "12393", "12366", "12329", "12315"} <= set(lines)
    for item in lines.values():
        assert item["for"]
        assert item.get("confirm", False) is (item["confidence"] == "B")


def test_units_have_telephones_that_were_checked_or_are_marked() -> None:
    units = _read("units.yml")["units"]
    assert len({unit["code"] for unit in units}) == len(units)
    for unit in units:
        assert unit["phones"] or unit.get("confirm"), unit["name"]
        for phone in unit["phones"]:
            assert re.fullmatch(r"0731-\d{8}|0731-12329|12333", phone["number"]), phone
            assert phone["use"] in ("咨询", "监督", "热线")
            assert str(phone["checked"]) == "2026-07-21"


def test_no_two_units_share_a_name() -> None:
    names = [name for unit in _read("units.yml")["units"] for name in (unit["name"], *unit["aliases"])]
    assert len(set(names)) == len(names)


def test_the_citys_words_are_in_the_tokenizers_dictionary() -> None:
    words = {line.split(" ")[0] for line in (CITY / "lexicon.txt").read_text(encoding="utf-8").splitlines()}
    gazetteer = Gazetteer.load(CITY)
    streets = {area.name for area in gazetteer.areas.values() if area.level != "village"}
    units = {name for unit in _read("units.yml")["units"] for name in (unit["name"], *unit["aliases"])}
    assert streets <= words
    assert {name for name in units if len(name) > 1} <= words


@pytest.mark.parametrize(
    "path", [data_dir() / "lexicon" / "words.txt", CITY / "lexicon.txt"], ids=["shared", "city"]
)
def test_dictionaries_are_in_jiebas_form_and_without_doubles(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"\S+ \d+ [a-z]+", line) for line in lines)
    words = [line.split(" ")[0] for line in lines]
    assert len(set(words)) == len(words)
