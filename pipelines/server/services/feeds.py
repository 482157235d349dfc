"""The feeds of the town as `hexaflux feeds build` wrote them, by GET with an ETag."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.context import Context
from pipelines.server.published.answers import answer
from pipelines.server.published.current import Current
from pipelines.server.refused import Refused
from pipelines.server.service import Service
from schemas.feeds import Text
from schemas.server import ServiceSettings

_JSON: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "The client has it already."},
}
_ANY: dict[int | str, dict[str, object]] = {
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "The client has it already."},
}

Name = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]


def routes(context: Context, settings: ServiceSettings) -> APIRouter:
    """`/v1/{town}` is the manifest, `/v1/{town}/{module}` a module's items, and below it are its files."""
    router = APIRouter(tags=["feeds"])
    current = Current(context.server.feeds)

    async def found(request: Request, path: str) -> Response:
        context.access.anyone(request)
        edition = await current.edition()
        file = edition.files.get(path) if edition else None
        if edition is None or file is None:
            raise Refused(404, "NOT_FOUND", "there is no such feed")
        return answer(file, edition, request.headers)

    @router.get("/v1/{town}", operation_id="town", summary="The feeds of a town, and their files", responses=_JSON)
    async def town(request: Request, town: Name) -> Response:
        return await found(request, town)

    @router.get("/v1/{town}/{module}", operation_id="module", summary="The items of a feed", responses=_ANY)
    async def module(request: Request, town: Name, module: Name) -> Response:
        return await found(request, f"{town}/{module}")

    @router.get("/v1/{town}/{module}/{file}", operation_id="file", summary="A file of a feed", responses=_ANY)
    async def file(request: Request, town: Name, module: Name, file: Name) -> Response:
        return await found(request, f"{town}/{module}/{file}")

    return router


SERVICE = Service(
    name="feeds",
    title=Text("Feeds", "Flux"),
    paths=("/v1/",),
    routes=routes,
    page=lambda context, _: f"/v1/{context.town.id}/index.html" if context.town else "",
    always=True,
)
