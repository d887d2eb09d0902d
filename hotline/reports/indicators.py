"""What every figure means: which rows it counts, by which moment, and how a rate is reckoned. The one place for it.

A number and the list it opens are made of the same condition, so they cannot differ. ``how`` is what people read under
怎么算的; docs/figures.md says the same at more length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from hotline.conversations.models import TAKEN_OVER, Conversation, Handover
from hotline.work_orders.lifecycle import BEFORE_ANSWER, RATINGS
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

Of = Literal["orders", "conversations", "handovers"]
Form = Literal["count", "rate", "per_day", "seconds"]


#: Whether people had to do with a conversation, and whether an order was made in it.
HANDED: ColumnElement[bool] = exists().where(Handover.conversation_id == Conversation.id)
ORDERED: ColumnElement[bool] = exists().where(WorkOrder.conversation_id == Conversation.id)


@dataclass(frozen=True)
class Span:
    """From ``since`` until ``until`` (not included), and what 临期 means today: due by ``near``.

    Attributes:
        talk: where conversations are looked at, and how it is known there that they were ``handed`` over or ``ordered``.
    """

    since: datetime
    until: datetime
    near: date
    talk: Any = Conversation
    handed: ColumnElement[bool] = HANDED
    ordered: ColumnElement[bool] = ORDERED

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Whether the moment lies in it."""
        return and_(column >= self.since, column < self.until)


Condition = Callable[[Span], ColumnElement[bool]]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something that is counted. ``standing``: as it is now, whatever the days."""

    key: str
    name: str
    of: Of
    holds: Condition
    standing: bool = False


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A figure. Of a rate ``top`` is a part of ``base``, and ``rest`` what is missing."""

    key: str
    name: str
    how: str
    form: Form
    top: str
    base: str = ""
    rest: str = ""
    #: Of ``seconds``: the share of people who waited no longer.
    quantile: float = 0.5


def has_begun(span: Span) -> ColumnElement[bool]:
    """Orders to which anything can have happened in the span: open at its begin, and there before its end."""
    return and_(
        WorkOrder.created_at < span.until,
        or_(WorkOrder.closed_at.is_(None), WorkOrder.closed_at >= span.since),
    )


_ever_overdue = exists().where(WorkOrderEvent.order_id == WorkOrder.id, WorkOrderEvent.action == "逾期")
#: 重办 begins anew with the date: that an earlier round was late stands in the timeline only.
_late = or_(WorkOrder.answered_late.is_(True), and_(WorkOrder.redone > 0, _ever_overdue))
_asked_for = Handover.reason != TAKEN_OVER


def _accepted(span: Span) -> ColumnElement[bool]:
    return and_(span.holds(WorkOrder.accepted_at), WorkOrder.status != "不予受理")


def _refused(span: Span) -> ColumnElement[bool]:
    return and_(span.holds(WorkOrder.closed_at), WorkOrder.status == "不予受理")


def _answered(span: Span) -> ColumnElement[bool]:
    return span.holds(WorkOrder.answered_at)


def _missed(span: Span) -> ColumnElement[bool]:
    return and_(
        span.holds(WorkOrder.overdue_at), WorkOrder.answered_at.is_(None), WorkOrder.status.in_(BEFORE_ANSWER)
    )


def _closed(span: Span) -> ColumnElement[bool]:
    return and_(span.holds(WorkOrder.closed_at), WorkOrder.status == "已办结")


def _rated(span: Span) -> ColumnElement[bool]:
    return and_(_closed(span), WorkOrder.rating.in_(RATINGS))


def _called(span: Span) -> ColumnElement[bool]:
    """Rated at least once: only who is not content has it done again."""
    return and_(_closed(span), or_(WorkOrder.rating.in_(RATINGS), WorkOrder.redone > 0))


def _talks(span: Span) -> ColumnElement[bool]:
    return span.holds(span.talk.began_at)


def _by_themselves(span: Span) -> ColumnElement[bool]:
    return and_(_talks(span), not_(span.handed), not_(span.ordered))


