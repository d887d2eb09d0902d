"""Long work shows that it goes on, and a failure shows why."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from hotline.run.progress import StepFailed, pad, run_logged, step, tail


def test_a_step_tells_its_name_and_its_seconds() -> None:
    out = io.StringIO()
    with step("训练对话模型", out):
        pass
    assert out.getvalue().splitlines()[0] == "  训练对话模型 …"
    assert "完成" in out.getvalue()
    assert "秒" in out.getvalue()


def test_a_failed_step_is_not_called_done() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="no"), step("安装", out):
        raise ValueError("no")
    assert "失败" in out.getvalue()
    assert "完成" not in out.getvalue()


def test_chinese_names_line_up() -> None:
    assert len(pad("数据库", 10)) == 7
    assert len(pad("uv", 10)) == 10


def test_a_failed_command_shows_the_end_of_its_output_and_where_the_rest_is(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    with pytest.raises(StepFailed) as failure:
        run_logged([sys.executable, "-c", "print('没有网络'); raise SystemExit(3)"], log, hint="请检查代理。")
    for words in ("没有网络", "（3）", str(log), "请检查代理。"):
        assert words in str(failure.value)


def test_a_missing_program_is_told_not_raised(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="无法运行"):
        run_logged(["/nowhere/at/all"], tmp_path / "x.log")


def test_the_tail_of_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == ""
