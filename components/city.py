"""Where the city's data are, and what every component leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from hotline.language.patterns import data_dir


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
