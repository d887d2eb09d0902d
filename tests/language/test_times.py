from __future__ import annotations

from datetime import date

import pytest

from hotline.language.times import find_times

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "expression", "day"),
    [
        ("昨天晚上楼上又吵了", "昨天晚上", date(2026, 11, 23)),
        ("前天停的水", "前天", date(2026, 11, 22)),
        ("大前天就坏了", "大前天", date(2026, 11, 21)),
        ("上周五去过窗口", "上周五", date(2026, 11, 20)),
        ("上个星期天开始的", "上个星期天", date(2026, 11, 22)),
        ("周五下午去的", "周五下午", date(2026, 11, 20)),
        ("这周一上午", "这周一上午", date(2026, 11, 23)),
        ("下周三能来吗", "下周三", date(2026, 12, 2)),
        ("10月30日上午打的电话", "10月30日上午", date(2026, 10, 30)),
        ("十月三十号", "十月三十号", date(2026, 10, 30)),
        ("12月5日停水", "12月5日", date(2026, 12, 5)),
        ("12月28日停的水", "12月28日", date(2025, 12, 28)),
        ("2025年3月8号", "2025年3月8号", date(2025, 3, 8)),
        ("去年10月30日", "去年10月30日", date(2025, 10, 30)),
        ("2026-11-20 14:30", "2026-11-20", date(2026, 11, 20)),
        ("今天早上8点", "今天早上8点", date(2026, 11, 24)),
        ("今晚十点半还在施工", "今晚十点半", date(2026, 11, 24)),
        ("昨晚22:30到凌晨2点", "昨晚22:30到凌晨2点", date(2026, 11, 23)),
        ("三天前报修的", "三天前", date(2026, 11, 21)),
        ("两个星期前", "两个星期前", date(2026, 11, 10)),
        ("上个月20号交的", "上个月20号", date(2026, 10, 20)),
        ("20号交的材料", "20号", date(2026, 11, 20)),
        ("3月份申请的", "3月份", None),
        ("去年3月办的", "去年3月", None),
        ("八点半出的门", "八点半", None),
        ("最近半个月天天这样", "最近半个月", None),
        ("每天晚上十点开始跳广场舞", "每天晚上十点", None),
        ("每到周末就停电", "每到周末", None),
        ("半年前就反映过", "半年前", None),
        ("28号才交", "28号", None),
        ("2月30日", "2月30日", None),
        ("半夜还在打桩", "半夜", None),
        ("去年下半年", "去年下半年", None),
        ("上个月", "上个月", None),
        ("这几天一直没水", "这几天", None),
    ],
)
def test_a_time_is_found_and_its_day_worked_out(text: str, expression: str, day: date | None) -> None:
    first = find_times(text, TODAY)[0]
    assert (first.text, first.date) == (expression, day)
    assert text[first.start : first.end] == expression


@pytest.mark.parametrize(
    "text",
    [
        "建设路30号门口", "3号楼电梯坏了", "8号窗口", "神农大道399号", "政企通按2号键", "早上好", "下午好，我想咨询",
        "社保卡怎么办", "4栋2单元", "6路公交车", "第5号令", "一点都不负责", "有多少人", "晚上好！", "我提两点意见", "晚了一点",
    ],
)  # fmt: skip
def test_addresses_and_greetings_are_no_times(text: str) -> None:
    assert find_times(text, TODAY) == []


def test_two_times_in_one_message_are_both_found() -> None:
    found = find_times("昨天上午10点报的修，今天下午还没人来", TODAY)
    assert [(item.text, item.date) for item in found] == [
        ("昨天上午10点", date(2026, 11, 23)),
        ("今天下午", date(2026, 11, 24)),
    ]


def test_a_day_early_in_january_typed_in_december_is_next_year() -> None:
    assert find_times("1月3日停水通知", date(2026, 12, 28))[0].date == date(2027, 1, 3)


def test_a_leap_day_belongs_to_the_last_leap_year() -> None:
    assert find_times("2月29日", date(2025, 3, 10))[0].date == date(2024, 2, 29)
