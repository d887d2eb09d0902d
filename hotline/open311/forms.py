"""What other systems send: requests and additions to them, read from the fields of a form. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from hotline.language.identifiers import find_identifiers
from hotline.language.places import Gazetteer, Place
from hotline.open311 import texts
from hotline.open311.asking import parse_moment
from hotline.open311.catalogue import NATURE, OPEN_NATURES, Attribute, Catalogue, Service
from hotline.open311.documents import clean
from hotline.open311.errors import Open311Error
from hotline.open311.mapping import MAX_DESCRIPTION

#: Words an added remark may be asked to stand for: 催办.
URGE = "urge"
#: ``attribute[action]=urge`` in an addition.
ACTION = "action"

#: FixMyStreet's states of a report.
UPDATE_STATUSES = (
    *("OPEN", "FIXED", "CLOSED", "IN_PROGRESS", "ACTION_SCHEDULED", "INVESTIGATING", "DUPLICATE"),
    *(
        "NOT_COUNCILS_RESPONSIBILITY",
        "NO_FURTHER_ACTION",
        "INTERNAL_REFERRAL",
        "FOR_TRIAGE",
        "REOPEN",
        "CANCELLED",
    ),
)

_MOST = {
    "service_code": 64,
    "description": MAX_DESCRIPTION,
    "address_string": 500,
    "address_id": 64,
    "first_name": 25,
    "last_name": 25,
    "phone": 20,
    "email": 254,
    "account_id": 255,
    "device_id": 255,
    "service_request_id": 64,
    "update_id": 80,
}
_MAX_MEDIA, _MAX_URL = 10, 2000
_MAX_ATTRIBUTES, _MAX_VALUES, _MAX_VALUE = 50, 20, 1000

_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_.-]{1,64})\](?:\[\])?")
_URL = re.compile(r"https?://[^\s/?#<>\"]+\S*", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_CHINESE = re.compile("[\u3400-\u9fff]")

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A request that may become an order."""

    service: Service
    nature: str
    description: str
    address: str
    address_id: str | None
    #: The division that ``address_id`` names.
    named: Place | None
    point: tuple[float, float] | None
    attributes: dict[str, list[str]]
    media: list[str]
    name: str | None
    phone: str | None
    email: str | None
    account_id: str | None
    device_id: str | None

    def what(self) -> str:
        """The order's content: the words of the sender; where there are none, what was chosen."""
        # An order needs a few words; "灯" alone says little without the service's name.
        if len(self.description) >= 4:
            return self.description
        said = "；".join([self.description] * bool(self.description) + self.answered())
        return f"{self.service.name}：{said or self.service.description}"

    def where(self) -> str:
        """The place in words."""
        if self.address:
            return self.address
        if self.named is not None:
            return self.named.name
        lat, long = self.point or (0.0, 0.0)
        return texts.ON_THE_MAP.format(lat=f"{lat:.5f}", long=f"{long:.5f}")

    def note(self) -> str:
        """What else was said, for those who handle it."""
        return "；".join(self.answered() + [texts.PICTURE.format(url=url) for url in self.media])

    def answered(self) -> list[str]:
        """The answers to the service's questions, in its order; then what it did not ask."""
        known = {attribute.code: attribute for attribute in self.service.attributes}
        codes = [code for code in known if code in self.attributes]
        codes += [code for code in self.attributes if code not in known]
        said = []
        for code in codes:
            asked = known.get(code)
            values = [asked.values.get(v, v) if asked else v for v in self.attributes[code]]
            name = asked.name if asked else code
            said.append(texts.ANSWERED.format(name=name, value="、".join(values)))
        return said

    def fingerprint(self, key: int) -> str:
        """The same for the same request of the same sender through the same key."""
        told = [
            key,
            self.service.code,
            self.nature,
            self.description,
            self.address,
            self.address_id,
            self.point,
            sorted(self.attributes.items()),
            self.media,
            [self.account_id, self.device_id, self.email, self.phone, self.name],
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What is added to a request."""

    number: str
    update_id: str
    #: 催办 rather than 补充.
    urges: bool
    note: str


@dataclass
class _Form:
    """The fields, with what is wrong with them."""

    fields: Fields
    reasons: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        values = (clean(value).strip() for key, value in self.fields if key in (name, f"{name}[]"))
        return [value for value in values if value]

    def one(self, name: str) -> str:
        # An empty argument is as good as none.
        value = next(iter(self.all(name)), "")
        most = _MOST.get(name)
        if most is not None and len(value) > most:
            self.reasons.append(texts.TOO_LONG.format(field=name, most=most))
        return value

    def media(self) -> list[str]:
        urls = list(dict.fromkeys(self.all("media_url")))
        if len(urls) > _MAX_MEDIA or any(len(url) > _MAX_URL or not _URL.fullmatch(url) for url in urls):
            self.reasons.append(texts.BAD_MEDIA.format(most=_MAX_MEDIA))
        return urls

    def attributes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, value in self.fields:
            match = _ATTRIBUTE.fullmatch(key)
            value = clean(value).strip()
            if match and value:
                found.setdefault(match.group(1), []).append(value)
        if len(found) > _MAX_ATTRIBUTES or any(len(values) > _MAX_VALUES for values in found.values()):
            self.reasons.append(texts.TOO_MANY_ATTRIBUTES)
        for code, values in found.items():
            if any(len(value) > _MAX_VALUE for value in values):
                self.reasons.append(texts.TOO_LONG.format(field=f"attribute[{code}]", most=_MAX_VALUE))
        return found


def read_submission(fields: Fields, catalogue: Catalogue, places: Gazetteer) -> Submission:
    """The request that was sent.

    Raises:
        Open311Error: 404, no such service; 400, with all that is wrong.
    """
    form = _Form(fields)
    code = form.one("service_code")
    if code and code not in catalogue.services:
        raise Open311Error(404, texts.NO_SERVICE.format(value=code[:64]))
    if not code:
        form.reasons.append(texts.SERVICE_MISSING)
    service = catalogue.services.get(code)
    point = _point(form)
    address, address_id = form.one("address_string"), form.one("address_id")
    if not address and not address_id and not form.all("lat") and not form.all("long"):
        form.reasons.append(texts.PLACE_MISSING)
    if address_id and address_id not in places.areas:
        form.reasons.append(texts.NO_ADDRESS.format(value=address_id[:64]))
    email = form.one("email")
    if email and not _EMAIL.fullmatch(email):
        form.reasons.append(texts.BAD_EMAIL)
    attributes = form.attributes()
    nature = _nature(form, attributes, service, catalogue)
    if service is not None:
        # What is only said to the reader is no answer.
        infos = {attribute.code for attribute in service.attributes if attribute.info}
        attributes = {code: values for code, values in attributes.items() if code not in infos}
        for asked in service.attributes:
            form.reasons += _problems(asked, attributes.get(asked.code, []))
    description, media = form.one("description"), form.media()
    name, phone = _name(form.one("first_name"), form.one("last_name")), form.one("phone")
    account_id, device_id = form.one("account_id"), form.one("device_id") or form.one("deviceid")
    if form.reasons or service is None:
        raise Open311Error(400, *form.reasons)
    return Submission(
        service=service,
        nature=nature,
        description=description,
        address=address,
        address_id=address_id or None,
        named=places.place(address_id) if address_id else None,
        point=point,
        attributes=attributes,
        media=media,
        name=name,
        phone=_phone(phone),
        email=email or None,
        account_id=account_id or None,
        device_id=device_id or None,
    )


def read_addition(fields: Fields) -> Addition:
    """The addition that was sent.

    Raises:
        Open311Error: 400, with all that is wrong.
    """
    form = _Form(fields)
    number, update_id = form.one("service_request_id"), form.one("update_id")
    status, at = form.one("status"), form.one("updated_datetime")
    description, media = form.one("description"), form.media()
    urges = URGE in form.attributes().get(ACTION, [])
    given = {
        "service_request_id": number,
        "update_id": update_id,
        "status": status,
        "updated_datetime": at,
        "description": description or media or urges,
    }
    form.reasons += [texts.FIELD_MISSING.format(field=name) for name, value in given.items() if not value]
    if status and status.upper() not in UPDATE_STATUSES:
        form.reasons.append(texts.BAD_UPDATE_STATUS.format(known="、".join(UPDATE_STATUSES)))
    if at:
        try:
            parse_moment("updated_datetime", at)
        except Open311Error as error:
            form.reasons += error.reasons
    if form.reasons:
        raise Open311Error(400, *form.reasons)
    marked = texts.MARKED.get(status.upper(), "")
    said = [description, f"（{marked}）" if marked else "", *(texts.PICTURE.format(url=url) for url in media)]
    return Addition(number=number, update_id=update_id, urges=urges, note="\n".join(filter(None, said)))


def _point(form: _Form) -> tuple[float, float] | None:
    lat, long = form.one("lat"), form.one("long")
    if not lat and not long:
        return None
    if not lat or not long:
        form.reasons.append(texts.HALF_A_POINT)
        return None
    try:
        point = float(lat), float(long)
    except ValueError:
        point = math.nan, math.nan
    # Comparisons with what is no number are false.
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        form.reasons.append(texts.BAD_POINT)
    return point


def _nature(
    form: _Form, attributes: dict[str, list[str]], service: Service | None, catalogue: Catalogue
) -> str:
    """The nature that was chosen, which no longer stands among the attributes; else the service's."""
    chosen = attributes.pop(NATURE, [])
    if not chosen:
        return service.nature if service else ""
    if "举报" in chosen:
        form.reasons.append(texts.NO_CONFIDENTIAL.format(number=catalogue.hotline_number))
    elif len(chosen) > 1 or chosen[0] not in OPEN_NATURES:
        form.reasons.append(texts.BAD_NATURE.format(known="、".join(OPEN_NATURES)))
    return chosen[0]


def _problems(asked: Attribute, values: Sequence[str]) -> Iterable[str]:
    named = {"code": asked.code, "name": asked.name}
    if asked.required and not values:
        yield texts.ATTRIBUTE_MISSING.format(**named)
    if len(values) > 1 and asked.kind != "multivaluelist":
        yield texts.ATTRIBUTE_ONE_ONLY.format(**named)
    for value in values:
        if asked.values and value not in asked.values:
            yield texts.ATTRIBUTE_NOT_LISTED.format(**named, value=value[:64])
        elif asked.kind == "number" and not _is_number(value):
            yield texts.ATTRIBUTE_NUMBER.format(**named)
        elif asked.kind == "datetime" and not _is_time(value):
            yield texts.ATTRIBUTE_DATE.format(**named)


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,15})?", value, re.ASCII) is not None


def _is_time(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        try:
            parse_moment("", value)
        except Open311Error:
            return False
    return True


def _name(first: str, last: str) -> str | None:
    parts = (last, first) if _CHINESE.search(last + first) else (first, last)
    return ("" if _CHINESE.search(last + first) else " ").join(filter(None, parts)) or None


def _phone(given: str) -> str | None:
    found = [item.value for item in find_identifiers(given) if item.kind == "phone"]
    return found[0] if found else given or None
