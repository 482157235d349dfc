"""The OpenAPI document: what FastAPI derives of the routes, how clients prove themselves, and what refusals say."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from pipelines.server.guard import KEY_HEADER
from pipelines.server.refused import problem
from pipelines.server.service import Service

_SCHEMES: Final = {
    "key": {"type": "apiKey", "in": "header", "name": KEY_HEADER, "description": "Of `hexaflux clients add`."},
    "token": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}},
        "description": "A token for an hour, for a client’s name and secret.",
    },
    "client": {"type": "http", "scheme": "basic", "description": "A client’s name and secret, to get a token."},
}
_REFUSALS: Final = {
    "400": "The request is not as it has to be.",
    "401": "No key or token came, or a wrong one.",
    "403": "The client was not given the scope.",
    "404": "There is nothing of this name.",
    "405": "The path takes another method.",
    "408": "The request took too long to arrive.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "429": "Too many requests: `Retry-After` says when to ask again.",
    "500": "The server failed.",
    "503": "The server is busy or its database cannot be reached.",
}
_FORBIDDING: Final = ("401", "403")
_PROBLEM: Final = {
    "type": "object",
    "description": "Problem details of RFC 9457.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
    },
    "example": {"type": "about:blank", "title": "there is no such feed", "status": 404, "code": "NOT_FOUND"},
}


def secured(*scopes: str) -> dict[str, Any]:
    """What a route that asks `context.access.needs` gives as `openapi_extra`."""
    return {"security": [{"key": []}, {"token": list(scopes)}]}


def routes(app: FastAPI, services: Sequence[Service]) -> APIRouter:
    """`/openapi.json`: the document of an application, which is made when it is first asked for."""
    router = APIRouter()

    @cache
    def document() -> dict[str, Any]:
        return _document(app, services)

    # What asks the application itself gets the same.
    app.openapi = document  # type: ignore[method-assign]

    @router.get("/openapi.json", include_in_schema=False)
    def told() -> Response:
        return JSONResponse(document(), headers={"access-control-allow-origin": "*"})

    return router


def _document(app: FastAPI, services: Sequence[Service]) -> dict[str, Any]:
    found = get_openapi(title="Hexaflux", version=_API_VERSION, description=_ABOUT, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = _SCHEMES
    for path, operations in found["paths"].items():
        own = [service.refusal for service in services if any(path.startswith(each) for each in service.paths)]
        for operation in operations.values():
            _tell_refusals(operation, plain=not own or own[0] is problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    scopes = _SCHEMES["token"]["flows"]["clientCredentials"]["scopes"]  # type: ignore[index]
    scopes.update(dict.fromkeys(sorted(_scopes(found)), ""))
    return found


def _scopes(document: dict[str, Any]) -> set[str]:
    operations = [each for path in document["paths"].values() for each in path.values()]
    return {scope for each in operations for way in each.get("security", ()) for scope in way.get("token", ())}


def _tell_refusals(operation: dict[str, Any], *, plain: bool) -> None:
    """Add the refusals that a service does not declare itself; a form of its own is told by the service."""
    responses = operation.setdefault("responses", {})
    # What FastAPI derives for a wrong request, which is a 400 here.
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    # Who says one of them itself does not answer the other: Open311 has no 401.
    told = "security" not in operation or any(status in responses for status in _FORBIDDING)
    for status, meaning in _REFUSALS.items():
        if status not in responses and not (told and status in _FORBIDDING):
            responses[status] = {"description": meaning} | ({"content": content} if plain else {})


_API_VERSION: Final = "1"
_ABOUT: Final = (
    "Feeds of a town, and what its operator serves beside them. Figures of mobility come from a published release "
    "alone. Every answer may be a refusal: problem details, or the form of the standard below whose path it is."
)
