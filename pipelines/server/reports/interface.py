"""The paths of Open311 GeoReport v2, in XML and JSON, and the same requests as GeoJSON."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.openapi import secured
from pipelines.server.refused import Refused
from pipelines.server.reports import documents
from pipelines.server.reports.asking import asked
from pipelines.server.reports.describing import POSTED, QUERY, answers
from pipelines.server.reports.desk import BASE, Desk
from pipelines.server.reports.form import Form, counted_form
from pipelines.server.reports.refusing import Several, refusal
from pipelines.server.reports.register import Filter
from pipelines.server.reports.rendering import FORMATS, Tree, answer
from pipelines.server.reports.w3c import written

WRITE: Final = "reports:write"
"""What a client needs to report."""

PHOTO_HEADERS: Final = {
    "content-type": "image/jpeg",
    "x-content-type-options": "nosniff",
    # A photo that is withdrawn is not to be had any more.
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; sandbox",
}

_GEOJSON: Final = "geojson"

# They are described and not checked: what does not fit is not found, and not wrong.
PlainForm = Annotated[str, Path(json_schema_extra={"enum": [*FORMATS]})]
MapForm = Annotated[str, Path(json_schema_extra={"enum": [*FORMATS, _GEOJSON]})]
Name = Annotated[str, Path(json_schema_extra={"pattern": "^[A-Za-z0-9_-]{1,64}$"})]


class Open311Route(APIRoute):
    """A route that refuses in the form that its path asks for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """The handler, with refusals as Open311 has them."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return refusal(refused, _form(request))
            except HTTPException as error:
                return refusal(Refused(error.status_code, "INVALID_ARGUMENT", str(error.detail)), _form(request))

        return handled


def interface(desk: Desk) -> APIRouter:
    """The router of `/open311/v2`. All may read, as the standard says; to report needs a key."""
    router = APIRouter(prefix=BASE, tags=["reports"], route_class=Open311Route)
    language = desk.settings.language
    read_form = counted_form(desk.context.access)

    @router.get("/discovery.{form}", **answers("Where the interface is"))
    def discovery(request: Request, form: PlainForm) -> Response:
        _read(desk, request, form)
        changed = written(desk.changed, desk.context.zone)
        return answer("discovery", documents.discovery(desk.settings, desk.address(request), changed), form)

    @router.get("/services.{form}", **answers("What can be reported"))
    def services(request: Request, form: PlainForm) -> Response:
        _read(desk, request, form)
        return answer("services", documents.services(desk.catalogue, language), form)

    @router.get("/services/{service_code}.{form}", **answers("What a service asks"))
    def definition(request: Request, service_code: Name, form: PlainForm) -> Response:
        _read(desk, request, form)
        service = desk.catalogue.services.get(service_code)
        if service is None:
            raise Refused(404, "NOT_FOUND", "service_code was not found")
        return answer("service_definition", documents.definition(service, language), form)

    @router.post("/requests.{form}", **answers("Report a fault", POSTED | secured(WRITE)))
    def report(request: Request, form: PlainForm, posted: Annotated[Form, Depends(read_form)]) -> Response:
        _known(form)
        desk.context.access.needs(request, WRITE, key=posted.get("api_key"))
        _jurisdiction(desk, posted.get("jurisdiction_id"))
        desk.tidy()
        name = desk.receive(posted.fields, posted.photo)
        return answer("service_requests", documents.received(name, desk.settings), form)

    @router.get("/requests.{form}", **answers("Reports", QUERY))
    def found(request: Request, form: MapForm) -> Response:
        _read(desk, request, form, _GEOJSON)
        query: dict[str, str] = {}
        for name, text in request.query_params.multi_items():
            # A list may be declared several times, and each time with commas.
            query[name] = f"{query[name]},{text}" if name in query else text
        return _told(desk, request, form, query)

    @router.get("/requests/{service_request_id}.{form}", **answers("A report"))
    def one(request: Request, service_request_id: Name, form: MapForm) -> Response:
        _read(desk, request, form, _GEOJSON)
        report = desk.register.get(service_request_id)
        if report is None:
            raise Refused(404, "NOT_FOUND", "service_request_id was not found")
        return _requests(desk.told((report,), request), form)

    @router.get("/photos/{name}", **answers("The photo of a report that is published"))
    def photo(request: Request, name: Name) -> Response:
        _read(desk, request, "xml")
        report = desk.register.with_photo(name)
        data = desk.photos.read(name) if report is not None and report.published else None
        if data is None:
            raise Refused(404, "NOT_FOUND", "there is no such photo")
        return Response(data, headers=PHOTO_HEADERS)

    return router


def _read(desk: Desk, request: Request, form: str, *more: str) -> None:
    """What holds for everything that is only read."""
    desk.context.access.anyone(request)
    _known(form, *more)
    _jurisdiction(desk, request.query_params.get("jurisdiction_id", ""))
    desk.tidy()


def _known(form: str, *more: str) -> None:
    if form not in (*FORMATS, *more):
        raise Refused(404, "NOT_FOUND", f"the format is one of {', '.join((*FORMATS, *more))}")


def _jurisdiction(desk: Desk, given: str) -> None:
    if given and desk.settings.jurisdiction and given != desk.settings.jurisdiction:
        raise Refused(404, "NOT_FOUND", "jurisdiction_id was not found")


def _told(desk: Desk, request: Request, form: str, query: dict[str, str]) -> Response:
    chosen = asked(query, desk.now())
    if not isinstance(chosen, Filter):
        raise Several(chosen, desk.settings.language)
    return _requests(desk.told(desk.register.find(chosen), request), form)


def _requests(found: list[dict[str, Tree]], form: str) -> Response:
    if form == _GEOJSON:
        body = json.dumps(documents.features(found), ensure_ascii=False)
        return Response(body.encode(), headers={"content-type": "application/geo+json; charset=utf-8"})
    return answer("service_requests", found, form)


def _form(request: Request) -> str:
    return "json" if request.url.path.endswith("json") else "xml"
