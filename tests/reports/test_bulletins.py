"""The 热线专报 from its draft to its release, and that it stays as it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline.conversations.models import Handover
from hotline.database import Database
from hotline.reports.bulletins import Bulletins, Change
from hotline.reports.hot import brief
from hotline.reports.models import Bulletin
from hotline.reports.periods import Period
from hotline.similarity.models import HotIssueMember, HotIssueRow
from hotline.work_orders.errors import WorkOrderError
from tests.reports.conftest import Story
from tests.work_orders.conftest import AGENT, ANSWER, DISPATCHER, LEADER, SUPERVISOR, UNIT, Clock, refused

SEPTEMBER, NOVEMBER = (Period.of("month", date(2026, month, 1)) for month in (9, 11))


def section(bulletin: Bulletin, key: str) -> dict[str, Any]:
    return next(one for one in bulletin.content if one["key"] == key)


async def _hot(database: Database, story: Story) -> None:
    """Two complain of one thing; the order of one is confidential by now, and does not count."""
    at = story.orders["good"].created_at
    async with database.transaction() as session:
        issue = HotIssueRow(
            key="R20260930-1",
            level="地点",
            title="泰山路夜间施工",
            place="泰山路",
            words=[],
            found_at=at,
            last_at=at,
        )
        session.add(issue)
        await session.flush()
        session.add_all(
            HotIssueMember(issue_id=issue.id, window="当日", number=story.orders[name].number, at=at)
            for name in ("good", "slow", "last")
        )
        await session.execute(
            text("UPDATE hotline.work_order SET confidential = true WHERE number = :n"),
            {"n": story.orders["last"].number},
        )


async def test_a_bulletin_is_drafted_written_and_released_and_never_changes(
    database: Database, bulletins: Bulletins, story: Story, clock: Clock
) -> None:
    await _hot(database, story)
    await refused("forbidden", bulletins.do_draft(LEADER, SEPTEMBER))
    await refused("invalid", bulletins.do_draft(SUPERVISOR, Period.of("month", date(2027, 1, 1))))
    draft = await bulletins.do_draft(SUPERVISOR, SEPTEMBER)
    await refused("taken", bulletins.do_draft(SUPERVISOR, SEPTEMBER))

    # The words are those of the numbers, and say nothing of what was not counted.
    words = section(draft, "overall")["text"]
    assert "共登记群众诉求 8 件，日均 0.3 件" in words
    assert "独立答复 1 段，占 16.67%" in words
    assert "满意率 100.00%" in words
    assert "环比" not in words
    hot = section(draft, "hot")["text"]
    assert "泰山路夜间施工。本期共有 1 位市民反映，登记工单 2 件，已答复 2 件。" in hot
    assert "办理情况：株洲市生态环境局答复，经我单位" in hot
    assert section(draft, "unit")["table"]["rows"][0][:3] == ["株洲市生态环境局", "3", "75.00%"]
    assert section(draft, "cases")["cases"] == []

    # It is written at: numbers of people do not stay in it, nobody overwrites a colleague, and counting keeps the words.
    case = {"title": "工地夜间施工", "text": "市民王某（13812345678）反映，当晚查处。"}
    changes = [Change(key="advice", text="建议加强夜间巡查。"), Change(key="cases", cases=[case])]
    edited = await bulletins.do_edit(draft.id, SUPERVISOR, 1, changes)
    assert section(edited, "cases")["cases"][0]["text"] == "市民王某（138****5678）反映，当晚查处。"
    await refused("changed", bulletins.do_edit(draft.id, SUPERVISOR, 1, changes))
    await refused("not_found", bulletins.do_edit(draft.id, SUPERVISOR, 2, [Change(key="none", text="x")]))
    await refused("forbidden", bulletins.do_edit(draft.id, LEADER, 2, changes))
    async with database.transaction() as session:
        await session.execute(text("UPDATE hotline.conversation SET bot_answered = true"))
    counted = await bulletins.do_recount(draft.id, SUPERVISOR, 2)
    assert "独立答复 2 段" in section(counted, "overall")["text"]
    assert section(counted, "advice")["text"] == "建议加强夜间巡查。"
    assert section(counted, "cases")["cases"] == section(edited, "cases")["cases"]

    # A draft is for those who write it and their leaders.
    assert [one.id for one in await bulletins.all(LEADER)] == [draft.id]
    assert await bulletins.all(DISPATCHER) == []
    await refused("not_found", bulletins.page(draft.id, DISPATCHER))
    for nobody in (AGENT, UNIT):
        await refused("forbidden", bulletins.page(draft.id, nobody))

    released = await bulletins.do_release(draft.id, SUPERVISOR, 3)
    assert (released.issue, released.year, released.state) == (1, 2026, "已发布")
    async with database.transaction() as session:
        session.add(
            Handover(
                conversation_id=(
                    await session.execute(text("SELECT id FROM hotline.conversation LIMIT 1"))
                ).scalar_one(),
                reason="citizen",
                began_at=datetime.fromisoformat("2026-09-30T03:00:00+00:00"),
            )
        )
    for change in (
        bulletins.do_edit(draft.id, SUPERVISOR, 4, changes),
        bulletins.do_recount(draft.id, SUPERVISOR, 4),
        bulletins.do_release(draft.id, SUPERVISOR, 4),
    ):
        await refused("state", change)
    with pytest.raises(DBAPIError, match="does not change"):
        async with database.transaction() as session:
            await session.execute(text("UPDATE hotline.bulletin SET until = '2026-12-31'"))
    kept, versions = await bulletins.page(draft.id, DISPATCHER)
    assert kept.content == released.content
    assert [(one.version, one.what) for one in versions] == [
        (4, "发布"),
        (3, "重新取数"),
        (2, "修改"),
        (1, "起草"),
    ]
    assert versions[-1].content != kept.content

    # The next number is the next one's; what is not over is not released.
    november = await bulletins.do_draft(SUPERVISOR, NOVEMBER)
    with pytest.raises(WorkOrderError, match="还没有过完"):
        await bulletins.do_release(november.id, SUPERVISOR, 1)
    clock.on(days=30)
    assert (await bulletins.do_release(november.id, SUPERVISOR, 1)).issue == 2


def test_of_an_answer_what_was_done_is_told() -> None:
    told = brief(ANSWER)

    assert told.startswith("经我单位")
    assert "感谢" not in told
    assert len(told) <= 140
    assert brief("好") == "好"
