"""The passive reply (被动回复): what stands in the answer to a push. Pure."""

from __future__ import annotations

#: The platform asks for nothing more, and shows the citizen nothing.
SUCCESS = "success"


def cdata(text: str) -> str:
    """``text`` as a CDATA section; what would end it is parted."""
    return "<![CDATA[" + _clean(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def text_reply(*, to: str, account: str, text: str, at: int) -> str:
    """The XML of a text reply.

    Args:
        to: the citizen's openid.
        account: the account's original id (gh_…).
        at: seconds since 1970.
    """
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(account)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{cdata(text)}</Content></xml>"
    )


def encrypted_reply(*, encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    """The envelope of an encrypted reply."""
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF))
    )
