"""`POST /population-density-data/v1rc1/retrieve`."""

import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipelines.server.access import Client
from pipelines.server.context import Context
from pipelines.server.openapi import secured
from pipelines.server.population import refusals
from pipelines.server.population.answer import answer
from pipelines.server.population.asking import asked, token
from pipelines.server.population.callback import Callbacks, Operation
from pipelines.server.population.models import (
    CORRELATOR,
    AcceptedAsyncResponse,
    AccessTokenCredential,
    ErrorInfo,
    PopulationDensityAsyncResponse,
    PopulationDensityRequest,
    PopulationDensityResponse,
)
from pipelines.server.population.published import Published
from pipelines.server.population.settings import Population
from pipelines.server.population.sinks import see_that_they_are_origins
from pipelines.server.refused import Refused
from schemas.errors import CheckFailed, UsageError
from schemas.server import ServiceSettings

PREFIX: Final = "/population-density-data/v1rc1"
SCOPE: Final = "population-density-data:read"
_TAG: Final = "Population Density Data"
CORRELATED: Final = "x-correlator"
"""The header by which a client knows an answer again."""
_REFUSED: Final = (400, 401, 403, 404, 422, 429, 503)
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": AcceptedAsyncResponse},
    **{status: {"model": ErrorInfo} for status in _REFUSED},
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Refusing(APIRoute):
    """A route whose refusals have the form of the standard; an `x-correlator` may be one."""

    def get_route_handler(self) -> Handler:
        """The handler of the route, with its refusals."""
        handle = super().get_route_handler()

        async def refusing(request: Request) -> Response:
            correlator = request.headers.get(CORRELATED)
            if correlator is not None and not re.fullmatch(CORRELATOR, correlator):
                return refusals.error_info(refusals.INVALID_CORRELATOR)
            try:
                return await handle(request)
            except Refused as refused:
                return refusals.error_info(refused)
            except HTTPException as error:
                # A body that is no text.
                return refusals.error_info(Refused(error.status_code, "", refusals.INVALID_ARGUMENT.message))
            except RequestValidationError as error:
                return refusals.error_info(refusals.of_errors(error.errors()))

        return refusing


def routes(context: Context, settings: ServiceSettings) -> APIRouter:
    """The one operation; raises UsageError without a release or for a sink that is no origin.

    Raises CheckFailed for a release that does not verify.
    """
    if not isinstance(settings, Population) or context.release is None:
        raise UsageError(
            "[server.population]: expected a release to answer from, found no [release]",
            'write [release] with directory = "release", or enabled = false below [server.population]',
        )
    if not context.release.is_dir():
        raise UsageError(
            f"{context.release}: expected a release to answer from, found none",
            "hexaflux run publishes one; or write enabled = false below [server.population]",
        )
    see_that_they_are_origins(settings.sinks)
    published = Published(context.release, context.tell)
    callbacks = Callbacks(settings.sinks, context.now, context.tell)

    def let_in(request: Request) -> Client:
        return context.access.needs(request, SCOPE)

    router = APIRouter(prefix=PREFIX, route_class=Refusing, tags=[_TAG])

    @router.post(
        "/retrieve",
        operation_id="retrievePopulationDensity",
        response_model=PopulationDensityResponse,
        responses=_RESPONSES,
        callbacks=_callback().routes,
        openapi_extra=secured(SCOPE),
    )
    def retrieve(
        client: Annotated[Client, Depends(let_in)],
        body: PopulationDensityRequest,
        x_correlator: Annotated[str | None, Header(pattern=CORRELATOR, max_length=256)] = None,
    ) -> Response:
        """People per square kilometre, by hour and geohash cell, as published; hours to come are forecast."""
        now, snapshot = context.now(), published.now()
        question = asked(body, now, snapshot.first, settings)
        if body.sink is None:
            try:
                return Response(answer(snapshot, question), media_type="application/json")
            except CheckFailed:
                raise refusals.CHANGED from None
        bearer = token(body, now, settings)
        credential = body.sinkCredential
        expires = credential.accessTokenExpiresUtc if isinstance(credential, AccessTokenCredential) else None
        identifier = str(uuid.uuid4())
        callbacks.submit(
            Operation(
                client.name,
                identifier,
                lambda: answer(snapshot, question, identifier),
                body.sink,
                bearer,
                expires,
                x_correlator or "",
            )
        )
        return JSONResponse({"operationId": identifier}, 202)

    return router


def _callback() -> APIRouter:
    """What a sink has to answer to, for the OpenAPI document."""
    router = APIRouter()

    @router.post("{$request.body#/sink}", status_code=204, operation_id="postNotification", tags=[_TAG])
    def notification(body: PopulationDensityAsyncResponse) -> None:
        """The answer to a request with a sink."""

    return router
