"""The application: every service below its paths, and what holds for all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from pipelines.server import front, openapi
from pipelines.server.context import Context
from pipelines.server.counted import Counted
from pipelines.server.headers import Echoing, Hardened
from pipelines.server.limits import Limited
from pipelines.server.refused import Refused, problem
from pipelines.server.service import Service
from pipelines.server.watched import Told, Watched
from schemas.server import ServiceSettings

Chosen = Sequence[tuple[Service, ServiceSettings]]
_CODES: Final[Mapping[int, str]] = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_MESSAGES: Final[Mapping[int, str]] = {404: "there is nothing at this path", 405: "this path takes another method"}


def guarded(context: Context, services: Chosen, told: Told) -> ASGIApp:
    """The application as the network meets it: within limits, counted, watched, with hardened headers."""
    chosen = [service for service, _ in services]
    usual = context.server.largest_body * 1024

    def refuse(path: str, refused: Refused) -> Response:
        return _form_of(path, chosen)(path, refused)

    def largest(path: str) -> int:
        service = _of(path, chosen)
        return max(usual, service.largest_body) if service else usual

    def echoed(path: str) -> Mapping[str, str]:
        service = _of(path, chosen)
        return service.echoed if service else {}

    app = application(context, services, told)
    uncounted = tuple(path for service in chosen if service.uncounted for path in service.paths)
    limited = Limited(app, context.server, refuse, largest)
    watched = Watched(Counted(limited, context.access, refuse), told, uncounted)
    return Hardened(Echoing(watched, echoed))


def application(context: Context, services: Chosen, told: Told | None = None) -> FastAPI:
    """The services as one ASGI application; raises UsageError or SystemFailure where one cannot be opened."""
    app = FastAPI(title="Hexaflux", openapi_url=None, redirect_slashes=False)
    chosen = [service for service, _ in services]
    for service, settings in services:
        context.store.create(service.tables)
        app.include_router(service.routes(context, settings))
    app.include_router(front.routes(context, services, told))
    app.include_router(openapi.routes(app, chosen))
    _explain(app, chosen)
    return app


def _explain(app: FastAPI, services: Sequence[Service]) -> None:
    """Say what goes wrong in the form of the service whose path it is, and nothing of what came or is held."""

    def refuse(request: Request, refused: Refused) -> Response:
        path = request.url.path
        return _form_of(path, services)(path, refused)

    @app.exception_handler(Refused)
    async def _refused(request: Request, error: Refused) -> Response:
        return refuse(request, error)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        message = _MESSAGES.get(status, "the request is not as it has to be")
        return refuse(request, Refused(status, _CODES.get(status, "INVALID_ARGUMENT"), message, error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        # Only what the service declares is named: an unknown key of a client is its own.
        where = ", ".join(sorted({str(each["loc"][0]) for each in error.errors()}))
        return refuse(request, Refused(400, "INVALID_ARGUMENT", f"not as it has to be: {where}"))

    @app.exception_handler(OperationalError)
    @app.exception_handler(NoConnection)
    async def _unavailable(request: Request, error: OperationalError | NoConnection) -> Response:
        wait = {"retry-after": "5"}
        return refuse(request, Refused(503, "UNAVAILABLE", "the server cannot answer now: ask again", wait))

    @app.exception_handler(Exception)
    async def _failed(request: Request, error: Exception) -> Response:
        return refuse(request, Refused(500, "INTERNAL", "the server failed; its operator can see where"))


def _of(path: str, services: Sequence[Service]) -> Service | None:
    return next((service for service in services if any(path.startswith(prefix) for prefix in service.paths)), None)


def _form_of(path: str, services: Sequence[Service]) -> Callable[[str, Refused], Response]:
    service = _of(path, services)
    return problem if service is None else service.refusal
