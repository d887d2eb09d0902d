"""What the city's IT people do at the command line, against the platform."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from PIL import Image

from hotline.settings import ROOT
from tests.wechat.conftest import Account, Start

_MENU = [
    {
        "name": "办事咨询",
        "lines": [{"name": "看病医保", "say": "看病医保"}, {"name": "扫码", "opens": "scan"}],
    },
    {
        "name": "我的",
        "lines": [{"name": "查进度", "say": "查进度"}, {"name": "首页", "url": "http://127.0.0.1/"}],
    },
    {"name": "反映", "lines": [{"name": "拍照", "opens": "photo"}, {"name": "位置", "opens": "place"}]},
]
_SCENES = {"window-medical": {"name": "医保窗口", "say": "看病医保"}}


async def _hotline(account: Account, *arguments: str, folder: Path) -> tuple[int, str]:
    """``hotline wechat …``: its exit code, and what it says."""
    settings = account.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hotline.cli",
        "wechat",
        *arguments,
        cwd=folder,
        env=os.environ
        | {
            "HOTLINE_DATABASE_URL": settings.database_url,
            "HOTLINE_DATA_DIR": str(settings.data_dir),
            "HOTLINE_VAR_DIR": str(settings.var_dir),
            "PYTHONPATH": str(ROOT),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_an_account_is_tried_and_its_menu_and_codes_are_made(start: Start, tmp_path: Path) -> None:
    account = await start(menu=_MENU, scenes=_SCENES)
    code, said = await _hotline(account, "check", folder=tmp_path)
    assert code == 0
    assert "还没有菜单" in said
    code, said = await _hotline(account, "menu", "push", folder=tmp_path)
    assert code == 0
    assert "发布好了" in said
    assert account.platform.menu is not None
    topics, own, phone = account.platform.menu["button"]
    assert [line["type"] for line in phone["sub_button"]] == ["pic_photo_or_album", "location_select"]
    assert [line["type"] for line in topics["sub_button"]] == ["click", "scancode_waitmsg"]
    assert own["sub_button"][1] == {"type": "view", "name": "首页", "url": "http://127.0.0.1/"}
    # What the menu sends when it is pressed opens the topic.
    pressed = account.phone()
    await pressed.event("CLICK", EventKey=topics["sub_button"][0]["key"])
    assert account.service.engine.calls[-1].command == '/ask_matter{"area":"medical"}'
    code, said = await _hotline(account, "check", folder=tmp_path)
    assert "办事咨询、我的、反映" in said

    code, said = await _hotline(account, "qrcode", "--to", "codes", folder=tmp_path)
    assert code == 0
    assert "医保窗口" in said
    with Image.open(tmp_path / "codes" / "window-medical.png") as picture:
        assert min(picture.size) > 400
    code, said = await _hotline(account, "qrcode", "nowhere", folder=tmp_path)
    assert code == 1
    assert "window-medical" in said

    account.platform.always["/cgi-bin/stable_token"] = 40164
    account.platform.expire_tokens()
    account.platform.always["/cgi-bin/menu/get"] = 40001
    code, said = await _hotline(account, "check", folder=tmp_path)
    assert code == 1
    assert "白名单" in said
    assert "Traceback" not in said


async def test_mistakes_in_the_files_are_named(start: Start, tmp_path: Path) -> None:
    account = await start()
    kept = account.settings.city_dir / "wechat.yml"
    good = kept.read_text(encoding="utf-8")
    secrets = account.settings.var_dir / "secrets" / "wechat.yml"
    for content, words in (
        (good + "menu: [{name: 名字太长了, say: 看病}]\n", "超过 4 个字"),
        (good + "menue: []\n", "menue"),
        ("app_id: [", "读不懂"),
    ):
        kept.write_text(content, encoding="utf-8")
        code, said = await _hotline(account, "check", folder=tmp_path)
        assert code == 1
        assert words in said
        assert "Traceback" not in said
    kept.write_text(good, encoding="utf-8")
    secrets.chmod(0o644)
    code, said = await _hotline(account, "check", folder=tmp_path)
    assert code == 1
    assert "chmod 600" in said
    secrets.unlink()
    code, said = await _hotline(account, "check", folder=tmp_path)
    assert code == 1
    assert "密钥文件" in said
