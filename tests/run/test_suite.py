"""The summary counts what really ran, and a broken-off runner is never called a success."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import suite
from tests.suite import Counts, Result, Step, read_junit, run_all, show_table

REPORT = """<testsuites><testsuite tests="4">
<testcase name="a"/><testcase name="b"><failure/></testcase>
<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(autouse=True)
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(suite, "OUT", tmp_path)
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    return tmp_path


def python(code: str) -> list[list[object]]:
    return [[sys.executable, "-c", code]]


def test_a_report_is_counted(out: Path) -> None:
    (out / "x.xml").write_text(REPORT)
    assert read_junit(out / "x.xml") == Counts(1, 2, 1)
    assert read_junit(out / "missing.xml") is None


def test_a_runner_that_dies_without_a_report_counts_as_one_failure(out: Path) -> None:
    (result,) = run_all([Step("dies", python("raise SystemExit(5)"), out / "none.xml")])
    assert not result.ok
    assert result.counts == Counts(0, 1)


def test_a_runner_that_fails_after_its_tests_passed_is_a_failure(out: Path) -> None:
    code = f"open({str(out / 'x.xml')!r}, 'w').write('<r><testcase/></r>'); raise SystemExit(1)"
    (result,) = run_all([Step("late", python(code), out / "x.xml")])
    assert result.counts == Counts(1, 1)


def test_what_needs_a_failed_step_is_not_run_and_counts_as_failed() -> None:
    first = Step("first", python("raise SystemExit(1)"))
    second = Step("second", python("print('never')"), after=("first",), alone=True)
    results = run_all([first, second])
    assert [result.ok for result in results] == [False, False]
    assert not second.log.exists()


def test_counts_are_found_in_the_output() -> None:
    step = Step("stories", python("print('Correct: 7 / 8')"), pattern=r"Correct:\s+(\d+) / (\d+)")
    assert run_all([step])[0].counts == Counts(7, 1)


def test_the_last_line_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    good = Result(Step("a", []), True, Counts(passed=3))
    bad = Result(Step("b", []), False, Counts(passed=1, failed=2))
    assert show_table([good], 1.0)
    assert not show_table([good, bad], 1.0)
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 2 failed"
