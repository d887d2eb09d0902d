"""The hotline service's internal API, with ``requests``: time-outs, one connection pool, and honest errors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

#: Seconds to connect, and to wait for an answer. A citizen is waiting.
_TIMEOUT = (2.0, 8.0)


class HotlineError(Exception):
    """The service did not do what it was asked. ``message`` is Chinese and meant for the citizen when there is one."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def refused(self) -> bool:
        """Whether the service understood and said no, so that asking again would change nothing."""
        return bool(self.message)


#: How much the service takes of what is said with an action; 500 where nothing stands.
_NOTE_LENGTH = {"supplement": 1000}


class HotlineClient:
    """One thin method for each thing the actions need."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.trust_env = False
        # Every call is safe to repeat. The pauses add up to some 18 s: a killed service is back by then.
        retry = Retry(
            total=8,
            connect=6,
            read=6,
            status=6,
            status_forcelist=[503],
            respect_retry_after_header=False,
            raise_on_status=False,
            allowed_methods=None,
            backoff_factor=0.3,
        )
        self._session.mount("http://", HTTPAdapter(max_retries=retry, pool_maxsize=32))

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._session.request(
                method, f"{self._url}/internal{path}", timeout=_TIMEOUT, **options
            )
        except requests.RequestException as error:
            raise HotlineError("unreachable") from error
        if 200 <= response.status_code < 300:
            return response.json() if response.content else None
        if 400 <= response.status_code < 500:
            told = _error_of(response)
            raise HotlineError(str(told.get("code", response.status_code)), str(told.get("message", "")))
        raise HotlineError(str(response.status_code))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answer a question about a matter; see ``hotline/knowledge/api.py``."""
        found: dict[str, Any] = self._call("POST", "/knowledge/answer", json=question)
        return found

    def create_order(self, draft: dict[str, Any]) -> dict[str, Any]:
        """Make a work order of a confirmed form; the same form again gives the same order."""
        order: dict[str, Any] = self._call("POST", "/work-orders", json=draft)
        return order

    def photos_waiting(self, conversation_id: str) -> int:
        """How many photographs of a conversation would go with an order that is handed in now."""
        found: dict[str, int] = self._call("GET", f"/conversations/{conversation_id}/photos")
        return found["waiting"]

    def place(self, conversation_id: str) -> str | None:
        """The place that was pointed out on a map in a conversation, for an order still to be made."""
        found: dict[str, str | None] = self._call(
            "GET", "/work-orders/place", params={"conversation_id": conversation_id}
        )
        return found["place"]

    def orders(self, conversation_id: str, *, followed: bool = False) -> list[dict[str, Any]]:
        """The orders made in a conversation, newest first; with ``followed`` also those that it follows."""
        asked = {"conversation_id": conversation_id, "followed": str(followed).lower()}
        found: list[dict[str, Any]] = self._call("GET", "/work-orders", params=asked)
        return found

    def order(self, number: str, *, conversation_id: str, query_code: str | None = None) -> dict[str, Any]:
        """One order with its timeline, for a conversation that knows it or who has its code."""
        body = {"conversation_id": conversation_id, "query_code": query_code}
        found: dict[str, Any] = self._call("POST", f"/work-orders/{number}/lookup", json=body)
        return found

    def act(
        self,
        number: str,
        action: str,
        *,
        conversation_id: str,
        request: str,
        query_code: str | None = None,
        note: str = "",
        rating: str | None = None,
    ) -> dict[str, Any]:
        """``urge``, ``supplement``, ``withdraw`` or ``rate`` an order; the same ``request`` again changes nothing more."""
        body = {
            "conversation_id": conversation_id,
            "query_code": query_code,
            "request": request,
            "note": note[: _NOTE_LENGTH.get(action, 500)],
        }
        if rating is not None:
            body["rating"] = rating
        order: dict[str, Any] = self._call("POST", f"/work-orders/{number}/{action}", json=body)
        return order


def _error_of(response: requests.Response) -> dict[str, Any]:
    try:
        error: dict[str, Any] = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error


_client: HotlineClient | None = None


def client() -> HotlineClient:
    """The process's client: address from ``HOTLINE_URL``, secret from ``HOTLINE_INTERNAL_TOKEN``."""
    global _client
    if _client is None:
        kept = Path(os.environ.get("HOTLINE_VAR_DIR", "var")) / "secrets" / "internal_token"
        token = os.environ.get("HOTLINE_INTERNAL_TOKEN") or (
            kept.read_text(encoding="ascii") if kept.exists() else ""
        )
        _client = HotlineClient(os.environ.get("HOTLINE_URL", "http://127.0.0.1:12345"), token)
    return _client
