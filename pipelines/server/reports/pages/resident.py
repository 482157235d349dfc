"""The page on which a resident reports a fault, without a key, and that on which they follow it."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from pipelines.server.refused import Refused
from pipelines.server.reports.catalogue import ServiceType
from pipelines.server.reports.form import Form
from pipelines.server.reports.pages.page import Reader, redirect
from pipelines.server.reports.pages.route import Pages
from pipelines.server.reports.pages.shown import history, row
from pipelines.server.reports.refusing import Several
from pipelines.server.reports.wording import told

ALL_PER_HOUR: Final = 20
"""How many times what one address may report all may, so that the disk cannot be filled (the project's own)."""


@dataclass
class Allowance:
    """How many reports came in this hour, from whom and altogether; hashes of addresses, for the hour, in memory."""

    per_address: int
    _hour: str = ""
    _came: "Counter[bytes]" = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: bytes, now: datetime) -> bool:
        """Whether one more may come from an address."""
        hour = f"{now:%Y-%m-%dT%H}"
        with self._lock:
            if hour != self._hour:
                self._hour, self._came = hour, Counter()
            full = self._came[address] >= self.per_address
            if full or self._came.total() >= ALL_PER_HOUR * self.per_address:
                return False
            self._came[address] += 1
            return True


def resident_pages(pages: Pages) -> APIRouter:
    """The router of `/open311/report`."""
    router = APIRouter(prefix="/open311", include_in_schema=False, route_class=pages.route)
    desk = pages.desk
    allowance = Allowance(desk.settings.public_per_hour)

    @router.get("/report")
    def ask(request: Request) -> Response:
        return _form(pages, request, pages.reader(request), _service(pages, request))

    @router.post("/report")
    def send(request: Request, form: Annotated[Form, Depends(pages.form)]) -> Response:
        reading, service = pages.reader(request), _service(pages, request)
        pages.check(form, reading)
        if service is None:
            return _form(pages, request, reading, None)
        if not allowance.take(desk.context.access.address(request), desk.now()):
            raise Refused(429, "TOO_MANY_REQUESTS", reading("too_many"), {"retry-after": "3600"})
        fields = [(name, text) for name, text in form.fields if name != "service_code"]
        try:
            name = desk.receive((*fields, ("service_code", service.service_code)), form.photo)
        except Several as several:
            wrong = [told(each.text, reading.language) for each in several.wrong]
            return _form(pages, request, reading, service, form, wrong, several.status)
        return redirect(reading.link(f"report/{name}", sent="yes"))

    @router.get("/report/{name}")
    def follow(request: Request, name: str) -> Response:
        reading, report = pages.reader(request), desk.register.get(name)
        if report is None:
            raise Refused(404, "NOT_FOUND", reading("gone"))
        return pages.page(
            "sent",
            request,
            reading,
            report=report,
            row=row(report, desk.catalogue, reading, desk.now()),
            history=history(report, reading, states_only=True),
            fresh=bool(request.query_params.get("sent")),
        )

    return router


def _service(pages: Pages, request: Request) -> ServiceType | None:
    return pages.desk.catalogue.services.get(request.query_params.get("service", ""))


def _form(
    pages: Pages,
    request: Request,
    reading: Reader,
    service: ServiceType | None,
    form: Form | None = None,
    wrong: list[str] | None = None,
    status: int = 200,
) -> Response:
    sent = form or Form((), b"")
    settings = pages.desk.settings
    return pages.page(
        "resident",
        request,
        reading,
        status,
        service=service,
        services=list(pages.desk.catalogue.services.values()),
        given=sent.get,
        all=lambda name: [text for key, text in sent.fields if key == name],
        wrong=wrong or [],
        keep_contact=settings.keep_contact,
        promise=reading("promise", hours=settings.hours, days=settings.keep_days),
    )
