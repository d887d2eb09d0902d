from __future__ import annotations

from itertools import pairwise

import pytest

from hotline.language.reading import pieces, read, simplify
from hotline.language.slips import mend


@pytest.mark.parametrize(
    ("written", "as_read"),
    [
        ("医宝怎么抱销", "医保怎么报销"),
        ("社保咔丢了", "社保卡丢了"),
        ("公积进租房取", "公积金租房取"),
        ("生育惊贴几多钱", "生育津贴多少钱"),
        ("工商认定要什么", "工伤认定要什么"),
        ("身分证补办", "身份证补办"),
        ("易地就医备案", "异地就医备案"),
        ("請問醫保報銷需要什麼材料", "请问医保报销需要什么材料"),
        ("细伢子上学要么子", "小孩上学要什么"),
        ("何解冇得路灯", "为什么没有路灯"),
        ("咯个事何什搞", "这事怎么搞"),
        ("那个那个那个我想问一下", "那个我想问一下"),
        ("ＡＰＰ怎么用！！！！！！😊", "APP怎么用！！！"),
    ],
)
def test_what_citizens_write_is_read_in_plain_words(written: str, as_read: str) -> None:
    assert read(written) == as_read


@pytest.mark.parametrize(
    "text",
    [
        "13888888888", "430202199001011237", "20261124-00012", "我叫易宝生", "联系人：包小金", "医宝路12号",
        "天元区神农大道399号", "贺家土街道", "一百一十一", "张洋洋",
        "可以保证所以保护", "第一保安公司", "保险包销", "工商局", "子女什么子女", "要么子女上学", "这不办到处都不办",
        "乾隆年间", "抱着小孩去报销", "新年好",
    ],
)  # fmt: skip
def test_names_numbers_places_and_right_words_are_left_alone(text: str) -> None:
    assert mend(text) == text
    assert read(text) == text


def test_pieces_cover_the_text_in_order_and_keep_its_places() -> None:
    text = "細伢子的社保咔冇得哒，怎么搞"
    found = pieces(text)
    assert found[0].start == 0
    assert found[-1].end == len(text)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(len(item.text) == item.end - item.start for item in found if item.text in simplify(text))
    assert "社保卡" in "".join(item.text for item in found)


def test_reading_twice_is_the_same_as_once() -> None:
    for text in ("医宝怎么抱销", "细伢子上学要么子", "请问公积金"):
        assert read(read(text)) == read(text)
