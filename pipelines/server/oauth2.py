"""`POST /oauth2/token`: a client gives its secret for a token, by RFC 6749 section 4.4."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipelines.server.clients import Registered
from pipelines.server.context import Context
from pipelines.server.guard import Guard
from pipelines.server.refused import Refused
from pipelines.server.service import Service
from pipelines.server.tokens import SECONDS
from schemas.feeds import Text
from schemas.server import ServiceSettings

TOKEN: Final = "/oauth2/token"  # noqa: S105 (a path)
_FORM: Final = "application/x-www-form-urlencoded"
_KEPT: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_MOST_FIELDS: Final = 20


class Granted(BaseModel):
    """What a client gets (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class Denied(BaseModel):
    """Why it does not (RFC 6749, section 5.2)."""

    error: str
    error_description: str


@dataclass(frozen=True)
class Asked:
    """A client's name and secret, whether they came as HTTP Basic, and scopes; with none it asks for all."""

    name: str
    secret: str
    basic: bool
    scopes: frozenset[str]


def service(guard: Guard) -> Service:
    """The endpoint as a service, so that all that goes wrong below its path is told as the standard has it."""

    def routes(context: Context, settings: ServiceSettings) -> APIRouter:
        router = APIRouter(tags=["access"])

        @router.post(
            TOKEN,
            operation_id="token",
            summary="Give a client’s secret for a bearer token",
            response_model=Granted,
            responses={400: {"model": Denied}, 401: {"model": Denied}},
            openapi_extra=_BODY,
        )
        async def token(request: Request) -> Response:
            guard.anyone(request)
            asked = _asked(request, await request.body())
            client = guard.named(asked.name, asked.secret)
            if client is None:
                raise _wrong_client(asked.basic)
            scopes = _granted(asked.scopes, client)
            bearer = {"access_token": guard.tokens.issue(client, scopes), "token_type": "Bearer"}
            return JSONResponse(bearer | {"expires_in": SECONDS, "scope": " ".join(sorted(scopes))}, headers=_KEPT)

        return router

    return Service("access", Text("Access", "Accès"), ("/oauth2/",), routes, refusal=denied, always=True)


def denied(path: str, refused: Refused) -> Response:
    """A refusal in the form of RFC 6749."""
    code = refused.code if refused.code.islower() else "invalid_request"
    body = {"error": code, "error_description": refused.message}
    headers = {**_KEPT, **refused.headers}
    return Response(json.dumps(body), refused.status, headers, media_type="application/json")


def _asked(request: Request, body: bytes) -> Asked:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refused(400, "invalid_request", f"expected the content type {_FORM}")
    form = _form(body)
    if not form.get("grant_type"):
        raise Refused(400, "invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise Refused(400, "unsupported_grant_type", "only client_credentials is served")
    scopes = frozenset(form.get("scope", "").split())
    given = request.headers.get("authorization")
    if given is not None:
        if "client_secret" in form:
            raise Refused(400, "invalid_request", "a client proves itself in one way only")
        return Asked(*_basic(given), True, scopes)
    return Asked(form.get("client_id", ""), form.get("client_secret", ""), False, scopes)


def _form(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refused(400, "invalid_request", "expected a form") from None
    if len(dict(pairs)) < len(pairs):
        raise Refused(400, "invalid_request", "a parameter stands twice")
    return dict(pairs)


def _basic(given: str) -> tuple[str, str]:
    kind, _, text = given.partition(" ")
    try:
        name, colon, secret = base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise _wrong_client(True) from None
    if kind.lower() != "basic" or not colon:
        raise _wrong_client(True)
    # Section 2.3.1: both are written as in a form.
    return unquote_plus(name), unquote_plus(secret)


def _wrong_client(basic: bool) -> Refused:
    headers = {"www-authenticate": 'Basic realm="hexaflux"'} if basic else {}
    return Refused(401, "invalid_client", "the client is not known, or its secret is wrong", headers)


def _granted(asked: frozenset[str], client: Registered) -> frozenset[str]:
    if not asked <= client.scopes:
        raise Refused(400, "invalid_scope", "a scope was asked for that this client was not given")
    return asked or client.scopes


_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "scope": {"type": "string", "description": "Scopes, with spaces between them."},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                    },
                },
                "example": {"grant_type": "client_credentials", "scope": "population-density-data:read"},
            }
        },
    },
    "security": [{}, {"client": []}],
}
