from __future__ import annotations

from components.phrases import Phrases, Span

PHRASES = Phrases(
    [
        ("医保局", "unit", "medical"),
        ("医保", "matter", "insurance"),
        ("保局长", "matter", "nonsense"),
        ("户口", "matter", "register"),
        ("户口", "unit", "police"),
        ("", "unit", "nothing"),
    ]
)


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in PHRASES.find(text)]


def test_the_longest_counts_and_none_inside_or_across_it() -> None:
    assert found("医保局长电话") == ["医保局"]
    assert found("医保找医保局") == ["医保", "医保局"]


def test_of_two_with_one_spelling_the_first_counts() -> None:
    assert PHRASES.find("迁户口") == [Span(1, 3, "matter", "register")]


def test_a_text_without_any_has_none() -> None:
    assert found("") == []
    assert found("今天天气不错") == []
