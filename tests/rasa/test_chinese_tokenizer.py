from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import components.chinese_tokenizer as module
from components.chinese_tokenizer import ChineseTokenizer


@pytest.fixture
def tokenizer(tmp_path: Path) -> ChineseTokenizer:
    return ChineseTokenizer.create(
        ChineseTokenizer.get_default_config(), LocalModelStorage(tmp_path), Resource("tokenizer"), None
    )


def _words(tokenizer: ChineseTokenizer, text: str) -> list[str]:
    return [token.text for token in tokenizer.tokenize(Message(data={TEXT: text}), TEXT)]


@pytest.mark.parametrize("word", ["社保卡", "娭毑", "冇得", "政企通", "月塘街道", "住建局", "慢特病"])
def test_the_hotlines_words_stay_whole(tokenizer: ChineseTokenizer, word: str) -> None:
    assert word in _words(tokenizer, f"我想问一下{word}的事情")


def test_blanks_are_no_tokens_and_places_are_those_of_the_text(tokenizer: ChineseTokenizer) -> None:
    text = "社保卡  在哪里\n 办"
    tokens = tokenizer.tokenize(Message(data={TEXT: text}), TEXT)
    assert all(token.text.strip() for token in tokens)
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_features_are_counted_on_the_plain_spelling(tokenizer: ChineseTokenizer) -> None:
    tokens = tokenizer.tokenize(Message(data={TEXT: "ＡＰＰ怎么用"}), TEXT)
    assert tokens[0].lemma == "app"


@pytest.mark.parametrize("text", ["😭😭", "。", "  ", "\u200b"])
def test_a_message_without_words_still_has_a_token(tokenizer: ChineseTokenizer, text: str) -> None:
    assert tokenizer.tokenize(Message(data={TEXT: text}), TEXT)


@pytest.mark.parametrize("text", ["😭😭", "。", "？？", "  "])
def test_what_has_no_words_looks_like_nothing_known(tokenizer: ChineseTokenizer, text: str) -> None:
    lemmas = [token.lemma for token in tokenizer.tokenize(Message(data={TEXT: text}), TEXT)]
    assert lemmas == ["□"]


def test_a_number_is_one_token_counted_by_its_kind(tokenizer: ChineseTokenizer) -> None:
    text = "工单20261124 00012办到哪了，电话138-1234-5678"
    tokens = tokenizer.tokenize(Message(data={TEXT: text}), TEXT)
    numbers = {
        token.text: token.lemma for token in tokens if any(character.isdigit() for character in token.text)
    }
    assert numbers == {"20261124 00012": "工单号", "138-1234-5678": "电话号码"}
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_a_model_keeps_the_words_it_was_trained_with(
    tmp_path: Path, tokenizer: ChineseTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer.train(TrainingData())
    monkeypatch.setattr(module, "dictionaries", list)
    config = ChineseTokenizer.get_default_config()
    loaded = ChineseTokenizer.load(config, LocalModelStorage(tmp_path), Resource("tokenizer"), None)
    assert "茨菇塘街道" in _words(loaded, "我住茨菇塘街道")
    without = ChineseTokenizer.create(config, LocalModelStorage(tmp_path), Resource("other"), None)
    assert "茨菇塘街道" not in _words(without, "我住茨菇塘街道")


def test_a_new_word_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = tmp_path / "words.txt"
    monkeypatch.setattr(module, "dictionaries", lambda: [words])
    words.write_text("一件事 900 n\n", encoding="utf-8")
    before = ChineseTokenizer.fingerprint_addon({})
    words.write_text("一件事 900 n\n政企通 900 n\n", encoding="utf-8")
    assert before != ChineseTokenizer.fingerprint_addon({})
