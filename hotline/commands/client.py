"""How the commands reach a running hotline."""

from __future__ import annotations

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

    def __init__(self, url: str | None = None) -> None:
        self._url = (url or default_url()).rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {get_settings().secret('internal_token')}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call ``/internal<path>`` and return what it answers.

        Raises:
            ServiceError: with words for the operator.
        """
        try:
            response = self._session.request(method, f"{self._url}/internal{path}", timeout=90, **options)
        except requests.RequestException:
            raise ServiceError(f"连不上 {self._url}，请先运行 make run，或用 --url 指明地址。") from None
        if response.ok:
            return response.json() if response.content else None
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
