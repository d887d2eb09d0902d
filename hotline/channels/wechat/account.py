"""The account that is connected: ``data/city/<city>/wechat.yml``; and its secrets, which are never data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from hotline.channels.wechat.fields import What, takes
from hotline.channels.wechat.intake import Rules
from hotline.channels.wechat.kf.account import KfAccount, KfConnected, connect
from hotline.channels.wechat.push import Push
from hotline.channels.wechat.setup import (
    Secrets as Secrets,
)
from hotline.channels.wechat.setup import (
    SetupError as SetupError,
)
from hotline.channels.wechat.setup import Strict, Text, read_secrets, secrets_file, secrets_of
from hotline.settings import Settings
from hotline.yaml_files import read_yaml


class MenuLine(Strict):
    """A line of the menu: what is asked when it is pressed, what it opens at the phone, a page, or more lines.

    Names have at most 4 Chinese characters on top, 8 below; three lines on top, five below each (the platform's rule).
    """

    name: Text
    #: The words of a topic, as if the citizen had typed them.
    say: Text | None = None
    #: A web page.
    url: Text | None = None
    #: At the phone: the camera for a QR code of ours, the camera or the album for a photograph, the map for a place.
    opens: Literal["scan", "photo", "place"] | None = None
    lines: tuple[MenuLine, ...] = ()

    @model_validator(mode="after")
    def _one(self) -> MenuLine:
        if [self.say, self.url, self.opens, self.lines or None].count(None) != 3:
            raise ValueError("say、url、opens、lines 里要写一样，也只能写一样")
        return self


class Scene(Strict):
    """What a QR code of a window, a street or a unit opens."""

    name: Text
    #: What is asked for the citizen when the code is scanned.
    say: Text


class Template(Strict):
    """A template or subscription message, for what has to be told after the 48 hours.

    ``fields``: the template's own keys, each with what goes in.
    """

    id: Text
    kind: Literal["template", "subscribe"] = "template"
    fields: dict[str, What]

    @field_validator("fields")
    @classmethod
    def _fits(cls, fields: dict[str, What]) -> dict[str, What]:
        for key, what in fields.items():
            if not takes(key, what):
                raise ValueError(f"{key} 这种字段放不下 {what}")
        return fields


class Account(Strict):
    """The account, and how it is spoken with. Without ``app_id`` there is none."""

    app_id: str = ""
    #: Its original id, gh_…: what stands in ToUserName.
    original_id: str = ""
    mode: Literal["plain", "compatible", "safe"] = "safe"
    api: str = "https://api.weixin.qq.com"
    #: So long a push waits for the answer; the platform hangs up after 5 seconds.
    wait_seconds: Annotated[float, Field(gt=0, lt=5)] = 4.0
    #: A push that is older, or younger, by its own clock is refused.
    fresh_seconds: Annotated[int, Field(ge=30)] = 300
    #: What may be written after a message of the citizen, and for how long; after a press, a scan, a subscription.
    messages: Annotated[int, Field(ge=1)] = 5
    message_hours: Annotated[float, Field(gt=0)] = 48
    event_messages: Annotated[int, Field(ge=0)] = 3
    event_seconds: Annotated[float, Field(gt=0)] = 60
    menu: Annotated[tuple[MenuLine, ...], Field(max_length=3)] = ()
    scenes: dict[str, Scene] = Field(default_factory=dict)
    #: How choices are shown in messages of our own: ``numbered``, or ``msgmenu`` to be tapped. A tap opens a minute only, a typed number 48 hours.
    choices: Literal["numbered", "msgmenu"] = "numbered"
    #: By the state of the order (已受理, 已派单, 已答复 …); ``default`` for the others.
    templates: dict[str, Template] = Field(default_factory=dict)
    #: 微信客服, beside the 公众号 or alone.
    kf: KfAccount = KfAccount()

    @field_validator("menu")
    @classmethod
    def _menu(cls, lines: tuple[MenuLine, ...]) -> tuple[MenuLine, ...]:
        for line in lines:
            if len(line.name) > 4:
                raise ValueError(f"一级菜单“{line.name}”超过 4 个字")
            if len(line.lines) > 5:
                raise ValueError(f"“{line.name}”下面超过 5 项")
            for below in line.lines:
                if len(below.name) > 8 or below.lines:
                    raise ValueError(f"二级菜单“{below.name}”超过 8 个字，或者下面还有菜单")
        return lines

    @property
    def rules(self) -> Rules:
        """What may be written to a citizen."""
        return Rules(
            messages=self.messages,
            message_hours=self.message_hours,
            event_messages=self.event_messages,
            event_seconds=self.event_seconds,
        )

    def asked(self, push: Push) -> str | None:
        """The question that a press or a scan stands for."""
        if push.kind == "click":
            return self.pressed(push.value)
        scene = self.scenes.get(push.value)
        return None if scene is None else scene.say

    def pressed(self, key: str) -> str | None:
        """What is asked by the menu line with this key."""
        for line in self.menu:
            for one in (line, *line.lines):
                if one.say is not None and menu_key(one) == key:
                    return one.say
        return None


def menu_key(line: MenuLine) -> str:
    """The key of a line: stays the same as long as its words do, wherever it stands."""
    return f"say:{line.say}"[:128]


@dataclass(frozen=True, kw_only=True)
class Connected:
    """An account with its secrets."""

    account: Account
    secrets: Secrets
    #: The hotline's own page, if the public reaches it.
    page: str = ""


def load(settings: Settings) -> Connected | None:
    """The connected 公众号; None: there is none.

    Raises:
        SetupError: what is wrong.
    """
    account = load_account(settings.city_dir / "wechat.yml")
    if not account.app_id:
        return None
    given = read_secrets(settings, "公众号")
    secrets = secrets_of(
        given,
        secrets_file(settings),
        secret="app_secret",
        receiver=account.app_id,
        encrypted=account.mode != "plain",
        platform="公众平台",
    )
    return Connected(account=account, secrets=secrets, page=settings.public_url)


def load_kf(settings: Settings) -> KfConnected | None:
    """The connected 微信客服; None: there is none.

    Raises:
        SetupError: what is wrong.
    """
    account = load_account(settings.city_dir / "wechat.yml")
    return connect(settings, account.kf, {value: scene.say for value, scene in account.scenes.items()})


def load_account(path: Path) -> Account:
    """What the file says; without one there is no account.

    Raises:
        SetupError: what is wrong.
    """
    if not path.exists():
        return Account()
    try:
        return Account.model_validate(read_yaml(path) or {})
    except ValidationError as error:
        where = "；".join(
            f"{'.'.join(map(str, item['loc']))}：{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        )
        raise SetupError(f"{path.name} 里这几处不对：{where}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SetupError(f"{path.name} 读不懂：{error}") from None
