"""A small taxonomy with examples, and past orders as an office has them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.settings import Settings, get_settings

TAXONOMY = """
areas:
  - code: "06"
    name: 住房不动产
    topics:
      - {code: "0604", name: 物业, field: 城乡建设/住房保障与房地产}
  - code: "07"
    name: 城市管理与环境
    topics:
      - {code: "0701", name: 噪声扰民, field: 环境保护/环境污染}
      - {code: "0713", name: 供电, field: 城乡建设/城市建设和市政管理}
  - code: "08"
    name: 交通出行
    topics:
      - {code: "0801", name: 公交与轨道, field: 交通运输/其他}
"""
_PLACES = ("河西", "我们小区", "学校旁边", "菜市场门口", "火车站附近", "老街")
SENTENCES = {
    "0604": ("{}的物业公司乱收物业费", "{}物业不管电梯坏了", "{}物业服务差，保安不在岗"),
    "0701": ("{}的烧烤店半夜放音响太吵", "{}工地夜里施工噪声大", "{}广场舞音乐声音吵人"),
    "0713": ("{}又停电了，什么时候来电", "{}电压不稳，电表跳闸", "{}的变压器坏了没有电"),
    "0801": ("{}的公交车一小时才来一趟", "{}公交司机甩站不停车", "{}的公交线路改道，坐车不方便"),
}
UNITS = {"0604": "市住建局", "0701": "市生态环境局", "0713": "供电公司", "0801": "市交通运输局"}


def sentences() -> list[tuple[str, str]]:
    """All example sentences with their topics."""
    return [
        (form.format(place), code) for code, forms in SENTENCES.items() for form in forms for place in _PLACES
    ]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A data folder with four topics; words only, so that training takes no time."""
    folder = tmp_path / "data" / "dispatch"
    (folder / "examples").mkdir(parents=True)
    (folder / "taxonomy.yml").write_text(TAXONOMY, encoding="utf-8")
    for code in SENTENCES:
        lines = [f"  - {text}" for text, owner in sentences() if owner == code]
        (folder / "examples" / f"{code}.yml").write_text("\n".join([f'"{code}":', *lines]), encoding="utf-8")
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOTLINE_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HOTLINE_ENCODER", "none")
    monkeypatch.delenv("HOTLINE_CACHE_DIR", raising=False)
    get_settings.cache_clear()
    yield get_settings()
    get_settings.cache_clear()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Past orders: title, detail, category and unit."""
    path = tmp_path / "history.csv"
    rows = [["title", "detail", "category", "unit"]]
    rows += [[text, f"{text}，请尽快处理。", code, UNITS[code]] for text, code in sentences()]
    write(path, rows)
    return path


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> None:
    """Write a CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