def _waits(span: Span) -> ColumnElement[bool]:
    return and_(span.holds(Handover.began_at), _asked_for)


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(key="taken", name="登记工单", of="orders", holds=lambda s: s.holds(WorkOrder.created_at)),
        Measure(
            key="effective",
            name="有效工单",
            of="orders",
            holds=lambda s: and_(
                s.holds(WorkOrder.created_at), WorkOrder.status.not_in(("已撤回", "不予受理"))
            ),
        ),
        Measure(key="accepted", name="受理", of="orders", holds=_accepted),
        Measure(key="refused", name="不予受理", of="orders", holds=_refused),
        Measure(key="decided", name="审过", of="orders", holds=lambda s: or_(_accepted(s), _refused(s))),
        Measure(
            key="dispatched",
            name="转派承办单位",
            of="orders",
            holds=lambda s: and_(s.holds(WorkOrder.dispatched_at), WorkOrder.lead_unit.is_not(None)),
        ),
        Measure(
            key="direct",
            name="在线办结",
            of="orders",
            holds=lambda s: and_(_answered(s), WorkOrder.lead_unit.is_(None)),
        ),
        Measure(key="answered", name="答复", of="orders", holds=_answered),
        Measure(key="missed", name="到期没答复", of="orders", holds=_missed),
        Measure(key="to_answer", name="应答复", of="orders", holds=lambda s: or_(_answered(s), _missed(s))),
        Measure(
            key="on_time",
            name="按时答复",
            of="orders",
            holds=lambda s: and_(_answered(s), not_(_late)),
        ),
        Measure(
            key="late",
            name="没按时",
            of="orders",
            holds=lambda s: or_(and_(_answered(s), _late), _missed(s)),
        ),
        Measure(key="closed", name="办结", of="orders", holds=_closed),
        Measure(key="to_close", name="应办结", of="orders", holds=lambda s: or_(_closed(s), _missed(s))),
        Measure(key="rated", name="回访评价了的", of="orders", holds=_rated),
        Measure(
            key="satisfied",
            name="满意和基本满意",
            of="orders",
            holds=lambda s: and_(_rated(s), WorkOrder.rating != "不满意"),
        ),
        Measure(
            key="unsatisfied",
            name="不满意",
            of="orders",
            holds=lambda s: and_(_rated(s), WorkOrder.rating == "不满意"),
        ),
        Measure(
            key="called",
            name="评价过的",
            of="orders",
            holds=_called,
        ),
        Measure(
            key="content_at_once",
            name="第一次就满意的",
            of="orders",
            holds=lambda s: and_(_rated(s), WorkOrder.redone == 0, WorkOrder.rating != "不满意"),
        ),
        Measure(
            key="not_at_once",
            name="第一次不满意的",
            of="orders",
            holds=lambda s: and_(_called(s), or_(WorkOrder.redone > 0, WorkOrder.rating == "不满意")),
        ),
        Measure(
            key="redone",
            name="重办过的",
            of="orders",
            holds=lambda s: and_(_closed(s), WorkOrder.redone > 0),
        ),
        Measure(
            key="done_once",
            name="一次办好的",
            of="orders",
            holds=lambda s: and_(_closed(s), WorkOrder.redone == 0),
        ),
        Measure(
            key="supervised",
            name="列入督办",
            of="orders",
            holds=lambda s: and_(s.holds(WorkOrder.created_at), WorkOrder.supervision_level > 0),
        ),
        Measure(
            key="open",
            name="没办完的",
            of="orders",
            holds=lambda s: WorkOrder.closed_at.is_(None),
            standing=True,
        ),
        Measure(
            key="near",
            name="快到期",
            of="orders",
            standing=True,
            holds=lambda s: and_(
                WorkOrder.closed_at.is_(None),
                WorkOrder.status.in_(BEFORE_ANSWER),
                WorkOrder.suspended_at.is_(None),
                WorkOrder.overdue_at.is_(None),
                WorkOrder.promised_date <= s.near,
            ),
        ),
        Measure(
            key="overdue",
            name="已超期",
            of="orders",
            standing=True,
            holds=lambda s: and_(
                WorkOrder.closed_at.is_(None),
                WorkOrder.status.in_(BEFORE_ANSWER),
                WorkOrder.overdue_at.is_not(None),
            ),
        ),
        Measure(key="talks", name="会话", of="conversations", holds=_talks),
        Measure(
            key="by_bot",
            name="机器人独立答复",
            of="conversations",
            holds=lambda s: and_(_by_themselves(s), s.talk.bot_answered.is_(True)),
        ),
        Measure(
            key="not_by_bot",
            name="没独立答复的",
            of="conversations",
            holds=lambda s: and_(_talks(s), or_(s.handed, s.ordered, s.talk.bot_answered.is_not(True))),
        ),
        Measure(
            key="handed",
            name="转人工",
            of="conversations",
            holds=lambda s: and_(_talks(s), s.handed),
        ),
        Measure(
            key="not_handed",
            name="没转人工的",
            of="conversations",
            holds=lambda s: and_(_talks(s), not_(s.handed)),
        ),
        Measure(
            key="by_order",
            name="机器人登记工单",
            of="conversations",
            holds=lambda s: and_(_talks(s), not_(s.handed), s.ordered),
        ),
        Measure(
            key="unanswered",
            name="没答上",
            of="conversations",
            holds=lambda s: and_(_by_themselves(s), s.talk.bot_answered.is_not(True)),
        ),
        Measure(
            key="waiting",
            name="正在排队",
            of="conversations",
            holds=lambda s: s.talk.mode == "queued",
            standing=True,
        ),
        Measure(
            key="in_hand",
            name="正在接待",
            of="conversations",
            holds=lambda s: s.talk.mode == "human",
            standing=True,
        ),
        Measure(
            key="handovers", name="转人工人次", of="handovers", holds=lambda s: s.holds(Handover.began_at)
        ),
        Measure(
            key="replied",
            name="等到人工的",
            of="handovers",
            holds=lambda s: and_(_waits(s), Handover.replied_at.is_not(None)),
        ),
        Measure(
            key="left",
            name="没等到人工的",
            of="handovers",
            holds=lambda s: and_(_waits(s), Handover.replied_at.is_(None), Handover.ended_at.is_not(None)),
        ),
    )
}

