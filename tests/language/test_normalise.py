from __future__ import annotations

import pytest

from hotline.language.normalise import normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  要带什么材料？  ", "要带什么材料？"),
        ("１３８１２３４５６７８", "13812345678"),
        ("ＡＰＰ上能办吗", "APP上能办吗"),
        ("医\u200b保\ufeff卡", "医保卡"),
        ("谢谢😊👍🏻❤️", "谢谢"),
        ("好好好好好好", "好好好"),
        ("急！！！！！！！", "急！！！"),
        ("哈哈哈哈哈，，，，，，", "哈哈哈，，，"),
        ("第一行\r\n\r\n\n  第二行", "第一行\n第二行"),
        ("荷塘区　　月塘街道", "荷塘区 月塘街道"),
        ("㎡和①", "m2和1"),
    ],
)
def test_spelling_is_evened_out(text: str, plain: str) -> None:
    assert normalise(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "13888888888", "银行卡6222000000001234", "430202199001011237", "20261124-00012", "尾号8888888",
        "一三八八八八八八八八八", "天元区神农大道399号", "芦淞区六零一社区", "王珍珍", "张洋洋", "4栋2单元0003",
        "工资、社保；医保：多少？（急）", "“房户一致”是什么意思……", "《社会保险法》第五十八条", "2026-10-30 09:00～12:00",
    ],
)  # fmt: skip
def test_numbers_names_and_addresses_are_untouched(text: str) -> None:
    assert normalise(text) == text


def test_twice_is_the_same_as_once() -> None:
    text = " Ａ！！！！！😊 好好好好好１２３　\u200d测试 "
    assert normalise(normalise(text)) == normalise(text)


def test_only_emoji_leaves_nothing() -> None:
    assert normalise("😭😭😭\u200b") == ""
