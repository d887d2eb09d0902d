"""Loading, withdrawing, refreshing and recording, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from hotline.database import Database, now
from hotline.knowledge.answers import Named, Question
from hotline.knowledge.models import MatterUse, OutsideQuestion, StoredMatter, UnansweredQuestion
from hotline.knowledge.service import (
    CHANNEL,
    Knowledge,
    KnowledgeError,
    load_folder,
    record_unanswered,
    record_use,
)
from tests.knowledge.conftest import OUTSIDE, TODAY


async def stored(database: Database, code: str) -> StoredMatter:
    async with database.transaction() as session:
        found = await session.get(StoredMatter, code)
        assert found is not None
        return found


async def test_loading_twice_changes_nothing_the_second_time(database: Database, folder: Path) -> None:
    assert await load_folder(database, folder) == 3
    before = (await stored(database, "kite")).loaded_at
    assert await load_folder(database, folder) == 0
    assert (await stored(database, "kite")).loaded_at == before
    async with database.transaction() as session:
        assert set(await session.scalars(select(OutsideQuestion.text))) == set(OUTSIDE)


async def test_a_changed_file_changes_its_matter_only(database: Database, folder: Path) -> None:
    await load_folder(database, folder)
    path = folder / "life" / "kite.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("办理不收费。", "每张收工本费。"), encoding="utf-8"
    )
    assert await load_folder(database, folder) == 1
    assert (await stored(database, "kite")).content["fee"]["text"] == "每张收工本费。"


async def test_a_matter_without_a_file_is_withdrawn_and_comes_back(database: Database, folder: Path) -> None:
    await load_folder(database, folder)
    path = folder / "life" / "kite.yml"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    assert await load_folder(database, folder) == 1
    assert (await stored(database, "kite")).withdrawn_at is not None
    knowledge = Knowledge(database)
    await knowledge.refresh()
    assert knowledge.size == 2
    assert (await knowledge.answer(Question(text="放风筝要办证吗", today=TODAY))).matter is None
    path.write_text(text, encoding="utf-8")
    assert await load_folder(database, folder) == 1
    await knowledge.refresh()
    answer = await knowledge.answer(Question(text="放风筝要办证吗", today=TODAY))
    assert answer.matter is not None
    assert answer.matter.code == "kite"


async def test_a_mistake_leaves_all_the_old_content_in_force(database: Database, folder: Path) -> None:
    await load_folder(database, folder)
    for code, wrong in (("kite", "area: nowhere"), ("boat", "area: [")):
        path = folder / "life" / f"{code}.yml"
        path.write_text(path.read_text(encoding="utf-8").replace("area: life", wrong), encoding="utf-8")
    pond = folder / "enterprise" / "pond.yml"
    pond.write_text(pond.read_text(encoding="utf-8").replace("水产站", "新水产站"), encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        await load_folder(database, folder)
    assert len(raised.value.problems) == 2
    assert all("life/" in problem for problem in raised.value.problems)
    assert "没有更新" in str(raised.value)
    assert (await stored(database, "pond")).content["unit"] == "水产站"


async def test_an_empty_or_missing_folder_withdraws_nothing(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    await load_folder(database, folder)
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(KnowledgeError):
            await load_folder(database, place)
    assert (await stored(database, "kite")).withdrawn_at is None


async def test_two_loads_at_once_do_not_get_in_each_others_way(database: Database, folder: Path) -> None:
    changed = await asyncio.gather(*(load_folder(database, folder) for _ in range(4)))
    assert sorted(changed) == [0, 0, 0, 3]


async def test_a_change_is_notified_and_nothing_else_is(
    database: Database, database_url: str, folder: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        await load_folder(database, folder)
        await load_folder(database, folder)
        heard = [item async for item in listener.notifies(timeout=0.5)]
    assert [item.channel for item in heard] == [CHANNEL]


async def test_what_cannot_be_read_is_left_out_and_the_rest_answers(database: Database, folder: Path) -> None:
    await load_folder(database, folder)
    async with database.transaction() as session:
        matter = await session.get(StoredMatter, "pond")
        assert matter is not None
        matter.content = {"code": "pond", "from": "another version"}
    knowledge = Knowledge(database)
    await knowledge.refresh()
    assert knowledge.size == 2


async def test_menus_count_what_was_asked_lately(database: Database, folder: Path) -> None:
    await load_folder(database, folder)
    today = now().date()
    async with database.transaction() as session:
        for day, code in [(today, "boat"), (today, "boat"), (today - timedelta(days=400), "kite")]:
            await record_use(session, code, day)
    async with database.transaction() as session:
        assert await session.scalar(select(func.sum(MatterUse.answers)).where(MatterUse.code == "boat")) == 2
    knowledge = Knowledge(database)
    await knowledge.refresh()
    menu = await knowledge.answer(Question(text="", today=TODAY, area="life"))
    assert menu.reply["buttons"][0]["title"] == "小木船年检"


async def test_an_unanswered_question_is_kept_once_and_masked(database: Database) -> None:
    for _ in range(2):
        async with database.transaction() as session:
            await record_unanswered(
                session,
                message_id="m-1",
                conversation_id="c-1",
                text="我的电话13812345678，问飞碟停哪",
                candidates=[Named("kite", "风筝放飞许可一件事", 0.1)],
                context={"matter": "boat", "aspect": None},
            )
    async with database.transaction() as session:
        kept = list(await session.scalars(select(UnansweredQuestion)))
    assert len(kept) == 1
    assert "13812345678" not in kept[0].text
    assert "飞碟" in kept[0].text
    assert kept[0].candidates[0]["code"] == "kite"
    assert kept[0].context == {"matter": "boat"}
