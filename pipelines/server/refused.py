"""A request that is not carried out, and why; each service says it in the form of its standard."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response


@dataclass
class Refused(Exception):
    """A refusal: the HTTP status, a code for programs, and a sentence for people, who may read it.

    The message never quotes what the client sent, nor says what the server holds.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(path: str, refused: Refused) -> Response:
    """The refusal as RFC 9457 problem details, for services whose standard has no form of its own."""
    body = {"type": "about:blank", "title": refused.message, "status": refused.status, "code": refused.code}
    return Response(json.dumps(body), refused.status, dict(refused.headers), media_type="application/problem+json")
