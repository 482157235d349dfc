"""Who may ask at the counter of an attended consultation: a browser that was told the key of a client."""

import base64
import binascii
from typing import Final

from starlette.requests import Request

from pipelines.server.access import Access
from pipelines.server.refused import Refused

_CHALLENGE: Final = {"www-authenticate": 'Basic realm="counter", charset="UTF-8"'}
"""Has a browser ask for a name, which may be any, and a password, which is the key."""


def let_in(access: Access, request: Request, scope: str) -> None:
    """Let a request in whose password is the key of a client with the scope; raises Refused."""
    try:
        access.needs(request, scope, _password(request))
    except Refused as refused:
        if refused.status != 401:
            raise
        raise Refused(401, refused.code, "the password is not the key of a client", _CHALLENGE) from None


def see_that_it_is_from_here(request: Request) -> None:
    """Raises Refused for a form of another page: the browser would send the password with that one too."""
    if request.headers.get("sec-fetch-site") != "same-origin":
        raise Refused(403, "PERMISSION_DENIED", "an answer at the counter comes from the counter's page")


def _password(request: Request) -> str:
    """The password of HTTP Basic (RFC 7617), "" where there is none."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
