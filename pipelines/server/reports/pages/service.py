"""The pages of who mends: the list of reports, and one report with what can be done."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.refused import Refused
from pipelines.server.reports import evidence, w3c
from pipelines.server.reports.asking import SPAN
from pipelines.server.reports.form import Form
from pipelines.server.reports.interface import PHOTO_HEADERS
from pipelines.server.reports.pages.page import Reader, redirect, set_cookie
from pipelines.server.reports.pages.route import Pages
from pipelines.server.reports.pages.shown import facts, history, row
from pipelines.server.reports.register import Filter
from pipelines.server.reports.report import Event, Kind, Outage, Report

MANAGE: Final = "reports:manage"
"""What a client needs to open these pages."""

SHOWN: Final = 200
"""Reports on one page (the project's own)."""

_LONGEST_NOTE: Final = 1000
_ACTIONS: Final[dict[str, Kind]] = {
    "acknowledged": "acknowledged",
    "closed": "closed",
    "reopened": "reopened",
    "published": "published",
    "withdrawn": "withdrawn",
    "outage": "outage",
    "no-outage": "outage",
}


def service_pages(pages: Pages) -> APIRouter:
    """The router of `/open311/`, which answers with the login to who is not logged in."""
    router = APIRouter(prefix="/open311", include_in_schema=False, route_class=pages.route)
    desk = pages.desk

    @router.get("/")
    def reports(request: Request) -> Response:
        reading = pages.reader(request)
        if not pages.sessions.stands(reading.cookie, desk.now()):
            return _login(pages, request, reading)
        return _list(pages, request, reading)

    @router.post("/login")
    def login(request: Request, form: Annotated[Form, Depends(pages.form)]) -> Response:
        reading = pages.reader(request)
        pages.check(form, reading)
        try:
            desk.context.access.needs(request, MANAGE, key=form.get("key"))
        except Refused as refused:
            if refused.status not in (401, 403):
                raise
            return _login(pages, request, reading, reading("wrong_key"), 403)
        response = redirect(reading.link(""))
        # A new value: who knew that of the visitor does not know this one.
        set_cookie(response, pages.sessions.begin(desk.now()), _is_secure(pages, request))
        return response

    @router.post("/logout")
    def logout(request: Request, form: Annotated[Form, Depends(pages.form)]) -> Response:
        reading = pages.reader(request)
        pages.check(form, reading)
        pages.sessions.end(reading.cookie)
        return redirect(reading.link(""))

    @router.get("/reports/{name}")
    def one(request: Request, name: str) -> Response:
        reading = _logged_in(pages, request)
        return _report(pages, request, reading, name)

    @router.post("/reports/{name}")
    def act(request: Request, name: str, form: Annotated[Form, Depends(pages.form)]) -> Response:
        reading = _logged_in(pages, request)
        pages.check(form, reading)
        event = _event(form, desk.now(), reading)
        if isinstance(event, str):
            return _report(pages, request, reading, name, event)
        if not desk.append(name, event):
            return _report(pages, request, reading, name, reading("not_now"), 409)
        if event.kind == "outage" and not desk.outages.write():
            return _report(pages, request, reading, name, reading("not_handed"), 500)
        return redirect(reading.link(f"reports/{name}"))

    @router.get("/photos/{name}")
    def photo(request: Request, name: str) -> Response:
        reading = _logged_in(pages, request)
        data = desk.photos.read(name)
        if data is None:
            raise Refused(404, "NOT_FOUND", reading("gone"))
        return Response(data, headers=PHOTO_HEADERS)

    return router


def _login(pages: Pages, request: Request, reading: Reader, message: str = "", status: int = 200) -> Response:
    public = pages.desk.settings.public
    return pages.page("login", request, reading, status, message=message, public=public)


def _is_secure(pages: Pages, request: Request) -> bool:
    return "https" in (request.url.scheme, pages.desk.address(request).partition(":")[0])


def _logged_in(pages: Pages, request: Request) -> Reader:
    reading = pages.reader(request)
    if not pages.sessions.stands(reading.cookie, pages.desk.now()):
        raise Refused(403, "PERMISSION_DENIED", reading("no_session"))
    return reading


def _list(pages: Pages, request: Request, reading: Reader) -> Response:
    desk, now = pages.desk, pages.desk.now()
    service = request.query_params.get("service", "")
    service = service if service in desk.catalogue.services else ""
    codes = (service,) if service else ()
    # What is open is shown however old it is.
    opened = sorted(desk.register.find(Filter(codes=codes, statuses=("open",)), None), key=lambda each: each.expected)
    closed = desk.register.find(Filter(now - SPAN, None, codes, ("closed",)), None)
    found: dict[str, list[Report]] = {
        "open": opened,
        "overdue": [each for each in opened if each.overdue(now)],
        "closed": list(closed),
        "all": [*opened, *closed],
    }
    state = request.query_params.get("state", "")
    state = state if state in found else "open"
    return pages.page(
        "list",
        request,
        reading,
        rows=[row(each, desk.catalogue, reading, now) for each in found[state][:SHOWN]],
        more=len(found[state]) > SHOWN,
        tabs=[{"name": name, "count": len(reports)} for name, reports in found.items()],
        state=state,
        service=service,
        services=list(desk.catalogue.services.values()),
    )


def _report(pages: Pages, request: Request, reading: Reader, name: str, message: str = "", status: int = 0) -> Response:
    desk = pages.desk
    report = desk.register.get(name)
    if report is None:
        raise Refused(404, "NOT_FOUND", reading("gone"))
    told = evidence.verdicts(desk, (report,))
    return pages.page(
        "report",
        request,
        reading,
        status or (400 if message else 200),
        report=report,
        row=row(report, desk.catalogue, reading, desk.now()),
        facts=facts(report, desk.catalogue, reading),
        history=history(report, reading),
        evidence=reading(f"verdict_{told[report.id]}") if told else None,
        message=message,
        handed=desk.outages.folder is not None,
    )


def _event(form: Form, now: datetime, reading: Reader) -> Event | str:
    """The event that a form asks for, or what is wrong with it."""
    action = form.get("action")
    kind = _ACTIONS.get(action)
    if kind is None:
        raise Refused(400, "INVALID_ARGUMENT", reading("foreign_form"))
    note = form.get("note").replace("\r\n", "\n").strip()
    if len(note) > _LONGEST_NOTE or not all(sign.isprintable() or sign == "\n" for sign in note):
        return reading("long_note")
    if kind == "closed" and not note:
        return reading("needs_note")
    if action != "outage":
        return Event(kind, now, note)
    outage = _outage(form, now, reading)
    return reading("wrong_outage") if outage is None else Event(kind, now, note, outage)


def _outage(form: Form, now: datetime, reading: Reader) -> Outage | None:
    start, end = (w3c.local(form.get(name), reading.zone) for name in ("start", "end"))
    if start is None or start > now or (form.get("end") and (end is None or end <= start)):
        return None
    return Outage(start, end)
