"""A draft as a citizen would see it: the service's own answers, also while the draft is not whole yet. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from hotline.knowledge import answers, wording
from hotline.knowledge import editing_texts as texts
from hotline.knowledge.cards import Asked, known_aspects
from hotline.knowledge.respond import in_force
from hotline.knowledge.schema import ASPECT_NAMES, Matter

_MISSING = texts.NOT_FILLED_IN
_TRIES = 4


def preview(content: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The replies on the whole matter and on each aspect; ``left_out``: not all of the draft could be shown."""
    matter, left_out = _shown(content)
    replies = [{"aspect": None, "name": texts.WHOLE_MATTER, "reply": _reply(matter, [])}]
    for aspect in known_aspects(matter):
        replies.append(
            {
                "aspect": aspect,
                "name": wording.HEADINGS.get(aspect, ASPECT_NAMES[aspect]),
                "reply": _reply(matter, [aspect]),
            }
        )
    if not in_force(matter, today):
        replies[0]["reply"] = answers.not_in_force_reply(matter, today)
    return {"replies": replies, "left_out": left_out, "in_force": in_force(matter, today)}


def _reply(matter: Matter, aspects: list[str]) -> dict[str, Any]:
    return answers.answer_reply(matter, aspects, Asked())[0]


def _shown(content: Mapping[str, Any]) -> tuple[Matter, bool]:
    """The matter without what is wrong in it, and with words in place of what is missing."""
    fields = copy.deepcopy(dict(content))
    samples = list(dict.fromkeys(str(text).strip() for text in fields.get("samples") or ()))
    # Too few are no reason to show nothing.
    fields["samples"] = (samples + [f"{_MISSING}{number}" for number in range(8)])[: max(8, len(samples))]
    fields["to_confirm"] = [*(fields.get("to_confirm") or ()), _MISSING]
    for turn in range(_TRIES):
        try:
            return Matter.model_validate(fields), turn > 0
        except ValidationError as error:
            for path in sorted({tuple(item["loc"][:2]) for item in error.errors()}, key=repr, reverse=True):
                _mend(fields, path)
    return _empty(fields), True


def _mend(fields: dict[str, Any], path: tuple[Any, ...]) -> None:
    if not path:
        fields.pop("valid_to", None)
        return
    field = path[0]
    value = fields.get(field)
    if len(path) > 1 and isinstance(value, list) and isinstance(path[1], int):
        del value[path[1] : path[1] + 1]
        return
    fields.pop(field, None)
    if field in _REQUIRED:
        fields[field] = _REQUIRED[field]


_REQUIRED: dict[str, Any] = {
    "code": "draft",
    "title": _MISSING,
    "area": "life",
    "audience": _MISSING,
    "summary": _MISSING,
    "unit": _MISSING,
    "samples": [f"{_MISSING}{number}" for number in range(8)],
    "source": [{"title": _MISSING, "checked": "2000-01-01", "confidence": "B"}],
    "valid_from": "2000-01-01",
}


def _empty(fields: Mapping[str, Any]) -> Matter:
    title = fields.get("title")
    return Matter.model_validate(_REQUIRED | ({"title": title} if isinstance(title, str) and title else {}))
