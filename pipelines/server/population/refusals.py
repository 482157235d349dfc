"""Refusals in the words of the standard: a status, a code, a message."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from pipelines.server.refused import Refused

_OWN: Final = "POPULATION_DENSITY_DATA."
_CODES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    429: "TOO_MANY_REQUESTS",
}
"""Of refusals for which the standard has one code."""

INVALID_ARGUMENT: Final = Refused(400, "INVALID_ARGUMENT", "The request is not as the schema says.")
INVALID_CORRELATOR: Final = Refused(400, "INVALID_ARGUMENT", "The header x-correlator is not as the schema says.")
PRECISION_OF_LIST: Final = Refused(400, "INVALID_ARGUMENT", "A list of geohashes has no property precision.")
INVALID_SINK: Final = Refused(400, "INVALID_SINK", "The sink is not an HTTPS URL that an answer may be sent to.")
INVALID_CREDENTIAL: Final = Refused(400, "INVALID_CREDENTIAL", "The credential of a sink has to be an ACCESSTOKEN.")
INVALID_TOKEN: Final = Refused(400, "INVALID_TOKEN", "The token has to be a bearer token that has not expired.")
INVALID_AREA: Final = Refused(
    400, f"{_OWN}INVALID_AREA", "The area is not a simple polygon, or it has more than 15 vertices."
)
MIN_STARTTIME: Final = Refused(400, f"{_OWN}MIN_STARTTIME_EXCEEDED", "startTime is earlier than the earliest allowed.")
MAX_STARTTIME: Final = Refused(
    400, f"{_OWN}MAX_STARTTIME_EXCEEDED", "startTime or endTime is more than three months ahead."
)
INVALID_END_TIME: Final = Refused(400, f"{_OWN}INVALID_END_TIME", "endTime is earlier than startTime.")
INVALID_TIME_PERIOD: Final = Refused(
    400, f"{_OWN}INVALID_TIME_PERIOD", "The period is partly in the past and partly in the future."
)
MAX_TIME_PERIOD: Final = Refused(
    400, f"{_OWN}MAX_TIME_PERIOD_EXCEEDED", "The period is longer than 7 days, or touches more than 168 hours."
)
UNSUPPORTED_AREA_TYPE: Final = Refused(
    422, f"{_OWN}UNSUPPORTED_AREA_TYPE", "Areas of type GEOHASHLIST are not supported."
)
UNSUPPORTED_PRECISION: Final = Refused(
    422, f"{_OWN}UNSUPPORTED_PRECISION", "The precision of a geohash has to be 5, 6 or 7."
)
UNSUPPORTED_SYNC_RESPONSE: Final = Refused(
    422, f"{_OWN}UNSUPPORTED_SYNC_RESPONSE", "The answer is too large to be given at once; give a sink."
)
UNSUPPORTED_REQUEST: Final = Refused(
    422, f"{_OWN}UNSUPPORTED_REQUEST", "The answer is too large: ask for a smaller area, fewer hours or larger cells."
)
BUSY: Final = Refused(429, "TOO_MANY_REQUESTS", "Too many answers wait to be sent.", {"retry-after": "60"})
CHANGED: Final = Refused(503, "UNAVAILABLE", "The figures cannot be read at present.", {"retry-after": "60"})


def error_info(refused: Refused) -> Response:
    """A refusal as ErrorInfo."""
    code = refused.code if refused.code in _STANDARD else _CODES.get(refused.status, refused.code)
    body = {"status": refused.status, "code": code, "message": refused.message[:512]}
    return Response(json.dumps(body), refused.status, dict(refused.headers), media_type="application/json")


def of_errors(errors: Sequence[Mapping[str, Any]]) -> Refused:
    """The refusal for what a validation found; where it found several things, that of all requests."""
    found = [_of_error(error) for error in errors]
    if found and found[0] is not INVALID_ARGUMENT and all(each is found[0] for each in found):
        return found[0]
    where = ", ".join(sorted({_where(error) for error in errors} - {""})[:10])
    message = f"{INVALID_ARGUMENT.message} See: {where}." if where else INVALID_ARGUMENT.message
    return replace(INVALID_ARGUMENT, message=message)


def _where(error: Mapping[str, Any]) -> str:
    """The way to a property of the schema; of one that is none, to what has it, for its name is the client's."""
    names = [str(part) for part in error["loc"][1:] if not str(part).isupper()]
    # Of what is no JSON, the place is a number of bytes.
    return ".".join(names[:-1] if error["type"] in ("extra_forbidden", "json_invalid") else names)


def _of_error(error: Mapping[str, Any]) -> Refused:
    match [str(part) for part in error["loc"]]:
        case ["body", "sink"]:
            return INVALID_SINK
        case ["body", "sinkCredential", *_, "accessTokenType"]:
            return INVALID_TOKEN
        case ["body", "sinkCredential"] if error["type"].startswith("union_tag"):
            return INVALID_CREDENTIAL
        case ["body", "area", "POLYGON", "boundary"] if error["type"] == "too_long":
            return INVALID_AREA
        case _:
            return INVALID_ARGUMENT


_STANDARD: Final = {each.code for each in list(globals().values()) if isinstance(each, Refused)} | set(_CODES.values())
