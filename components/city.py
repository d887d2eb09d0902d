"""What the components share: where the city's data are, and which words of a message are read."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from hotline.language import identifiers, normalise, slips
from hotline.language import reading as reading_module
from hotline.language.identifiers import find_identifiers
from hotline.language.patterns import data_dir, lexicon_file
from hotline.language.reading import read

#: What features see in place of a number: the digits of 13812345678 are not those of 12345.
STAND_INS = {"phone": "电话号码", "id_card": "身份证号", "order_number": "工单号", "query_code": "查询码"}
_WORD = re.compile(r"\w")


def city_dir() -> Path:
    """The folder of the city that ``HOTLINE_CITY`` names (株洲 when it names none)."""
    return data_dir() / "city" / os.environ.get("HOTLINE_CITY", "zhuzhou")


def words_of(message: Message) -> str:
    """What the citizen wrote; empty for a message without text and for a command of our own buttons.

    A command (``/ask_matter{…}``) is read by Rasa's RegexMessageHandler and must pass through untouched.
    """
    text = message.get(TEXT)
    if not isinstance(text, str) or text.strip().startswith(INTENT_MESSAGE_PREFIX):
        return ""
    return text


def reading() -> bytes:
    """A hash of the code and the words that decide what features see; Rasa's cache knows the components' own code only."""
    digest = hashlib.sha256()
    for module in (identifiers, normalise, reading_module, slips, sys.modules[__name__]):
        digest.update(Path(str(module.__file__)).read_bytes())
    for name in ("dialect.yml", "slips.yml", "words.txt"):
        digest.update(lexicon_file(name).read_bytes())
    return digest.digest()


def features_of(message: Message) -> str:
    """What the classifier is to see of a message: as it is read, numbers named; empty when there are no words."""
    text = words_of(message)
    for item in reversed(find_identifiers(text)):
        text = f"{text[: item.start]}{STAND_INS[item.kind]}{text[item.end :]}"
    return read(text) if _WORD.search(text) else ""
