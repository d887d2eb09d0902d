"""Names of places as people write them, without a gazetteer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.similarity.places_said import Names, names_in


def names(narrow: str = "", roads: str = "", wide: str = "") -> Names:
    """Names, divided by blanks."""
    return Names(*(frozenset(words.split()) for words in (narrow, roads, wide)))


SAID = {
    "滨江一村旁边那个工地夜里还在施工": names("滨江一村"),
    "荷塘区芙蓉小区消防通道停满了车": names("芙蓉"),
    "珠江北路与泰山路路口的红绿灯坏了": names("", "珠江北路 泰山路"),
    "建设路金色家园一楼的烧烤店": names("金色家园", "建设路"),
    "龙船镇堂山村的鱼塘": names("堂山村", "", "龙船镇"),
    "月塘街道石子头社区的下水道堵了": names("石子头社区", "", "月塘街道"),
    "和谐家园好多户燃气费突然涨了": names("和谐家园"),
    "小太阳幼儿园跑路了": names("小太阳幼儿园"),
    "K22路公交等了一个小时不来，在中心广场站": names("K22路 中心广场"),
    "106国道边上的垃圾": names("", "106国道"),
    "怀疑天台山医院卖假药": names("天台山医院"),
    "嘉盛华庭3栋的电梯": names("嘉盛华庭"),
    "芙蓉小區的消防通道": names("芙蓉"),
}
NOT_SAID = (
    "小区的下水道堵了好几天",
    "我们小区门口的马路坏了，请政府管一管",
    "村里的路烂得走不得",
    "孩子上小学片区怎么划的",
    "影响小区居民的生活",
    "希望政府加快学校建设",
    "城市道路的路灯不亮",
    "每天走路去学校",
    "",
    "……",
)


@pytest.mark.parametrize("text", SAID)
def test_names_are_found_each_with_its_width(text: str) -> None:
    assert names_in(text) == SAID[text]


@pytest.mark.parametrize("text", NOT_SAID)
def test_a_kind_of_place_alone_is_no_name(text: str) -> None:
    assert names_in(text) == Names()


@given(st.text(alphabet="小区路在建设的滨江一村K12,。 ", max_size=60))
def test_whatever_is_written_the_names_stand_in_it(text: str) -> None:
    assert all(name in text for name in names_in(text).all)


def test_a_long_text_takes_no_time() -> None:
    # A pattern that looks back over everything again and again would take minutes here.
    assert names_in("小区的路" * 20_000).all is not None
