"""XML and JSON of the open interface. Pure.

JSON is XML without its containers: a list of ``service`` elements is an array, a value that is missing is null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal
from xml.etree import ElementTree

Format = Literal["xml", "json"]

MEDIA_TYPES: Mapping[Format, str] = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
#: Without a charset: checkers of the discovery compare the whole header. The document says its encoding itself.
BARE_MEDIA_TYPES: Mapping[Format, str] = {"xml": "text/xml", "json": "application/json"}

#: What the elements of a list are called in XML.
_ELEMENTS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
#: What no XML document may hold, escaped or not (XML 1.0, production 2).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` as it can stand in any document: no control characters, lines ending in a line feed."""
    return _FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def render(root: str, content: Any, form: Format) -> bytes:
    """The document, in UTF-8.

    Args:
        root: the outermost element in XML, which JSON leaves out.
        content: dictionaries, lists, text, numbers, truth values and None.
    """
    if form == "json":
        return json.dumps(_cleaned(content), ensure_ascii=False).encode()
    text = ElementTree.tostring(_element(root, content), encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, Mapping):
        element.extend(_element(key, value) for key, value in content.items())
    elif isinstance(content, list):
        element.extend(_element(_ELEMENTS[name], item) for item in content)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = clean(str(content))
    return element


def _cleaned(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _cleaned(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_cleaned(item) for item in content]
    return clean(content) if isinstance(content, str) else content
