"""Orders as an office has them: in all states, near, late and done. Nobody in them is real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """Something done: ``who`` is a role, or the code of the unit; ``…`` stands for a good answer."""

    who: str
    action: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One order and how far it has come."""

    key: str
    nature: str = "投诉"
    what: str = "小区楼下工地夜里十二点还在施工，吵得一家人睡不着，已经连着一个星期了"
    where: str = "黄山路与长江南路交叉口东侧工地"
    area: str = "430211"
    days_ago: int = 0
    enterprise: bool = False
    confidential: bool = False
    #: Whether a number was left; whoever left none is somebody else each time.
    phone: bool = True
    steps: tuple[Step, ...] = ()


ACCEPT = Step("坐席", "受理", {"topic": "0701"})
DISPATCH = Step("派单员", "派单", {"unit": "ecology"})
SIGN = Step("ecology", "签收")
HELPED = Step(
    "派单员",
    "派单",
    {"unit": "ecology", "assisting": [{"unit": "430211", "duty": "派人到现场查看"}]},
)

CASES: tuple[Case, ...] = (
    Case(key="late", days_ago=16, steps=(ACCEPT, DISPATCH, SIGN)),
    Case(
        key="later",
        days_ago=20,
        what="菜市场后门的垃圾站没人清，天热发臭，楼上开不了窗，打过两次电话还是老样子",
        where="荷塘区某菜市场后门",
        area="430202",
        steps=(Step("坐席", "受理", {"topic": "0707"}), DISPATCH),
    ),
    Case(
        key="near",
        days_ago=6,
        what="饭店的油烟直接排到居民楼道，做饭时间整个楼道都是油烟味",
        where="芦淞区某巷 12 号",
        area="430203",
        steps=(ACCEPT, HELPED, SIGN),
    ),
    Case(
        key="return",
        days_ago=1,
        what="小区门口的路灯坏了十几盏，晚上老人走路看不清",
        where="石峰区某小区东门",
        area="430204",
        steps=(
            ACCEPT,
            DISPATCH,
            Step(
                "ecology",
                "申请退单",
                {"reason": "路灯归城管部门管，不在我单位职责范围内，建议派给市城管局。"},
            ),
        ),
    ),
    Case(
        key="extend",
        days_ago=2,
        what="工厂夜里偷排废气，有一股刺鼻的酸味，附近学校的孩子都闻得到",
        where="石峰区某工业园",
        area="430204",
        steps=(
            ACCEPT,
            DISPATCH,
            SIGN,
            Step("ecology", "申请延期", {"reason": "需要委托第三方检测，出报告要 5 个工作日。", "days": 5}),
        ),
    ),
    Case(
        key="letter",
        days_ago=1,
        what="河边的老码头被人圈起来倒建筑垃圾，牵涉河道、城管和街道，找谁都说不归自己管",
        where="芦淞区某码头",
        area="430203",
        steps=(
            ACCEPT,
            Step(
                "派单员",
                "提请会商交办",
                {
                    "unit": "ecology",
                    "assisting": [{"unit": "430203", "duty": "组织清运，恢复岸线"}],
                    "reason": "涉及多个部门，建议由市生态环境局牵头。",
                },
            ),
        ),
    ),
    Case(
        key="answered", days_ago=3, steps=(ACCEPT, DISPATCH, SIGN, Step("ecology", "答复", {"answer": "…"}))
    ),
    Case(
        key="suspended",
        days_ago=2,
        what="有人在楼道里养鸡，早上四点就打鸣",
        where="天元区某小区",
        steps=(
            ACCEPT,
            DISPATCH,
            SIGN,
            Step("ecology", "挂起", {"question": "请告诉我们是哪一栋、哪个单元。"}),
        ),
    ),
    Case(
        key="enterprise",
        nature="求助",
        what="我们厂区门口的路破损严重，货车进出经常陷车，订单都要耽误了",
        where="天元区某产业园",
        enterprise=True,
        steps=(ACCEPT,),
    ),
    Case(
        key="secret",
        nature="举报",
        what="有家作坊在居民楼里加工食品，没有证，后半夜开工",
        where="荷塘区某居民楼",
        area="430202",
        confidential=True,
    ),
    Case(key="noise"),
    Case(
        key="gas",
        nature="求助",
        what="家里好像有燃气漏气的味道，怕出事，请快点派人来看看，我电话 13800138000",
        where="天元区某小区 3 栋",
    ),
    Case(
        key="praise",
        nature="表扬",
        what="市民中心二楼窗口的工作人员很耐心，帮我母亲把手续一次办好了",
        where="市民中心",
    ),
    *(
        Case(
            key=f"noise{place}",
            what=f"{words}，希望管一管",
            where="黄山路与长江南路交叉口工地",
            phone=False,
        )
        for place, words in enumerate(
            (
                "黄山路口的工地半夜打桩，小孩老人都睡不好",
                "黄山路和长江南路交叉口那个工地夜里施工噪声太大",
                "工地天天夜里十一点以后还在浇混凝土，吵得没法休息",
                "长江南路口工地夜间施工，投诉过没有用",
            )
        )
    ),
    *(
        Case(
            key=f"more{place}",
            nature=nature,
            what=what,
            where=where,
            area=area,
            days_ago=place % 3,
            steps=(ACCEPT,) if place % 2 else (),
        )
        for place, (nature, what, where, area) in enumerate(
            (
                ("咨询", "新生儿的医保要在多少天内办，爸爸是外地户口可以办吗", "荷塘区", "430202"),
                ("投诉", "物业三个月没修电梯，住 18 楼的老人下不了楼", "芦淞区某小区", "430203"),
                ("建议", "公交 T12 路早高峰间隔太长，建议加几班区间车", "天元区", "430211"),
                ("求助", "下水道堵了返水，一楼住户家里都进水了", "石峰区某小区", "430204"),
                ("投诉", "广场舞音响太大，晚上九点半还在放", "天元区某广场", "430211"),
            )
        )
    ),
)
