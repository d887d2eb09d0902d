"""``hotline orders photos``: for those at work who have no console at hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.commands.orders import app
from tests.attachments.conftest import UNIT, answers, order_of, send_photos
from tests.attachments.pictures import corner, jpeg
from tests.attachments.test_at_orders import to_unit
from tests.channels.conftest import Service, on_shared


@on_shared
async def test_photographs_are_listed_saved_and_added(
    shared: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = await shared.citizen()
    await answers(citizen, await send_photos(citizen, 2))
    number = await order_of(shared, citizen)
    await to_unit(shared, number)
    monkeypatch.setattr("hotline.commands.client.get_settings", lambda: shared.app.state.settings)
    repaired = tmp_path / "repaired.jpg"
    repaired.write_bytes(jpeg(mark="white"))

    async def command(*arguments: str) -> tuple[int, str]:
        given = [*arguments, "--url", str(shared.client.base_url)]
        result = await asyncio.to_thread(CliRunner().invoke, app, given)
        return result.exit_code, result.output

    of_unit = ["--as", UNIT["role"], "--by", UNIT["actor"], "--of", UNIT["unit"]]
    code, said = await command("photos", number, *of_unit, "--add", str(repaired), "--to", str(tmp_path))

    assert code == 0, said
    assert "共 3 张" in said
    assert "市民  640×480" in said
    assert "5001  640×480" in said
    saved = [tmp_path / f"{number}-{place}.jpg" for place in (1, 2, 3)]
    assert [corner(path.read_bytes()) for path in saved] == ["red", "blue", "white"]
    assert "照片：3 张" in (await command("show", number))[1]

    code, said = await command("photos", number, *of_unit, "--add", str(Path(__file__)))
    assert code == 1
    assert "不是照片" in said
