"""The XML in which the platform's requests come. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from hotline.channels.wechat.push import PushError


def read_envelope(body: bytes) -> dict[str, str]:
    """The fields at the top of a request; of an encrypted one ``Encrypt`` is among them.

    Raises:
        PushError: it is not such XML.
    """
    return {child.tag: (child.text or "").strip() for child in root_of(body)}


def root_of(body: bytes) -> Element:
    """The XML in ``body``.

    Raises:
        PushError: it is none, or one with tricks in it.
    """
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise PushError("not XML") from None
    return root
