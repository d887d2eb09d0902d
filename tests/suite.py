"""``make test``: runs every check and every test, and closes with one table.

Two steps run at a time; the tests of the whole hotline run alone, after the rest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from deploy.setup.browser import chromium
from hotline.run.progress import pad, say, speak_any_locale
from hotline.run.training import fingerprint, rasa_environment
from hotline.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "var" / "test"
PYTHON = Path(sys.executable)
RASA = ROOT / ".venv" / "rasa" / "bin" / "python"
NPM = ("sh", "deploy/setup.sh", "npm")
_AT_A_TIME = 2
_STEP_SECONDS = 3000
_BEAT_SECONDS = 30
_SHOWN_LINES = 200
#: The service's tests are parted, so that both processors have something to do: these, every route, and the rest.
_CASES = ("work_orders", "audit", "desk", "open311", "outside", "privacy", "similarity")
_ROUTES = "tests/test_openapi.py"


@dataclass(frozen=True)
class Counts:
    """How many tests did what."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Step:
    """One check or test runner."""

    name: str
    commands: Sequence[Sequence[object]]
    #: A JUnit file that the command writes, or None: the step itself counts as one test.
    report: Path | None = None
    #: Counts in the output: passed and all.
    pattern: str = ""
    #: Names of steps that must have passed before.
    after: tuple[str, ...] = ()
    alone: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where the output goes."""
        return OUT / (re.sub(r"\W+", "-", self.name) + ".log")


@dataclass(frozen=True)
class Result:
    """How a step ended. ``skipped`` says why it did not run."""

    step: Step
    ok: bool
    counts: Counts
    seconds: float = 0.0
    skipped: str = ""


def checks() -> list[Step]:
    """Style and types."""
    mypy: list[object] = [PYTHON, "-m", "mypy"]
    # The action server and Rasa's components run on Python 3.10, with Rasa's own libraries.
    in_rasa: list[object] = [
        "--python-version",
        "3.10",
        "--python-executable",
        RASA,
        "--ignore-missing-imports",
    ]
    in_rasa += ["--allow-subclassing-any", "--cache-dir", ".mypy_cache/rasa"]
    return [
        Step("类型：服务", [[*mypy, "-p", "hotline", "-p", "deploy"]]),
        Step("类型：动作和组件", [[*mypy, *in_rasa, "-p", "actions", "-p", "components"]]),
        Step(
            "写法：Python",
            [[PYTHON, "-m", "ruff", "format", "--check", "."], [PYTHON, "-m", "ruff", "check", "."]],
        ),
        Step("写法和类型：网页", [[*NPM, "run", "check"]]),
        Step("写法和类型：工作台", [[*NPM, "console", "run", "check"]]),
    ]


def tests() -> list[Step]:
    """All tests."""
    settings = Settings()
    model = ROOT / "models" / f"{fingerprint(settings)}.tar.gz"
    data = [path for path in ("data/nlu", "data/rules", "data/stories") if (ROOT / path).exists()]
    validate: list[object] = [RASA, "-m", "rasa", "data", "validate", "--data", *data]
    stories: list[object] = [
        RASA,
        "-m",
        "rasa",
        "test",
        "core",
        "--stories",
        "tests/rasa/stories",
        "--model",
        model,
    ]
    stories += ["--fail-on-prediction-errors", "--no-plot", "--out", OUT / "stories"]
    reported = ("test", "--", "--reporter=default", "--reporter=junit")
    quiet = {name: value for name, value in rasa_environment().items() if os.environ.get(name) != value}
    found = [
        Step("训练模型", [[PYTHON, "-m", "hotline.cli", "train"]]),
        _pytest("测试：工作台页面", PYTHON, "tests/console"),
        _pytest("测试：工单和接口", PYTHON, *_beside()),
        _pytest("测试：每条接口", PYTHON, _ROUTES),
        _pytest("测试：服务", PYTHON, "tests", *(f"--ignore={path}" for path in (_ROUTES, *_beside()))),
        _pytest("测试：动作和组件", RASA, "tests/rasa", "--confcutdir=tests/rasa", environment=quiet),
        Step("数据：rasa data validate", [validate], environment=quiet),
        Step(
            "测试：网页",
            [[*NPM, *reported, f"--outputFile.junit={OUT / 'widget.xml'}"]],
            report=OUT / "widget.xml",
        ),
        Step(
            "测试：工作台",
            [[*NPM, "console", *reported, f"--outputFile.junit={OUT / 'console.xml'}"]],
            report=OUT / "console.xml",
        ),
    ]
    if any((ROOT / "tests" / "rasa" / "stories").glob("*.yml")):
        pattern = r"(?s)CONVERSATION level:.*?Correct:\s+(\d+) / (\d+)"
        after = ("训练模型",)
        found.append(Step("测试：对话故事", [stories], pattern=pattern, after=after, environment=quiet))
    if any((ROOT / "tests" / "system").glob("test_*.py")):
        found.append(_pytest("测试：全系统", PYTHON, "tests/system", after=("训练模型",)))
    found.append(
        Step(
            "评测：理解",
            [[PYTHON, "-m", "tests.evaluation"]],
            pattern=r"底线：(\d+) / (\d+) 达到",
            after=("训练模型",),
            alone=True,
        )
    )
    if any((ROOT / "tests" / "browser").glob("test_*.py")):
        found.append(_pytest("测试：浏览器", PYTHON, "tests/browser", after=("训练模型",)))
    return found


def _beside() -> list[str]:
    return [f"tests/{name}" for name in _CASES]


def _pytest(
    name: str,
    python: Path,
    folder: str,
    *options: str,
    after: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Step:
    report = OUT / f"{folder.replace('/', '-')}.xml"
    command = [python, "-m", "pytest", folder, "-q", f"--junitxml={report}", *options]
    return Step(name, [command], report, after=after, alone=bool(after), environment=environment or {})


def run_step(step: Step) -> Result:
    """Run one step, its output going to its log."""
    started = time.monotonic()
    if step.report is not None:
        step.report.unlink(missing_ok=True)
    ok = True
    with step.log.open("wb") as log:
        for command in step.commands:
            log.write(f"$ {' '.join(map(str, command))}\n".encode())
            log.flush()
            try:
                code = subprocess.run(
                    [str(part) for part in command],
                    cwd=ROOT,
                    env=dict(os.environ) | dict(step.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=_STEP_SECONDS,
                    check=False,
                ).returncode
            except (OSError, subprocess.TimeoutExpired) as error:
                log.write(f"{error}\n".encode())
                code = 1
            if code:
                log.write(f"\n（退出码 {code}）\n".encode())
            ok = ok and code == 0
    return Result(step, ok, _counts(step, ok), time.monotonic() - started)


def _counts(step: Step, ok: bool) -> Counts:
    counts = Counts(passed=int(ok), failed=int(not ok))
    if step.report is not None:
        counts = read_junit(step.report) or counts
    elif step.pattern:
        match = re.search(step.pattern, step.log.read_text(encoding="utf-8", errors="replace"))
        if match:
            passed, total = int(match[1]), int(match[2])
            counts = Counts(passed, total - passed)
    if not ok and not counts.failed:  # it broke apart from its tests
        counts = Counts(counts.passed, 1, counts.skipped)
    return counts


def read_junit(path: Path) -> Counts | None:
    """The counts of a JUnit file; None when it is missing or broken off."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    cases = list(root.iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Counts(len(cases) - failed - skipped, failed, skipped)


