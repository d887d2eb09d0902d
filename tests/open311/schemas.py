"""The rules that open311/schema-validation checks answers by, as JSON Schemas of our own."""

from __future__ import annotations

from typing import Any

#: Times have an offset; what reads them here takes no fractions of a second.
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$",
}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT = {"type": "string"}
_MAYBE = _maybe(_TEXT)

SERVICES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["service_code", "service_name", "metadata", "type"],
        "properties": {
            "service_code": _TEXT,
            "service_name": _TEXT,
            "description": _MAYBE,
            "metadata": {"type": "boolean"},
            "type": {"enum": ["realtime", "batch", "blackbox"]},
            "keywords": _MAYBE,
            "group": _MAYBE,
        },
        "additionalProperties": False,
    },
}

DEFINITION = {
    "type": "object",
    "required": ["service_code", "attributes"],
    "properties": {
        "service_code": _TEXT,
        "attributes": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["variable", "code", "datatype", "required"],
                "properties": {
                    "variable": {"type": "boolean"},
                    "code": _TEXT,
                    "datatype": {
                        "enum": [
                            *("string", "number", "datetime", "text"),
                            *("singlevaluelist", "multivaluelist"),
                        ]
                    },
                    "required": {"type": "boolean"},
                    "datatype_description": _MAYBE,
                    "order": _maybe({"type": "integer"}),
                    "description": _MAYBE,
                    "values": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["key", "name"],
                            "properties": {"key": _TEXT, "name": _TEXT},
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}

REQUEST = {
    "type": "object",
    "required": ["service_request_id", "status", "service_code", "requested_datetime"],
    "properties": {
        "service_request_id": _TEXT,
        "status": {"enum": ["open", "closed"]},
        "status_notes": _MAYBE,
        "service_name": _MAYBE,
        "service_code": _TEXT,
        "description": _maybe({"type": "string", "maxLength": 4000}),
        "agency_responsible": _MAYBE,
        "service_notice": _MAYBE,
        "requested_datetime": MOMENT,
        "updated_datetime": _maybe(MOMENT),
        "expected_datetime": _maybe(MOMENT),
        "address": _MAYBE,
        "address_id": _MAYBE,
        "zipcode": _MAYBE,
        "lat": _maybe({"type": "number"}),
        "long": _maybe({"type": "number"}),
        "media_url": _maybe({"type": "string", "format": "uri"}),
    },
    "additionalProperties": False,
}

REQUESTS = {"type": "array", "items": REQUEST}

#: A number or a token, never both.
CREATED = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "service_request_id": _TEXT,
            "token": _TEXT,
            "service_notice": _MAYBE,
            "account_id": _MAYBE,
        },
        "oneOf": [{"required": ["service_request_id"]}, {"required": ["token"]}],
        "additionalProperties": False,
    },
}

UPDATES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["update_id", "service_request_id", "status", "description", "updated_datetime"],
        "properties": {
            "update_id": _TEXT,
            "service_request_id": _TEXT,
            "status": {
                "enum": [
                    *("open", "closed", "fixed", "in_progress", "action_scheduled", "investigating"),
                    *("duplicate", "not_councils_responsibility", "no_further_action", "internal_referral"),
                    *("reopen", "for_triage"),
                ]
            },
            "description": _TEXT,
            "updated_datetime": MOMENT,
            "media_url": _MAYBE,
        },
        "additionalProperties": False,
    },
}

ERRORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": {"type": "string", "pattern": "[一-鿿]"}},
        "additionalProperties": False,
    },
}
