"""What the settings of both kinds of account are made of: strict data, and secrets, which are never data."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from hotline.channels.wechat.crypto import Crypt, CryptError
from hotline.settings import Settings
from hotline.yaml_files import read_yaml

Text = Annotated[str, Field(min_length=1)]


class SetupError(ValueError):
    """``wechat.yml`` or the file of secrets has mistakes; the message is Chinese."""


class Strict(BaseModel):
    """Data that says nothing but what is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What only the platform and we know."""

    app_secret: str
    token: str
    crypt: Crypt

    def __repr__(self) -> str:
        return "Secrets(…)"


def secrets_file(settings: Settings) -> Path:
    """Where the secrets are."""
    return settings.wechat_secrets or settings.var_dir / "secrets" / "wechat.yml"


def read_secrets(settings: Settings, whose: str) -> dict[str, Any]:
    """What the file of secrets says.

    Args:
        whose: the account that needs it, in words.

    Raises:
        SetupError: it is not there, others can read it, or nobody can.
    """
    path = secrets_file(settings)
    if not path.exists():
        raise SetupError(f"{whose}的密钥文件 {path} 不存在，请按 docs/wechat.md 建好。")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SetupError(f"密钥文件 {path} 别的用户也能读，请先运行：chmod 600 {path}")
    try:
        content: Any = read_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        # The parser's own words could show a secret.
        raise SetupError(f"密钥文件 {path} 读不懂，请检查缩进和冒号。") from None
    return content if isinstance(content, dict) else {}


def secrets_of(
    given: Mapping[str, Any],
    path: Path,
    *,
    secret: str,
    under: str = "",
    receiver: str,
    encrypted: bool,
    platform: str,
) -> Secrets:
    """The secrets of one account.

    Args:
        given: what the file says of it.
        secret: the name that its secret has there.
        under: what stands above the names, in words.
        receiver: the id that stands in its encrypted messages.
        encrypted: whether it needs a key.
        platform: where the key is made.

    Raises:
        SetupError: something is missing, or is not what it should be.
    """
    token, own = str(given.get("token") or ""), str(given.get(secret) or "")
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", token) or not own:
        raise SetupError(f"密钥文件 {path} 里{under}要写 {secret} 和 token（3 到 32 个字母、数字）。")
    keys = [str(key) for key in (given.get("aes_key"), given.get("previous_aes_key")) if key]
    if encrypted and not keys:
        raise SetupError(f"密钥文件 {path} 里{under}要写 aes_key（{platform}上的 EncodingAESKey）。")
    try:
        crypt = Crypt(keys, receiver)
    except CryptError:
        raise SetupError(f"密钥文件 {path} 里{under}的 aes_key 不对，应是 43 个字母、数字。") from None
    return Secrets(app_secret=own, token=token, crypt=crypt)
