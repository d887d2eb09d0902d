"""The 客服 account that is connected: ``kf`` in ``data/city/<city>/wechat.yml``; its secrets under ``kf`` in the file of secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from hotline.channels.wechat.setup import Secrets, SetupError, Strict, read_secrets, secrets_file, secrets_of
from hotline.settings import Settings

#: Stands as the agent of who answers in 企业微信 and has no number of ours.
SOMEBODY = "企微"


class KfAccount(Strict):
    """The account, and how it is spoken with. Without ``corp_id`` there is none."""

    #: 企业 ID, ww…
    corp_id: str = ""
    #: The account's own id, wk…
    open_kfid: str = ""
    api: str = "https://qyapi.weixin.qq.com"
    #: A callback that is older, or younger, by its own clock is refused.
    fresh_seconds: Annotated[int, Field(ge=30)] = 300
    #: What may be written after a message of the citizen, and for how long.
    messages: Annotated[int, Field(ge=1)] = 5
    message_hours: Annotated[float, Field(gt=0)] = 48
    #: So often is looked for messages whose callback did not come. Such looks are strictly limited by the platform.
    poll_seconds: Annotated[float, Field(ge=1)] = 60
    #: Who answers when a citizen wants a person: our agents at the ``console``, or the staff in 企业微信 (``wecom``).
    seats: Literal["console", "wecom"] = "console"
    #: The numbers of staff who answer in 企业微信, by their userid there.
    seats_of: dict[str, str] = Field(default_factory=dict)

    @field_validator("seats_of", mode="before")
    @classmethod
    def _numbers(cls, given: object) -> object:
        """A number is written without quotes as well."""
        return {str(key): str(value) for key, value in given.items()} if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _whole(self) -> KfAccount:
        if bool(self.corp_id) != bool(self.open_kfid):
            raise ValueError("corp_id（企业 ID）和 open_kfid（客服账号 ID）要写就都写")
        if self.open_kfid and not re.fullmatch(r"[\w-]{4,64}", self.open_kfid):
            raise ValueError("open_kfid 不对，应是 wk 开头的一串字母、数字")
        return self

    def agent(self, userid: str) -> str:
        """The number under which somebody in 企业微信 is known here."""
        return self.seats_of.get(userid, SOMEBODY)


@dataclass(frozen=True, kw_only=True)
class KfConnected:
    """An account with its secrets. ``scenes``: what is asked for who comes by a link of a scene."""

    account: KfAccount
    secrets: Secrets
    scenes: Mapping[str, str]


def connect(settings: Settings, account: KfAccount, scenes: Mapping[str, str]) -> KfConnected | None:
    """The connected account; None: there is none.

    Raises:
        SetupError: what is wrong.
    """
    if not account.corp_id:
        return None
    path = secrets_file(settings)
    given = read_secrets(settings, "微信客服").get("kf")
    if not isinstance(given, Mapping):
        raise SetupError(
            f"密钥文件 {path} 里要写 kf（微信客服的 secret、token、aes_key），见 docs/wechat.md。"
        )
    secrets = secrets_of(
        given,
        path,
        secret="secret",
        under=" kf 下面",
        receiver=account.corp_id,
        encrypted=True,
        platform="企业微信后台",
    )
    return KfConnected(account=account, secrets=secrets, scenes=scenes)
