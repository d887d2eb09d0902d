"""How the commands reach a running hotline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from hotline.settings import get_settings


class ServiceError(Exception):
    """The service cannot be reached or said no; the message is for the operator."""


def default_url() -> str:
    """The address of the hotline that runs on this machine."""
    settings = get_settings()
    kept = settings.var_dir / "run" / "address"
    if kept.exists():
        return kept.read_text(encoding="utf-8").strip()
    return f"http://{settings.host}:{settings.port}"


class Service:
    """The internal API of a running hotline."""

    def __init__(self, url: str | None = None, *, token: str | None = None) -> None:
        """``token``: of another hotline than the one of this machine's settings."""
        self._url = (url or default_url()).rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token or get_settings().secret('internal_token')}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call ``/internal<path>`` and return what it answers.

        Args:
            options: as for requests; ``timeout`` is 90 seconds unless it is given.

        Raises:
            ServiceError: with words for the operator.
        """
        response = self._request(method, path, **options)
        return response.json() if response.content else None

    def download(self, method: str, path: str, file: Path, **options: Any) -> None:
        """Call ``/internal<path>`` and write what it answers to ``file``, which is whole or not there.

        Raises:
            ServiceError: with words for the operator.
        """
        part = file.with_name(f".{file.name}.part")
        try:
            part.touch(mode=0o600)  # citizens' words may be in it
            options = {"timeout": 900} | options
            with self._request(method, path, stream=True, **options) as response, part.open("wb") as written:
                for chunk in response.iter_content(1 << 16):
                    written.write(chunk)
            part.replace(file)
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise ServiceError("传到一半断了，请再试一次。") from None
            raise ServiceError(f"写不进 {file}：{error.strerror}。") from None
        finally:
            part.unlink(missing_ok=True)

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            response = self._session.request(
                method, f"{self._url}/internal{path}", **({"timeout": 90} | options)
            )
        except requests.RequestException:
            raise ServiceError(f"连不上 {self._url}，请先运行 make run，或用 --url 指明地址。") from None
        if response.ok:
            return response
        try:
            words = response.json()["error"]["message"]
        except (ValueError, KeyError, TypeError):
            words = f"服务返回 {response.status_code}"
        raise ServiceError(words)

    def converse(self, text: str, conversation: str | None = None) -> dict[str, Any]:
        """Say something as a citizen and wait for the answer; see ``hotline/internal.py``."""
        body = {"text": text, "conversation": conversation}
        answer: dict[str, Any] = self.call("POST", "/converse", json=body)
        return answer
