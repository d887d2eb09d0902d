"""Tables of the WeChat channel."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.conversations.models import Conversation
from hotline.database import Base, now


class WechatContact(Base):
    """A citizen at an account, their conversation, and what may still be written to them."""

    __tablename__ = "wechat_contact"
    __table_args__ = (
        CheckConstraint("platform IN ('official', 'kf')", name="platform"),
        Index("ix_wechat_contact_waiting_there", "openid", postgresql_where=text("service_state = 2")),
    )

    #: The citizen's id in the account: an openid, or at 微信客服 an external_userid.
    openid: Mapped[str] = mapped_column(Text, primary_key=True)
    #: ``official``: through the 公众号; ``kf``: through 微信客服.
    platform: Mapped[str] = mapped_column(Text, default="official")
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Conversation.id), unique=True)
    #: The citizen has left the account: nothing can be written.
    left_at: Mapped[datetime | None]
    #: Up to this line of the conversation everything was brought to the citizen, or given up.
    told_seq: Mapped[int] = mapped_column(default=0)
    #: Messages that may still be sent since the citizen's last one, and until when.
    allowance: Mapped[int] = mapped_column(default=0)
    allowance_until: Mapped[datetime | None]
    #: The same since the last press, scan or subscription.
    event_allowance: Mapped[int] = mapped_column(default=0)
    event_allowance_until: Mapped[datetime | None]
    #: A push waits for the answer until then: what is said goes into the answer to it.
    waiting_until: Mapped[datetime | None]
    #: At 微信客服: the session's state there (0 new, 1 ours, 2 waiting there, 3 with a person there, 4 over), as last heard.
    service_state: Mapped[int | None] = mapped_column(SmallInteger)
    #: A code with which one message may be sent though the state would not allow it, and until when.
    event_code: Mapped[str | None] = mapped_column(Text)
    event_code_until: Mapped[datetime | None]
    #: How often it was tried in vain to bring the session where it belongs, and when it is tried again.
    moves: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    next_move_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def is_there(self) -> bool:
        """Whether the session is with people in 企业微信, who alone can write in it."""
        return self.service_state in (2, 3)


class WechatPush(Base):
    """A push, and how it was answered. The platform sends the same one up to three times."""

    __tablename__ = "wechat_push"
    __table_args__ = (Index("ix_wechat_push_created_at", "created_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    openid: Mapped[str] = mapped_column(Text)
    #: The text of the passive reply; empty: ``success``, and what is said goes by messages; None: not decided.
    reply: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class WechatNonce(Base):
    """A signed request that came: the same one with another body is a forgery."""

    __tablename__ = "wechat_nonce"

    #: Timestamp and nonce.
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class WechatMessage(Base):
    """A message to a citizen that does not go as the answer to a push: its delivery has a state of its own."""

    __tablename__ = "wechat_message"
    __table_args__ = (
        CheckConstraint("state IN ('待发送', '已发送', '等市民来信', '未送达')", name="state"),
        Index("ix_wechat_message_waiting", "next_try_at", postgresql_where=text("state = '待发送'")),
        Index("ix_wechat_message_openid", "openid", "id"),
        Index("ix_wechat_message_notice", "notice", postgresql_where=text("notice IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    openid: Mapped[str] = mapped_column(ForeignKey(WechatContact.openid))
    #: The lines of the conversation that it brings.
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    #: The choices at its end, for accounts that can show them to be tapped: ``head`` and ``titles``.
    choices: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="待发送")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    #: Nothing but a notice that there is something has gone out: the words follow when the citizen writes.
    brief: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: The platform's number of that notice.
    notice: Mapped[str | None] = mapped_column(Text)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]


class WechatToken(Base):
    """The access token of an account, shared by all processes."""

    __tablename__ = "wechat_token"

    #: The account's: an AppID, or the CorpID.
    app_id: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[datetime] = mapped_column(default=now)
    #: When it was last forced: the platform allows that once in 30 seconds, 20 times a day.
    forced_at: Mapped[datetime | None]


class WechatCursor(Base):
    """Up to where the messages of a 客服 account were taken; its row is held while a page of them is."""

    __tablename__ = "wechat_cursor"

    #: The account's ``open_kfid``.
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, default="")
    #: When it was last looked.
    looked_at: Mapped[datetime | None]
    #: Since when it is connected: what was said before is not ours.
    created_at: Mapped[datetime] = mapped_column(default=now)