def run_all(steps: Sequence[Step]) -> list[Result]:
    """Run the steps, two at a time, and show each as it ends."""
    waiting, done = list(steps), dict[str, Result]()
    running: dict[Future[Result], Step] = {}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        while waiting or running:
            for step in list(waiting):
                before = [done.get(name) for name in step.after]
                if any(result is not None and not result.ok for result in before):
                    waiting.remove(step)
                    done[step.name] = Result(step, False, Counts(failed=1), skipped="前一步失败，没有运行")
                    _show(done[step.name])
                    continue
                others = [s for s in waiting if not s.alone]
                free = not running and not others if step.alone else len(running) < _AT_A_TIME
                if free and None not in before:
                    waiting.remove(step)
                    running[pool.submit(run_step, step)] = step
            ended, _ = wait(running, timeout=_BEAT_SECONDS, return_when=FIRST_COMPLETED)
            if not ended and running:
                say(f"  …… 还在进行：{'、'.join(step.name for step in running.values())}")
            for future in ended:
                step = running.pop(future)
                done[step.name] = future.result()
                _show(done[step.name])
    return [done[step.name] for step in steps]


def _show(result: Result) -> None:
    say(
        f"  {pad(result.step.name, 30)} {'通过' if result.ok else '失败'} {result.seconds:6.1f} 秒 {result.skipped}"
    )
    if not result.ok and not result.skipped:
        lines = result.step.log.read_text(encoding="utf-8", errors="replace").splitlines()
        say("\n".join(f"    | {line}" for line in lines[-_SHOWN_LINES:]))
        say(f"    全部输出：{result.step.log}")


def show_table(results: Sequence[Result], seconds: float) -> bool:
    """The summary; whether all is well."""
    say("\n" + pad("步骤", 30) + pad("结果", 8) + "  通过  失败  跳过      秒")
    for result in results:
        word = "跳过" if result.ok and result.skipped else "通过" if result.ok else "失败"
        counts = result.counts
        numbers = f"{counts.passed:6}{counts.failed:6}{counts.skipped:6}{result.seconds:8.1f}"
        say(
            pad(result.step.name, 30)
            + pad(word, 8)
            + numbers
            + (f"  {result.skipped}" if result.skipped else "")
        )
    passed = sum(result.counts.passed for result in results)
    failed = sum(result.counts.failed for result in results)
    say(f"共 {seconds:.0f} 秒，各步的输出在 {OUT.relative_to(ROOT)}/")
    say(f"\n{passed} passed, {failed} failed")
    return failed == 0 and all(result.ok for result in results)


def main(arguments: list[str]) -> int:
    """Run everything, or only the checks (``check``)."""
    speak_any_locale()
    OUT.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    steps = checks() if arguments == ["check"] else [*checks(), *tests()]
    missing: list[Result] = []
    in_browser = [step for step in steps if {"tests/browser", "tests/console"} & set(step.commands[0])]
    if in_browser:
        path = chromium()
        if path is not None:
            os.environ["HOTLINE_CHROMIUM"] = str(path)
        else:
            steps = [step for step in steps if step not in in_browser]
            say(
                "\n!!! 没有 Chromium，也装不上：浏览器测试没有运行。请安装 chromium，或用 HOTLINE_CHROMIUM 指明。\n"
            )
            in_ci = os.environ.get("CI", "").lower() in ("1", "true")
            missing = [
                Result(step, not in_ci, Counts(failed=int(in_ci), skipped=1), skipped="没有 Chromium")
                for step in in_browser
            ]
    # The slowest first.
    steps.sort(
        key=lambda step: (
            step.alone,
            step.name != "训练模型",
            not step.name.startswith(("测试：服务", "测试：工单", "测试：每条接口", "测试：工作台页面")),
        )
    )
    results = run_all(steps)
    return 0 if show_table([*results, *missing], time.monotonic() - started) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
