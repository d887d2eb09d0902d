"""``hotline dispatch …``: train a classifier on past orders, measure it, try it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import jieba
import typer

from hotline.dispatch.classifier import Classifier, TrainingError
from hotline.dispatch.default_model import load_default, load_taxonomy
from hotline.dispatch.evaluation import LEVELS, Figures, choose_among, find_level, measure, raise_to_level
from hotline.dispatch.history import HEAD_NAMES, History, HistoryError, read_history
from hotline.dispatch.model_file import Model, ModelError
from hotline.dispatch.taxonomy import Taxonomy, TaxonomyError
from hotline.language.encoder import UnknownEncoder, load_encoder
from hotline.run.progress import pad
from hotline.settings import get_settings

jieba.setLogLevel("WARNING")  # its dictionary is loaded in half a second; nobody needs to read of it

app = typer.Typer(help="派单：用历史工单训练分类，测准确率，试一句", no_args_is_help=True)

ModelFile = Annotated[Path | None, typer.Option("--model", help="模型文件；不填就用自带的分类")]
_ERRORS = (HistoryError, ModelError, TaxonomyError, TrainingError, UnknownEncoder)

#: Rows learnt from; more take memory and change little.
_MOST = 40_000
#: Fewer examples of a class than this are hardly learnt.
_THIN = 5
_LINES = 15


def _stop(message: object) -> NoReturn:
    typer.echo(str(message), err=True)
    raise typer.Exit(1)


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        _stop(error)


def _note(text: str) -> None:
    """Beside the output proper, which may be JSON."""
    typer.echo(text, err=True)


@app.command()
def train(
    file: Annotated[
        Path, typer.Argument(help="历史工单 CSV：text（或 title、detail）列，category 和（或）unit 列")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="模型写到哪个文件")],
) -> None:
    """用历史工单训练类别和承办单位的分类，写成模型文件。"""
    if output.is_dir():
        _stop(f"{output} 是文件夹，请写明文件名，例如 {output / 'dispatch.npz'}。")
    with _clear_errors():
        history = read_history(file)
        typer.echo(f"读到 {len(history.texts)} 条工单。")
        if history.without_text:
            typer.echo(f"跳过没有文字的 {history.without_text} 行。")
        heads = {}
        for head in history.labels:
            trained = _train_head(history, head)
            if trained is not None:
                heads[head] = trained
    if not heads:
        _stop("没有训练出任何分类，没有写文件。")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        Model(heads).save(output)
    except OSError as error:
        _stop(f"{output} 写不了：{error.strerror}。")
    typer.echo(f"已写好 {output}（{output.stat().st_size / 1e6:.1f} MB）。")


def _train_head(history: History, head: str) -> Classifier | None:
    """Train one head and say how good it is; None when there is nothing to learn."""
    name = HEAD_NAMES[head]
    texts, labels = history.labelled(head)
    if missing := history.unlabelled(head):
        typer.echo(f"{name}：{missing} 条没有填，不用来学。")
    counts = Counter(labels)
    if len(texts) > _MOST:
        typer.echo(f"{name}：一共 {len(texts)} 条，均匀抽取其中 {_MOST} 条来学。")
        chosen = [number * len(texts) // _MOST for number in range(_MOST)]
        texts, labels = [texts[number] for number in chosen], [labels[number] for number in chosen]
    typer.echo(f"{name}：{len(texts)} 条，{len(counts)} 类。")
    thin = [label for label, count in counts.items() if count < _THIN]
    if thin:
        typer.echo(f"{name}：{len(thin)} 类不到 {_THIN} 条，很难认准：{_listed(thin)}")
    try:
        found = Classifier.train(
            texts,
            labels,
            encoder=load_encoder(get_settings().encoder),
            progress=lambda step: typer.echo(f"{name}：{step} …"),
        )
    except TrainingError as error:
        _note(f"{name}：{error}")
        return None
    typer.echo(f"{name}：交叉检验，{_in_words(found.tested)}")
    return found


def _listed(names: Sequence[str]) -> str:
    shown = "、".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} 等"


def _in_words(figures: Figures) -> str:
    return (
        f"第一位就对 {figures.accuracy:.1%}，前三位里有 {figures.top3:.1%}，"
        f"宏平均 F1 {figures.macro_f1:.3f}（{figures.count} 条）"
    )


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="有正确答案的 CSV，列和训练时一样")],
    model: ModelFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="只打印 JSON")] = False,
    all_categories: Annotated[
        bool,
        typer.Option("--all-categories", help="用自带的分类时，在全部类别里选，不只在文件里出现的类别里选"),
    ] = False,
) -> None:
    """用有答案的工单测准确率，列出最常见的混淆。"""
    with _clear_errors():
        history = read_history(file)
        heads = _load(model).heads
        shared = [head for head in heads if any(history.labels.get(head, []))]
        if not shared:
            have = "、".join(HEAD_NAMES[head] for head in heads)
            _stop(f"{file.name} 里没有这个模型能判断的列。模型判断的是：{have}。")
        # An office's own model is judged as it works; ours is asked in the words of the file.
        among_occurring = model is None and not all_categories
        if history.without_text:
            _note(f"跳过没有文字的 {history.without_text} 行。")
        found = {head: _evaluate_head(head, heads[head], history, among_occurring) for head in shared}
    if as_json:
        typer.echo(json.dumps({head: figures.as_json() for head, figures in found.items()}))
        return
    for head, figures in found.items():
        _show(HEAD_NAMES[head], figures)


def _load(model: Path | None) -> Model:
    if model is not None:
        return Model.load(model)
    return Model(
        {"category": load_default(get_settings(), progress=lambda step: _note(f"自带的分类：{step} …"))}
    )


def _evaluate_head(head: str, classifier: Classifier, history: History, among_occurring: bool) -> Figures:
    name = HEAD_NAMES[head]
    texts, meant = history.labelled(head)
    if missing := history.unlabelled(head):
        _note(f"{name}：{missing} 条没有填答案，不算在内。")
    probabilities, classes = classifier.probabilities(texts), classifier.classes
    occurring = set(meant)
    taxonomy = load_taxonomy(get_settings()) if head == "category" else None
    if taxonomy and set(classes) <= set(taxonomy.topics) and not occurring <= set(classes):
        level = find_level(taxonomy, meant)
        if level is not None:
            probabilities, classes = raise_to_level(probabilities, classes, taxonomy, level)
            _note(f"{name}：文件里写的是{LEVELS[level][0]}，各事项的概率按它合起来算。")
    unknown = sorted(occurring - set(classes))
    if len(unknown) == len(occurring):
        _stop(f"{name}：文件里的答案模型都没有学过：{_listed(unknown)}")
    if unknown:
        count = sum(label in set(unknown) for label in meant)
        _note(f"{name}：有 {len(unknown)} 种答案模型没有学过，这 {count} 条都算错：{_listed(unknown)}")
    if among_occurring and len(occurring & set(classes)) < len(classes):
        probabilities, classes = choose_among(probabilities, classes, occurring)
        _note(f"{name}：只在文件里出现的 {len(classes)} 类里选；要在全部类别里选，加 --all-categories。")
    return measure(probabilities, classes, meant)


def _show(name: str, figures: Figures) -> None:
    titles = _titles([label for label, _, _ in figures.found] + [other for _, other, _ in figures.confusions])
    typer.echo(f"{name}：{_in_words(figures)}")
    typer.echo("  各类认出多少：")
    weakest = (
        sorted(figures.found, key=lambda row: row[2])[:_LINES]
        if len(figures.found) > 2 * _LINES
        else figures.found
    )
    for label, count, share in weakest:
        typer.echo(f"    {pad(titles[label], 32)} {share:6.1%}  共 {count} 条")
    if len(weakest) < len(figures.found):
        typer.echo(f"    （只列认得最差的 {len(weakest)} 类，一共 {len(figures.found)} 类）")
    if not figures.confusions:
        typer.echo("  没有认错的。")
        return
    typer.echo("  最常见的混淆：")
    for meant, taken, count in figures.confusions[:_LINES]:
        typer.echo(f"    {count:4d} 次  {titles[meant]} → 认成 {titles[taken]}")


def _titles(labels: Sequence[str]) -> dict[str, str]:
    """Labels as people read them: a topic's code with its name."""
    taxonomy = _taxonomy()
    topics = taxonomy.topics if taxonomy else {}
    return {label: f"{label} {topics[label].name}" if label in topics else label for label in labels}


def _taxonomy() -> Taxonomy | None:
    try:
        return load_taxonomy(get_settings())
    except TaxonomyError:
        return None


@app.command("try")
def try_(
    text: Annotated[str, typer.Argument(help="群众的诉求")],
    model: ModelFile = None,
    count: Annotated[int, typer.Option("--top", min=1, help="列出几个")] = 5,
) -> None:
    """试一句：列出最可能的类别和单位。"""
    if not text.strip():
        _stop("请写出诉求的内容。")
    with _clear_errors():
        heads = _load(model).heads
        taxonomy = _taxonomy()
        for head, classifier in heads.items():
            row = classifier.probabilities([text])[0]
            typer.echo(f"{HEAD_NAMES[head]}：")
            for number in (-row).argsort(kind="stable")[:count]:
                label = classifier.classes[number]
                known = taxonomy is not None and label in taxonomy.topics
                words = f"{label}  {taxonomy.title(label)}" if taxonomy and known else label
                typer.echo(f"  {row[number]:6.1%}  {words}")


if __name__ == "__main__":
    app()
