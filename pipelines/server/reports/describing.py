"""What the OpenAPI document says of the paths of Open311."""

from typing import Any, Final

from starlette.responses import Response

_TEXT: Final = {"type": "string"}
_FIELDS: Final = (
    "api_key",
    "jurisdiction_id",
    "service_code",
    "lat",
    "long",
    "address_string",
    "address_id",
    "description",
    "media_url",
    "email",
    "phone",
    "first_name",
    "last_name",
    "device_id",
    "account_id",
)
_FORM: Final = {
    "type": "object",
    "properties": dict.fromkeys(_FIELDS, _TEXT),
    "required": ["service_code"],
    "additionalProperties": _TEXT,
}
_WITH_PHOTO: Final = _FORM | {
    "properties": dict.fromkeys(_FIELDS, _TEXT) | {"media": {"type": "string", "format": "binary"}}
}

POSTED: Final[dict[str, object]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": _FORM},
            "multipart/form-data": {"schema": _WITH_PHOTO},
        },
    }
}
"""The body of a report."""

QUERY: Final[dict[str, object]] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"} | more}
        for name, more in {
            "service_request_id": {},
            "service_code": {},
            "start_date": {"format": "date-time"},
            "end_date": {"format": "date-time"},
            "status": {"pattern": "^(open|closed|open,closed|closed,open)$"},
            "jurisdiction_id": {},
        }.items()
    ]
}
"""What reports can be asked for by."""

_CONTENT: Final[dict[str, object]] = {
    kind: {"schema": {}} for kind in ("text/xml", "application/json", "application/geo+json", "image/jpeg")
}
_REFUSED: Final = {
    400: "Something that was sent is not as it has to be",
    403: "No key, a wrong one, or one without the scope",
    404: "There is no such thing",
    413: "Too large",
    429: "Too often",
}


def answers(summary: str, more: dict[str, object] | None = None) -> dict[str, Any]:
    """Arguments of a route: what it is for, and how it answers and refuses."""
    found: dict[int | str, dict[str, object]] = {200: {"description": summary, "content": _CONTENT}}
    refused: dict[str, object] = {kind: {"schema": {}} for kind in ("text/xml", "application/json")}
    found |= {status: {"description": why, "content": refused} for status, why in _REFUSED.items()}
    return {"summary": summary, "responses": found, "response_class": Response, "openapi_extra": more}
