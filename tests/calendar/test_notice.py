"""A year's notice is read as people and spreadsheets write it, and every mistake is named with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hotline.calendar.notice import NoticeError, read_notice
from hotline.calendar.service import SetDay

WANTED = [SetDay(date(2027, 2, 5), False, "春节"), SetDay(date(2027, 2, 6), True, "")]


@pytest.mark.parametrize(
    "content",
    [
        "date,working,note\n2027-02-05,放假,春节\n2027-02-06,上班,\n",
        "date,working,note\r\n2027/2/5,0,春节\r\n\r\n2027/2/6,1,\r\n,,\r\n",
        "日期,安排,说明\n2027年2月5日,休息,春节\n2027年2月6日,上班\n",
        "note,working,date\n春节,FALSE,2027-02-05\n,TRUE,2027-02-06\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_notice_is_read_in_the_usual_ways_of_writing(tmp_path: Path, content: str, encoding: str) -> None:
    file = tmp_path / "放假.csv"
    file.write_bytes(content.encode(encoding))

    assert read_notice(file) == WANTED


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "放假.csv"
    file.write_text(
        "date,working,note\n2027-02-30,放假,\n2027-02-05,放假,\n2027-02-06,也许,\n2027-02-05,上班,\n1999-01-01,放假,\n",
        encoding="utf-8",
    )

    with pytest.raises(NoticeError) as refused:
        read_notice(file)

    lines = str(refused.value).splitlines()
    assert [line.split("：")[0] for line in lines] == ["第 2 行", "第 4 行", "第 5 行", "第 6 行"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"date,working,note\n",
        b"2027-02-05,0,x\n",
        b"date,note\n2027-02-05,x\n",
        b"PK\x03\x04\x00\xff\xff\xff\x00",
        b"date,working,note\n2027-02-05,\x00,x\n",
    ],
)
def test_a_file_that_is_no_notice_is_refused_in_chinese(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "放假.csv"
    file.write_bytes(content)

    with pytest.raises(NoticeError, match=r"[一-鿿]"):
        read_notice(file)
    with pytest.raises(NoticeError, match="读不了"):
        read_notice(tmp_path / "没有.csv")
