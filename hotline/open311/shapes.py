"""What the open interface answers with, field by field, in the order in which it is written."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class EndpointOut(BaseModel):
    """One address of the interface."""

    specification: str
    url: str
    changeset: str
    type: Literal["production", "test"]
    formats: list[str]


class DiscoveryOut(BaseModel):
    """Where the interface is, and whom to ask."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[EndpointOut]


class ServiceOut(BaseModel):
    """One service."""

    service_code: str
    service_name: str
    description: str | None
    metadata: bool
    type: Literal["realtime", "batch", "blackbox"]
    #: Separated by commas.
    keywords: str | None
    group: str | None


class ValueOut(BaseModel):
    """One value of a list."""

    key: str
    name: str


class AttributeOut(BaseModel):
    """One question of a service; ``variable`` is false where nothing is to be answered."""

    variable: bool
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[ValueOut]


class DefinitionOut(BaseModel):
    """What has to be said with a request for a service."""

    service_code: str
    attributes: list[AttributeOut]


class CreatedOut(BaseModel):
    """A request that was handed in: its number or a token, never both."""

    service_request_id: str | None = None
    token: str | None = None
    service_notice: str | None = None
    account_id: str | None = None


class TokenOut(BaseModel):
    """The number that a token stands for."""

    service_request_id: str | None
    token: str


class RequestOut(BaseModel):
    """One request. Times have an offset and no fractions of a second; ``lat`` and ``long`` are WGS-84."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str | None
    service_name: str | None
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str | None
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


class UpdateOut(BaseModel):
    """One step of a request (FixMyStreet's extension)."""

    update_id: str
    service_request_id: str
    status: str
    description: str
    updated_datetime: str
    media_url: str | None


class UpdatedOut(BaseModel):
    """An addition that was taken."""

    update_id: str


class ErrorOut(BaseModel):
    """One reason why something cannot be."""

    code: int
    description: str
