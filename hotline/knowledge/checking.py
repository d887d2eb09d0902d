"""What is wrong with a draft, by field and in Chinese: the schema, what must not be said, and titles that are taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hotline.knowledge import editing_texts as texts
from hotline.knowledge.cautions import Caution, Place, find_hits
from hotline.knowledge.errors import EditingError
from hotline.knowledge.fields import where
from hotline.knowledge.files import describe
from hotline.knowledge.schema import Matter

#: Something that no form sends: it cannot even be kept as a draft.
_SHAPE = frozenset(
    {"extra_forbidden", "list_type", "model_type", "dict_type", "string_type", "bool_type", "float_type"}
)
_LONGEST, _MOST_ITEMS = 5000, 500
#: Errors of the whole matter, by a part of their words: the field where they are mended.
_MENDED_AT = {"valid_to": "valid_to", "samples": "samples", "to_confirm": "to_confirm"}


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong. ``path``: field, item (from 0), field of the item."""

    path: Place
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}：{self.message}"


def cleaned(value: Any) -> Any:
    """The same without what the database cannot keep, and with empty texts as nothing said.

    Raises:
        EditingError: a text or a list is too long.
    """
    if isinstance(value, str):
        if len(value) > _LONGEST:
            raise EditingError("invalid", texts.TEXT_TOO_LONG.format(most=_LONGEST))
        kept = value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8").strip()
        return kept or None
    if isinstance(value, list):
        if len(value) > _MOST_ITEMS:
            raise EditingError("invalid", texts.LIST_TOO_LONG.format(most=_MOST_ITEMS))
        return ["" if item is None else item for item in map(cleaned, value)]
    if isinstance(value, dict):
        # What is empty says nothing: the schema's own default counts.
        kept_items = {str(name)[:60]: cleaned(item) for name, item in value.items()}
        return {name: item for name, item in kept_items.items() if item is not None}
    return value


def as_draft(content: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The content as a draft keeps it; fields may be missing or wrong, but each is what it is.

    Raises:
        EditingError: it has the form of no matter.
    """
    kept: dict[str, Any] = {}
    for name, value in content.items():
        item = cleaned(value)
        if item is not None:
            kept[name] = [] if item == [""] else item
    kept["code"] = code
    try:
        matter = Matter.model_validate(kept)
    except ValidationError as error:
        for item in error.errors():
            if item["type"] in _SHAPE:
                raise EditingError("invalid", texts.MISSHAPEN.format(where=_trouble(item))) from None
        return kept
    return matter.model_dump(mode="json")


def troubles(
    content: Mapping[str, Any], cautions: list[Caution], titles: Mapping[str, str] | None = None
) -> list[Trouble]:
    """All that keeps the content from being published.

    Args:
        titles: the codes of the other matters, by their titles.
    """
    found = []
    try:
        Matter.model_validate(content)
    except ValidationError as error:
        found = [_trouble(item) for item in error.errors()]
    for hit in find_hits(dict(content), cautions):
        found.append(Trouble(hit.path, where(hit.path), f"“{hit.match}”：{hit.reason}"))
    title = content.get("title")
    other = (titles or {}).get(title) if isinstance(title, str) else None
    if other is not None and other != content.get("code"):
        message = texts.TITLE_TAKEN.format(code=other)
        found.append(Trouble(("title",), where(("title",)), message))
    return found


def _trouble(item: Any) -> Trouble:
    path: Place = tuple(item["loc"])
    message = texts.NOT_FILLED if item["type"] == "missing" else describe(item)
    if not path:
        field = next((at for part, at in _MENDED_AT.items() if part in message), "")
        path = (field,) if field else ()
        message = texts.WHOLE.get(field, message)
    return Trouble(path, where(path), message.removeprefix("Value error, "))
