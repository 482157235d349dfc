"""The application: every service below its paths, and what holds for all of them."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.context import Context
from pipelines.server.refused import Refused, problem
from pipelines.server.service import Service
from schemas.server import ServiceSettings


def application(context: Context, services: Sequence[tuple[Service, ServiceSettings]]) -> FastAPI:
    """The services as one ASGI application; raises UsageError or SystemFailure where one cannot be opened."""
    app = FastAPI(title="Hexaflux", docs_url=None, redoc_url=None)
    for service, settings in services:
        context.store.create(service.tables)
        app.include_router(service.routes(context, settings))
    chosen = [service for service, _ in services]

    def refuse(request: Request, refused: Refused) -> Response:
        return _service_of(request, chosen)(refused)

    @app.exception_handler(Refused)
    def _refused(request: Request, error: Refused) -> Response:
        return refuse(request, error)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
        code = codes.get(error.status_code, "INVALID_ARGUMENT")
        return refuse(request, Refused(error.status_code, code, str(error.detail), error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        where = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors()}))
        return refuse(request, Refused(400, "INVALID_ARGUMENT", f"not as it has to be: {where}"))

    return app


def _service_of(request: Request, services: Sequence[Service]) -> Callable[[Refused], Response]:
    path = request.url.path
    found = (service for service in services if any(path.startswith(prefix) for prefix in service.paths))
    service = next(found, None)
    return problem if service is None else service.refusal
