"""``hotline dispatch …`` as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hotline.dispatch.cli import app
from hotline.settings import Settings
from tests.dispatch.conftest import write

runner = CliRunner()


def _run(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def model(history: Path, tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "models" / "dispatch.npz"
    done = _run("train", history, "--output", path)
    assert done.exit_code == 0, done.output
    return path


def test_training_says_what_it_read_and_how_good_the_model_is(
    history: Path, tmp_path: Path, settings: Settings
) -> None:
    with history.open("a", encoding="utf-8") as file:
        file.write(",,0701,\n只有一条,内容,9999,\n")
    done = _run("train", history, "--output", tmp_path / "dispatch.npz")
    assert done.exit_code == 0, done.output
    assert "读到 73 条工单" in done.stdout
    assert "跳过没有文字的 1 行" in done.stdout
    assert "类别：73 条，5 类" in done.stdout
    assert "很难认准：9999" in done.stdout
    assert "承办单位：1 条没有填，不用来学" in done.stdout
    assert "类别：交叉检验，第一位就对" in done.stdout
    assert "承办单位：交叉检验，第一位就对" in done.stdout


def test_json_holds_the_heads_that_file_and_model_share(model: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    write(test, [["text", "unit"], ["老街停电了", "供电公司"], ["物业乱收费", "市住建局"]])
    done = _run("evaluate", test, "--model", model, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"unit": {"accuracy": 1.0, "top3": 1.0, "macro_f1": 1.0}}


def test_evaluation_in_words_shows_the_confusions(model: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    write(
        test, [["text", "category"], ["老街停电了", "0713"], ["烧烤店音响太吵", "0604"], ["什么", "没学过"]]
    )
    done = _run("evaluate", test, "--model", model)
    assert done.exit_code == 0, done.output
    assert "第一位就对 33.3%" in done.stdout
    assert "1 次  0604 物业 → 认成 0701 噪声扰民" in done.stdout
    assert "有 1 种答案模型没有学过，这 1 条都算错：没学过" in done.stderr


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["0713", "0701"], "只在文件里出现的 2 类里选"),
        (["供电", "噪声扰民"], "事项名称"),
        (["城乡建设", "环境保护"], "湖南省一级分类"),
    ],
)
def test_the_default_model_is_measured_at_the_level_of_the_file(
    settings: Settings, tmp_path: Path, labels: list[str], words: str
) -> None:
    test = tmp_path / "test.csv"
    write(
        test,
        [["title", "detail", "label"], ["停电", "老街停电了", labels[0]], ["太吵", "音响太吵", labels[1]]],
    )
    done = _run("evaluate", test, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"category": {"accuracy": 1.0, "top3": 1.0, "macro_f1": 1.0}}
    assert words in done.stderr


def test_all_categories_are_chosen_among_when_asked(settings: Settings, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    write(test, [["text", "label"], ["公交车不来", "0713"], ["停电", "0713"]])
    few = json.loads(_run("evaluate", test, "--json").stdout)["category"]["accuracy"]
    many = json.loads(_run("evaluate", test, "--json", "--all-categories").stdout)["category"]["accuracy"]
    assert (few, many) == (1.0, 0.5)


def test_one_sentence_can_be_tried(settings: Settings, model: Path) -> None:
    done = _run("try", "楼下烧烤店半夜放音响")
    assert done.exit_code == 0, done.output
    assert "0701  城市管理与环境 / 噪声扰民" in done.stdout.splitlines()[1]
    done = _run("try", "楼下烧烤店半夜放音响", "--model", model, "--top", "1")
    assert "承办单位：\n" in done.stdout
    assert "市生态环境局" in done.stdout


def test_mistakes_end_with_one_clear_line(history: Path, tmp_path: Path, settings: Settings) -> None:
    single = tmp_path / "single.csv"
    write(single, [["text", "category"], *([f"停电{word}", "供电"] for word in "甲乙丙丁")])
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"nothing")
    units = tmp_path / "units.csv"
    write(units, [["text", "unit"], ["停电", "供电公司"]])
    for arguments, words in (
        (("train", tmp_path / "none.csv", "-o", tmp_path / "m"), "none.csv 这个文件"),
        (("train", single, "-o", tmp_path / "m"), "只有一个类别"),
        (("train", history, "-o", tmp_path), "是文件夹，请写明文件名"),
        (("evaluate", history, "--model", broken), "不是派单模型文件"),
        (("evaluate", units), "没有这个模型能判断的列"),
        (("try", " "), "请写出诉求的内容"),
    ):
        done = _run(*arguments)
        assert done.exit_code == 1, done.output
        assert words in done.stderr
        assert "Traceback" not in done.output
    assert not (tmp_path / "m").exists()
