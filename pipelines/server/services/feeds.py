"""The feeds of the town as `hexaflux feeds build` wrote them, by GET with an ETag."""

import hashlib
import mimetypes

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.context import Context
from pipelines.server.refused import Refused
from pipelines.server.service import Service
from schemas.feeds import Text
from schemas.server import ServiceSettings


def routes(context: Context, settings: ServiceSettings) -> APIRouter:
    """`/v1/{town}/{module}` is the module's items; `/v1/{town}/{module}/{file}` one of its files."""
    router = APIRouter(tags=["feeds"])

    @router.get("/v1/{town}/{module}/{file}")
    def file(request: Request, town: str, module: str, file: str) -> Response:
        context.access.anyone(request)
        path = context.server.feeds / town / module / file
        if not path.resolve().is_relative_to(context.server.feeds.resolve()) or not path.is_file():
            raise Refused(404, "NOT_FOUND", "there is no such file")
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        return Response(data, headers={"etag": etag}, media_type=mimetypes.guess_type(file)[0])

    return router


SERVICE = Service(name="feeds", title=Text("Feeds", "Flux"), paths=("/v1/",), routes=routes, always=True)
