from __future__ import annotations

import pytest

from hotline.language.identifiers import (
    find_identifiers,
    find_long_numbers,
    mask,
    mask_phone,
    valid_id_card,
)

ID = "11010519491231002X"  # the specimen number of GB 11643


def _found(text: str) -> list[tuple[str, str]]:
    return [(item.kind, item.value) for item in find_identifiers(text)]


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "我电话是13812345678，麻烦回电", "138 1234 5678", "138-1234-5678", "138－1234－5678",
        "１３８１２３４５６７８", "+8613812345678", "0086 138 1234 5678", "一三八一二三四五六七八", "幺三八幺二三四五六七八",
        "一三八，一二三四，五六七八", "138一二三四5678", "手机13812345678黄先生", "1 3 8 1 2 3 4 5 6 7 8",
    ],
)  # fmt: skip
def test_a_mobile_number_is_read_however_it_is_written(text: str) -> None:
    assert _found(text) == [("phone", "13812345678")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0731-28681541", "0731-28681541"),
        ("073128681541", "0731-28681541"),
        ("（0731）28681541", "0731-28681541"),
        ("0731 2868 1541", "0731-28681541"),
        ("28681541", "28681541"),
        ("打 2868-1541 找我", "28681541"),
        ("零七三一二八六八一五四一", "0731-28681541"),
        ("010-62345678", "010-62345678"),
        ("0734-3123456", "0734-3123456"),
    ],
)
def test_a_landline_keeps_its_area_code(text: str, value: str) -> None:
    assert _found(text) == [("phone", value)]


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.lower(),
        "身份证11010519491231002X。",
        "110105 19491231 002X",
        "110105-19491231-002x",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_an_identity_number_is_read_however_it_is_written(text: str) -> None:
    assert _found(text) == [("id_card", ID)]


def test_an_old_identity_number_has_fifteen_digits() -> None:
    assert _found("430202560101123") == [("id_card", "430202560101123")]


@pytest.mark.parametrize("text", ["110105194912310021", "110105194913310026", "43020219901301123"])
def test_a_wrong_check_digit_or_date_is_no_identity_number(text: str) -> None:
    assert not valid_id_card(text)
    assert _found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "20261124-00012", "2026112400012", "20261124 00012", "20261124—00012", "２０２６１１２４－０００１２",
        "我的工单20261124-00012办到哪一步了", "单号：20261124 - 00012", "二零二六一一二四零零零一二",
    ],
)  # fmt: skip
def test_an_order_number_is_read_however_it_is_written(text: str) -> None:
    assert _found(text) == [("order_number", "20261124-00012")]


@pytest.mark.parametrize("text", ["20261324-00012", "2026112400", "202611240001234"])
def test_other_figures_are_no_order_number(text: str) -> None:
    assert "order_number" not in dict(_found(text))


@pytest.mark.parametrize(
    "text", ["358021", "查询码358021", "查询码是 358021，帮我看看进度", "３５８０２１", "码：三五八零二一"]
)
def test_a_query_code_is_six_digits_that_stand_alone(text: str) -> None:
    assert _found(text) == [("query_code", "358021")]


@pytest.mark.parametrize(
    "text",
    [
        "拖欠工资120000元", "公司欠我358021块钱不给", "邮编412000", "房子总价358021", "A358021", "35802", "3580211",
        "1号楼2单元", "2026年11月24日", "12345热线", "打110还是120", "我们小区有358021这个井盖坏了好几个月没人来修",
        "补偿款25000000元", "电费交了25863214", "2026.11.24", "20261124",
    ],
)  # fmt: skip
def test_amounts_dates_and_codes_of_other_things_are_no_identifiers(text: str) -> None:
    assert _found(text) == []


def test_order_number_and_query_code_in_one_message() -> None:
    assert _found("20261124-00012，358021") == [("order_number", "20261124-00012"), ("query_code", "358021")]


def test_several_kinds_keep_their_places() -> None:
    text = "黄先生，身份证11010519491231002X，电话138 1234 5678"
    items = find_identifiers(text)
    assert [text[item.start : item.end] for item in items] == ["11010519491231002X", "138 1234 5678"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("138 1234 5678", "138****5678"),
        ("一三八一二三四五六七八", "138****5678"),
        ("身份证11010519491231002X", "身份证1101**********002X"),
        ("身份证110105194912310021", "身份证1101**********0021"),
        ("卡号6222 0000 0000 1234", "卡号6222********1234"),
        ("0731-28681541", "0731-******41"),
        ("工单20261124-00012", "工单20261124-00012"),
        ("13812345678和13987654321", "138****5678和139****4321"),
        ("没有号码，今年3月20日", "没有号码，今年3月20日"),
    ],
)
def test_masking_hides_the_middle_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_masking_twice_changes_nothing() -> None:
    once = mask("13812345678 11010519491231002X")
    assert mask(once) == once


def test_mask_phone_of_a_landline_without_area_code() -> None:
    assert mask_phone("28681541") == "******41"


def test_bank_cards_and_mistyped_identity_numbers_are_long_numbers() -> None:
    text = "卡号6222 0000 0000 0000 000，身份证110105194912310023，电话13800138000"
    assert [text[start:end] for start, end in find_long_numbers(text)] == [
        "6222 0000 0000 0000 000",
        "110105194912310023",
    ]
    assert find_long_numbers(f"身份证{ID}，工单20260930-00001，热线12345") == []
