from __future__ import annotations

import pytest

from hotline.language.erasing import ACCOUNT, DOOR, NAME, NUMBER, PLATE, erase


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话13800138000", f"电话{NUMBER}"),
        ("电话138****8000，座机0731-******41", f"电话{NUMBER}，座机{NUMBER}"),
        ("身份证1101**********002X", f"身份证{NUMBER}"),
        ("身份证11010519491231002X", f"身份证{NUMBER}"),
        ("卡号6222021234567890123", f"卡号{NUMBER}"),
        ("护照E12345678", f"护照{NUMBER}"),
        ("微信abc_12345，QQ 12345678，wx：lin2020", f"微信{ACCOUNT}，QQ{ACCOUNT}，{ACCOUNT}"),
        ("邮箱wang.jg@163.com", f"邮箱{ACCOUNT}"),
        ("车牌湘B·12A45堵在门口", f"车牌{PLATE}堵在门口"),
        ("住在3栋2单元502室", f"住在3栋{DOOR}"),
        ("某小区3栋502的租户", f"某小区3栋{DOOR}的租户"),
        ("家住2-1-301", f"家住{DOOR}"),
        ("我叫李小梅，楼上的陈某和张女士", f"我叫{NAME}，楼上的{NAME}和{NAME}"),
        ("王建国说王先生就是他", f"{NAME}说{NAME}就是他"),
    ],
)
def test_what_points_to_a_person_goes(text: str, left: str) -> None:
    assert erase(text, names=["王建国"]) == left
    assert erase(left, names=["王建国"]) == left


@pytest.mark.parametrize(
    "text",
    [
        "小区楼下工地夜里十二点还在施工",
        "工单20261124-00012已经答复",
        "补偿款25000元，影响30户居民",
        "12345热线，打110还是120",
        "建设路128号门口的路灯坏了三天",
        "请按第502号文件办，会议室里",
        "《噪声污染防治法》第四十三条",
        "",
    ],
)
def test_what_happened_stays(text: str) -> None:
    assert erase(text) == text


def test_an_offices_number_stays_in_the_words_of_a_unit() -> None:
    words = "请拨打 0731-28681541 咨询，或找经办人 13800138000"
    assert erase(words, landlines=False) == f"请拨打 0731-28681541 咨询，或找经办人 {NUMBER}"
