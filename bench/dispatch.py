"""How well complaints are sorted, on real letters of Hunan's citizens that are not part of this repository.

    python -m bench.dispatch --folder PATH            both parts
    python -m bench.dispatch --folder PATH --errors   also the letters that the default classifier gets wrong

1. Training on past orders: ``segmented_train.csv``, four fifths to learn from, one fifth to ask, three draws; beside what is
   usually taken, character TF-IDF with a linear SVM.
2. The default classifier at the level of the seven fields: on ``raw_dev.csv``, whose letters were read (never copied) while
   its examples were written, and on ``segmented_train.csv``, whose letters were not, and which are shortened and harder.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path

import jieba
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.svm import LinearSVC

from hotline.dispatch.classifier import Classifier
from hotline.dispatch.default_model import load_default, load_taxonomy
from hotline.dispatch.evaluation import choose_among, measure, raise_to_level
from hotline.language.encoder import load_encoder
from hotline.settings import get_settings

SEEDS = (12345, 12346, 12347)
_TRAIN, _DEV = "segmented_train.csv", "raw_dev.csv"


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def training(folder: Path) -> None:
    """Part 1."""
    rows = read(folder / _TRAIN)
    texts, labels = [row["text"] for row in rows], [row["category"] for row in rows]
    print(f"用历史工单训练：{_TRAIN}，{len(rows)} 条，八成学、两成考")
    print("  随机种子   字 TF-IDF 1–3 + 线性 SVM   hotline dispatch train   （宏平均 F1，准确率）")
    found = []
    for seed in SEEDS:
        parts = train_test_split(texts, labels, test_size=0.2, random_state=seed, stratify=labels)
        learnt, asked, learnt_labels, meant = parts
        usual = _usual(learnt, learnt_labels, asked)
        begun = time.monotonic()
        classifier = Classifier.train(learnt, learnt_labels, encoder=load_encoder(get_settings().encoder))
        seconds = time.monotonic() - begun
        figures = measure(classifier.probabilities(asked), classifier.classes, meant)
        row = (
            float(f1_score(meant, usual, average="macro")),
            float(np.mean(np.asarray(meant) == usual)),
            figures.macro_f1,
            figures.accuracy,
        )
        found.append(row)
        print(
            f"  {seed}      {row[0]:.4f} {row[1]:.4f}             {row[2]:.4f} {row[3]:.4f}   {seconds:.0f} 秒",
            flush=True,
        )
    mean = np.mean(found, axis=0)
    print(f"  平均       {mean[0]:.4f} {mean[1]:.4f}             {mean[2]:.4f} {mean[3]:.4f}")


def _usual(learnt: list[str], labels: list[str], asked: list[str]) -> np.ndarray:
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    joined = vectorizer.fit_transform(["".join(text.split()) for text in learnt])
    machine = LinearSVC().fit(joined, labels)
    return np.asarray(machine.predict(vectorizer.transform(["".join(text.split()) for text in asked])))


def default(folder: Path, errors: bool) -> None:
    """Part 2."""
    rows = read(folder / _DEV)
    texts, meant = [f"{row['title']} {row['detail']}" for row in rows], [row["label"] for row in rows]
    settings = get_settings()
    classifier, taxonomy = load_default(settings), load_taxonomy(settings)
    print(f"\n自带的分类：{_DEV}，{len(rows)} 条，{len(classifier.classes)} 个事项；")
    print(
        f"  训练句子交叉检验：第一位就对 {classifier.tested.accuracy:.1%}，前三位 {classifier.tested.top3:.1%}"
    )
    begun = time.monotonic()
    by_topic = classifier.probabilities(texts)
    print(f"  每条 {(time.monotonic() - begun) / len(texts) * 1000:.1f} 毫秒")
    sums, fields = raise_to_level(by_topic, classifier.classes, taxonomy, "field")
    few, names = choose_among(sums, fields, set(meant))
    for words, figures in (
        (f"在文件里的 {len(names)} 类里选", measure(few, names, meant)),
        (f"在全部 {len(fields)} 类里选", measure(sums, fields, meant)),
    ):
        print(
            f"  {words}：准确率 {figures.accuracy:.4f}，前三位 {figures.top3:.4f}，宏平均 F1 {figures.macro_f1:.4f}"
        )
    figures = measure(few, names, meant)
    print("  各类：" + "，".join(f"{label} {share:.0%}" for label, _, share in figures.found))
    for label, other, count in figures.confusions[:12]:
        print(f"    {count:4d} 次  {label} → 认成 {other}")
    others = read(folder / _TRAIN)
    found = classifier.probabilities([row["text"] for row in others])
    labels = [row["category"] for row in others]
    few_others, few_names = choose_among(
        *raise_to_level(found, classifier.classes, taxonomy, "field"), set(labels)
    )
    figures = measure(few_others, few_names, labels)
    print(f"  {_TRAIN}，{len(others)} 条：准确率 {figures.accuracy:.4f}，宏平均 F1 {figures.macro_f1:.4f}")
    if errors:
        for number, row in enumerate(few):
            if names[int(row.argmax())] != meant[number]:
                best = [classifier.classes[n] for n in (-by_topic[number]).argsort()[:3]]
                topics = "、".join(f"{code} {taxonomy.topics[code].name}" for code in best)
                print(f"  {meant[number]} → {names[int(row.argmax())]}（{topics}）{texts[number][:90]!r}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="the folder with the letters")
    parser.add_argument("--errors", action="store_true", help="print what the default classifier gets wrong")
    parser.add_argument("--part", choices=("training", "default"), help="one part only")
    options = parser.parse_args()
    jieba.setLogLevel("WARNING")
    missing = [name for name in (_TRAIN, _DEV) if not (options.folder / name).is_file()]
    if missing:
        sys.exit(
            f"{options.folder} 里没有 {'、'.join(missing)}。这些信件不在本仓库里，只用来测量；请用 --folder 写明它们在哪。"
        )
    if options.part != "default":
        training(options.folder)
    if options.part != "training":
        default(options.folder, options.errors)


if __name__ == "__main__":
    main()
