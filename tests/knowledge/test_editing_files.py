"""Files and the console: neither undoes what the other did."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.database import Database
from hotline.knowledge.cli import app
from hotline.knowledge.files import read_folder
from hotline.knowledge.service import load, load_folder
from hotline.settings import get_settings
from tests.knowledge.test_editing import ANNA, BERT, Office, office

__all__ = ["office"]


def edit(folder: Path, old: str, new: str, name: str = "life/kite.yml") -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


async def test_a_file_never_undoes_what_editors_published(
    office: Office, database: Database, folder: Path
) -> None:
    await office.published("kite", summary="风筝证当场就能领。")
    assert await load_folder(database, folder) == 0
    assert await office.says_now("kite", "summary") == "风筝证当场就能领。"

    edit(folder, "办理不收费。", "每张收工本费。")
    loaded = await load(database, folder)
    assert (loaded.changed, loaded.drafted) == ([], ["kite"])
    assert await office.says_now("kite", "summary") == "风筝证当场就能领。"
    assert (await office.states("kite"))[-1] == (3, "待审核", "文件")
    assert (await office.looking.counts(ANNA))["of_files"] == 1
    assert await load_folder(database, folder) == 0
    assert len(await office.states("kite")) == 3

    # Another change of the file takes the draft's place, and an editor may still write one beside it.
    edit(folder, "每张收工本费。", "每张收费。")
    await load(database, folder)
    await office.draft("kite", summary="风筝证十分钟领。")
    assert [state for _, state, _ in await office.states("kite")][2:] == ["已作废", "待审核", "草稿"]
    line, _ = await office.looking.matter(BERT, "kite")
    waiting = next(one for one in line.drafts if one.origin == "文件")
    good = await office.reviewing.do_approve(BERT, waiting.id, waiting.revision)
    await office.publishing.do_publish(BERT, [(good.id, good.revision)])
    assert (await office.says_now("kite", "fee")).text == "每张收费。"

    # Published from the file again: files change it as they always did.
    edit(folder, "每张收费。", "不收费。")
    assert await load_folder(database, folder) == 1


async def test_a_lost_file_withdraws_only_what_came_from_files(
    office: Office, database: Database, folder: Path
) -> None:
    await office.published("kite", summary="风筝证当场就能领。")
    new = await office.editing.do_new(
        ANNA, await office.content("pond") | {"title": "鱼苗领取"}, code="fish", note="新增"
    )
    good = await office.good(new)
    await office.publishing.do_publish(BERT, [(good.id, good.revision)])
    for name in ("kite", "boat"):
        (folder / "life" / f"{name}.yml").unlink()
    loaded = await load(database, folder)
    assert (loaded.changed, loaded.drafted) == (["boat"], ["kite"])
    await office.knowledge.refresh()
    assert {one.code for one in office.knowledge.matters()} == {"kite", "pond", "fish"}
    line, _ = await office.looking.matter(ANNA, "kite")
    assert [(one.state, one.withdraws) for one in line.drafts] == [("待审核", True)]


async def test_published_matters_go_back_into_the_files(
    office: Office, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.published("kite", summary="风筝证当场就能领。", review_on="2027-03-01")
    gone = await office.good(await office.editing.do_begin(ANNA, "boat", withdraw=True, note="不办了"))
    await office.publishing.do_publish(BERT, [(gone.id, gone.revision)])
    pond = (folder / "enterprise" / "pond.yml").read_bytes()
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.url)
    get_settings.cache_clear()
    runner = CliRunner()
    done = await asyncio.to_thread(runner.invoke, app, ["write", str(folder)])
    assert done.exit_code == 0, done.output
    assert "kite" in done.output
    assert "pond" not in done.output
    found, problems = read_folder(folder)
    assert problems == []
    assert {one.code: one.summary for one in found}["kite"] == "风筝证当场就能领。"
    assert {one.code for one in found} == {"kite", "pond"}
    assert (folder / "enterprise" / "pond.yml").read_bytes() == pond
    loaded = await load(database, folder)
    assert (loaded.changed, loaded.drafted) == ([], [])
    get_settings.cache_clear()
