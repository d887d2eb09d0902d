"""A client that calls as FixMyStreet does: XML only, forms, tokens that are polled, updates both ways.

It reads XML as FixMyStreet's reader is set up: some elements are lists even when there is one, containers of lists
vanish, attributes do not count, and what is empty is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import httpx

_LISTS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "service_request_updates": "request_update",
    "groups": "group",
}
_ALWAYS = frozenset(_LISTS.values()) - {"group"}
_POLLS = 5

#: Its words for the states of a report.
_STATES = {
    "fixed": "fixed - council",
    "not councils responsibility": "not responsible",
    "no further action": "unable to fix",
    "open": "confirmed",
    "closed": "closed",
}
#: The states a report can have there.
STATES = frozenset(
    {
        *_STATES.values(),
        *("in progress", "action scheduled", "investigating", "duplicate", "internal referral"),
    }
)


class CouncilError(Exception):
    """The other side said no: a status, and its errors as code and description."""

    def __init__(self, status: int, errors: list[tuple[str, str]]) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors


@dataclass
class FixMyStreet:
    """One council's endpoint, as FixMyStreet is told of it."""

    client: httpx.AsyncClient
    endpoint: str
    api_key: str
    jurisdiction: str

    async def services(self) -> list[dict[str, Any]]:
        """The list of services."""
        found: list[dict[str, Any]] = (await self._get("services.xml"))["service"]
        return found

    async def definition(self, code: str) -> dict[str, Any]:
        """What a service asks."""
        return await self._get(f"services/{code}.xml")

    async def send(self, report: dict[str, Any], extra: dict[str, str], code: str) -> str:
        """Send a report, and give the number it has there."""
        given = report | {"service_code": code}
        given |= {f"attribute[{name}]": value for name, value in extra.items()}
        request = (await self._post("requests.xml", given))["request"][0]
        if request.get("service_request_id"):
            return str(request["service_request_id"])
        for _ in range(_POLLS):
            answer = await self._get(f"tokens/{request['token']}.xml")
            number = answer["request"][0].get("service_request_id")
            if number:
                return str(number)
        raise AssertionError("the token never became a number")

    async def reports(self, **arguments: str) -> list[dict[str, Any]]:
        """Reports by number or otherwise."""
        return (await self._get("requests.xml", **arguments)).get("request") or []

    async def updates(self, start: str, end: str) -> list[dict[str, Any]]:
        """What happened between two moments, with FixMyStreet's own state for each."""
        found = await self._get(
            "servicerequestupdates.xml", start_date=start, end_date=end, api_key=self.api_key
        )
        updates: list[dict[str, Any]] = found.get("request_update") or []
        for update in updates:
            state = update["status"].lower().replace("_", " ")
            update["state"] = _STATES.get(state, state)
        return updates

    async def comment(self, fields: dict[str, str]) -> str:
        """Send a comment, and give the id it has there."""
        answer = await self._post("servicerequestupdates.xml", fields)
        return str(answer["request_update"][0]["update_id"])

    async def _get(self, path: str, **arguments: str) -> dict[str, Any]:
        asked = arguments | {"jurisdiction_id": self.jurisdiction}
        return _read(await self.client.get(f"{self.endpoint}{path}", params=asked))

    async def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        given = fields | {"jurisdiction_id": self.jurisdiction, "api_key": self.api_key}
        return _read(await self.client.post(f"{self.endpoint}{path}", data=given))


def _read(response: httpx.Response) -> dict[str, Any]:
    found = _simple(ElementTree.fromstring(response.content)) or {}
    if not response.is_success:
        raise CouncilError(
            response.status_code, [(error["code"], error["description"]) for error in found["error"]]
        )
    assert isinstance(found, dict)
    return found


def _simple(element: ElementTree.Element) -> Any:
    """An element as Perl's XML::Simple has it."""
    if len(element) == 0:
        return element.text or None
    found: dict[str, Any] = {}
    for child in element:
        value = _simple(child)
        if child.tag in _LISTS and isinstance(value, dict):
            value = value[_LISTS[child.tag]]
        if child.tag in _ALWAYS:
            found.setdefault(child.tag, []).append(value)
        elif child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found
