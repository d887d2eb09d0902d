"""Past orders as offices export them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.dispatch.history import HistoryError, read_history
from tests.dispatch.conftest import write

ROWS = [["text", "category"], ["太吵了", "噪声"], ["停电了", "供电"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "orders.csv", ROWS, encoding)
    history = read_history(tmp_path / "orders.csv")
    assert history.texts == ["太吵了", "停电了"]
    assert history.labelled("category") == (["太吵了", "停电了"], ["噪声", "供电"])


def test_title_and_detail_are_read_together_and_label_is_a_category(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", [["Title", "detail", "label"], ["太吵", "夜里\n施工", "噪声"]])
    history = read_history(tmp_path / "orders.csv")
    assert history.texts == ["太吵 夜里\n施工"]
    assert history.labels == {"category": ["噪声"]}


def test_chinese_headings_and_tabs_are_understood(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "标题\t诉求内容\t承办单位\n太吵\t夜里施工\t城管局\n", encoding="gb18030"
    )
    history = read_history(tmp_path / "orders.csv")
    assert history.texts == ["太吵 夜里施工"]
    assert history.labelled("unit") == (["太吵 夜里施工"], ["城管局"])


def test_rows_without_text_or_label_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        ["text", "category", "unit"],
        ["太吵了", "噪声", ""],
        [" ", "供电", "电力"],
        ["停电了", "", "电力"],
        ["短行"],
    ]
    write(tmp_path / "orders.csv", rows)
    history = read_history(tmp_path / "orders.csv")
    assert history.without_text == 1
    assert history.labelled("category") == (["太吵了"], ["噪声"])
    assert history.labelled("unit") == (["停电了"], ["电力"])
    assert history.unlabelled("category") == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "是空的"),
        (b"text,category\n", "只有列名"),
        ("名字,category\n太吵了,噪声\n".encode(), "没有文字列.*现在是：名字、category"),
        ("text,date\n太吵了,5月\n".encode(), "没有类别列也没有单位列.*现在是：text、date"),
        ("text,category\n,噪声\n".encode(), "没有一行有文字"),
        ("text,category\n太吵了,\n".encode(), "category 列全是空的"),
        (b"PK\x03\x04rest", "另存为“CSV UTF-8"),
        (b"text,category\n\xff\xff\xff,a\n", "编码不认识"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    with pytest.raises(HistoryError, match=words):
        read_history(tmp_path / "orders.csv")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"没有 .*none\.csv 这个文件"):
        read_history(tmp_path / "none.csv")
