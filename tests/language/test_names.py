from __future__ import annotations

import pytest

from hotline.language.names import hide_introduced, hide_name, mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王建国", "王*"),
        ("欧阳小明", "欧阳*"),
        ("王女士", "王*"),
        ("王", "王"),
        ("Tom", "T*"),
        (" 李四 ", "李*"),
        ("", ""),
    ],
)
def test_of_a_name_the_surname_stays(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我是王建国，请回电", "我是※，请回电"),
        ("王 建国 说的", "※ 说的"),
        ("王·建·国", "※"),
        ("建国路的路灯坏了", "建国路的路灯坏了"),
        ("没有名字", "没有名字"),
    ],
)
def test_a_known_name_is_hidden_however_it_is_spaced(text: str, hidden: str) -> None:
    assert hide_name(text, "王建国", "※") == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("王女士来电反映，王先生的店", "※来电反映，※的店"),
        ("请找小王", "请找※"),
        ("王局长不作为，王老板偷税", "王局长不作为，王老板偷税"),
        ("大王村的路", "大王村的路"),
    ],
)
def test_how_a_caller_is_spoken_of_is_hidden_but_not_the_one_complained_of(text: str, hidden: str) -> None:
    assert hide_name(text, "王建国", "※", called=True) == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我叫李小梅，住在三栋", "我叫※，住在三栋"),
        ("本人张伟，电话同上", "本人※，电话同上"),
        ("联系人：欧阳娜娜 13800138000", "联系人：※ 13800138000"),
        ("举报人陈大文", "举报人※"),
        ("姓名 周杰\n地点 芦淞", "姓名 ※\n地点 芦淞"),
    ],
)
def test_names_people_introduce_themselves_with_are_found(text: str, hidden: str) -> None:
    assert hide_introduced(text, lambda _: "※") == hidden


@pytest.mark.parametrize(
    "text",
    [
        "我是石峰区的居民，反映噪声",
        "我是高中老师，想问职称",
        "我是白关镇，修路的事",
        "本人常年在外务工",
        "本人于2023年买房",
        "本人向贵局申请，三个月没有回音",
        "举报某店卖假烟",
        "投诉物业公司乱收费",
        "申请公租房，什么条件",
        "我叫了三次都没有人来",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert hide_introduced(text, lambda _: "※") == text
