"""What all pages share: refusals as a page, and the check of every form."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.refused import Refused
from pipelines.server.reports.desk import Desk
from pipelines.server.reports.form import Form, counted_form
from pipelines.server.reports.pages.page import Reader, page, reader, style
from pipelines.server.reports.pages.sessions import Sessions


@dataclass(frozen=True)
class Pages:
    """The desk, and who is logged in at it."""

    desk: Desk
    sessions: Sessions = field(default_factory=Sessions)

    @property
    def town(self) -> str:
        """Whose pages they are."""
        return self.desk.settings.agency

    @property
    def form(self) -> Callable[[Request], Coroutine[object, object, Form]]:
        """What reads the form of a POST, which counts against the rate of its address."""
        return counted_form(self.desk.context.access)

    def reader(self, request: Request) -> Reader:
        """Who reads this request; a GET counts against the rate of their address, a POST has with its form."""
        if request.method != "POST":
            self.desk.context.access.anyone(request)
        self.desk.tidy()
        return reader(request, self.desk.context.zone)

    def page(self, name: str, request: Request, reading: Reader, status: int = 200, **values: object) -> Response:
        """A page, with the token of its forms and the same page in the other language."""
        other = "fr" if reading.language == "en" else "en"
        here = request.url.include_query_params(lang=other)
        return page(
            name,
            reading,
            status,
            town=self.town,
            here=f"{here.path}?{here.query}",
            token=self.sessions.token(reading.cookie),
            **values,
        )

    def check(self, form: Form, reading: Reader) -> None:
        """Raises Refused for a form that was not made for who sends it."""
        if reading.is_new or not self.sessions.is_ours(reading.cookie, form.get("form")):
            raise Refused(403, "PERMISSION_DENIED", reading("foreign_form"))

    @property
    def route(self) -> type[APIRoute]:
        """The class of routes that refuse with a page."""
        pages = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
                handle = super().get_route_handler()

                async def handled(request: Request) -> Response:
                    try:
                        return await handle(request)
                    except Refused as refused:
                        return pages.refused(request, refused)
                    except HTTPException as error:
                        return pages.refused(request, Refused(error.status_code, "INVALID_ARGUMENT", str(error.detail)))

                return handled

        return PageRoute

    def refused(self, request: Request, refused: Refused) -> Response:
        """A refusal as a page."""
        reading = reader(request, self.desk.context.zone)
        back = reading.link("report" if request.url.path.removeprefix("/open311") == "/report" else "")
        response = self.page("refused", request, reading, refused.status, message=refused.message, back=back)
        response.headers.update(refused.headers)
        return response


def style_route(pages: Pages) -> APIRouter:
    """The router of the style of the pages."""
    router = APIRouter(prefix="/open311", include_in_schema=False)

    @router.get("/page.css")
    def css(request: Request) -> Response:
        pages.desk.context.access.anyone(request)
        return Response(style(), headers={"content-type": "text/css; charset=utf-8", "cache-control": "max-age=3600"})

    return router