INDICATORS: dict[str, Indicator] = {
    indicator.key: indicator
    for indicator in (
        Indicator(
            key="talks",
            name="会话",
            form="count",
            top="talks",
            how="市民说过话的会话，按市民说第一句话的时间算；只打开页面没说话的不算，同一个会话只算一次。",
        ),
        Indicator(
            key="by_bot",
            name="机器人独立答复率",
            form="rate",
            top="by_bot",
            base="talks",
            rest="not_by_bot",
            how="没有转人工、没有登记工单，而且最后一问机器人答上了的会话 ÷ 全部会话。",
        ),
        Indicator(
            key="handed",
            name="转人工率",
            form="rate",
            top="handed",
            base="talks",
            rest="not_handed",
            how="排过队找人工、或者坐席接管过的会话 ÷ 全部会话。",
        ),
        Indicator(
            key="response",
            name="首次人工响应（中位数）",
            form="seconds",
            top="replied",
            how="从市民要人工开始，到坐席说出第一句话，一半的市民等得比这短。按要人工的时间算；坐席主动接管的不算；"
            "没等到人工就离开的另计，不在里面。",
        ),
        Indicator(
            key="response_p90",
            name="首次人工响应（九成以内）",
            form="seconds",
            top="replied",
            quantile=0.9,
            how="同上，十个市民里九个等得不超过这么久。",
        ),
        Indicator(
            key="left",
            name="没等到人工",
            form="count",
            top="left",
            how="要了人工，坐席还没说话就离开排队或排队超时的人次，按要人工的时间算。",
        ),
        Indicator(
            key="taken",
            name="登记工单",
            form="count",
            top="taken",
            how="全部工单，按登记的时间算；撤回的、不予受理的、并案的也在里面。",
        ),
        Indicator(
            key="daily",
            name="日均工单",
            form="per_day",
            top="taken",
            how="登记工单 ÷ 日历天数，休息日也算；本期还没过完的，除到今天为止的天数（含今天）。",
        ),
        Indicator(
            key="effective",
            name="有效工单",
            form="count",
            top="effective",
            how="登记的工单里，除去撤回的和不予受理的，按登记的时间算。",
        ),
        Indicator(
            key="acceptance",
            name="受理率",
            form="rate",
            top="accepted",
            base="decided",
            rest="refused",
            how="受理 ÷（受理＋不予受理），按受理或决定不予受理的时间算；受理以后又决定不予受理的算不予受理。",
        ),
        Indicator(
            key="dispatched",
            name="转派承办单位",
            form="count",
            top="dispatched",
            how="派给承办单位主办的工单，按派出的时间算；改派的按最后一次派出的时间和单位，退回来还没再派的不算。",
        ),
        Indicator(
            key="direct",
            name="在线办结",
            form="count",
            top="direct",
            how="热线中心自己直接答复、没有转派的工单，按答复的时间算。",
        ),
        Indicator(
            key="reply",
            name="答复率",
            form="rate",
            top="answered",
            base="to_answer",
            rest="missed",
            how="答复 ÷（答复＋到期没答复）。答复按答复的时间算，没答复的按到期的时间算；还没到期的、等市民补充的不算。"
            "退回重办、还没再答复的，上一次答复不算。",
        ),
        Indicator(
            key="on_time",
            name="按时率",
            form="rate",
            top="on_time",
            base="to_answer",
            rest="late",
            how="按时答复 ÷（答复＋到期没答复）。超期是到期那一刻定下的，过后补答也不改；重办过的，哪一次超过期都算没按时。"
            "批准延期的按延期后的日期。",
        ),
        Indicator(
            key="completion",
            name="办结率",
            form="rate",
            top="closed",
            base="to_close",
            rest="missed",
            how="办结 ÷（办结＋到期没答复）。办结按办结的时间算，包括回访后办结、回访期满办结和复核办结；"
            "撤回和不予受理的不算办结。",
        ),
        Indicator(
            key="satisfaction",
            name="满意率",
            form="rate",
            top="satisfied",
            base="rated",
            rest="unsatisfied",
            how="满意和基本满意 ÷ 回访评价了的，按办结的时间算，以最后一次评价为准；没有评价的不算。",
        ),
        Indicator(
            key="at_once",
            name="首次回访满意率",
            form="rate",
            top="content_at_once",
            base="called",
            rest="not_at_once",
            how="第一次回访就满意或基本满意的 ÷ 评价过的，按办结的时间算；退回重办过的，后来满意了也算第一次不满意。",
        ),
        Indicator(
            key="redo",
            name="重办率",
            form="rate",
            top="redone",
            base="closed",
            rest="done_once",
            how="办结前退回重办过的 ÷ 办结的工单，按办结的时间算。",
        ),
    )
}

#: Those of the conversations are not for the units.
OF_CONVERSATIONS = tuple(key for key, one in INDICATORS.items() if MEASURES[one.top].of != "orders")


def handled_by(number: str) -> ColumnElement[bool]:
    """Conversations that this agent has had."""
    return Conversation.id.in_(select(Handover.conversation_id).where(Handover.agent == number))
