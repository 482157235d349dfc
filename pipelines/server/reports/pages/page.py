"""A page as it is sent: in a language, with the headers that let it do nothing but what it does."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from pipelines.feeds.page.dates import moment
from pipelines.server.reports.pages.sessions import COOKIE, LASTS, visitor
from pipelines.server.reports.pages.words import WORDS
from pipelines.server.reports.wording import told
from schemas.dates import Language

HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Reader:
    """Who reads: in which language, by which clock, and the value of their cookie."""

    language: Language
    zone: ZoneInfo
    cookie: str
    is_new: bool

    def __call__(self, name: str, /, **values: object) -> str:
        """What the page says under a name."""
        return told(WORDS[name], self.language).format(**values)

    def moment(self, when: datetime) -> str:
        """An instant as the page writes it."""
        return moment(when.astimezone(self.zone), self.language)

    def link(self, path: str, /, **query: str) -> str:
        """An address in the reader's language."""
        more = "".join(f"&{name}={value}" for name, value in query.items() if value)
        return f"/open311/{path}?lang={self.language}{more}"


def reader(request: Request, zone: ZoneInfo) -> Reader:
    """Who reads this request; French where nothing else is asked for."""
    language: Language = "en" if request.query_params.get("lang") == "en" else "fr"
    cookie = request.cookies.get(COOKIE, "")
    return Reader(language, zone, cookie or visitor(), is_new=not cookie)


def page(name: str, reading: Reader, status: int = 200, **values: object) -> Response:
    """A page from its template; who comes first is given a cookie, so that forms can be told from those of others."""
    text = _environment().get_template(f"{name}.html.j2").render(r=reading, w=reading, **values)
    response = Response(text.encode(), status, HEADERS)
    if reading.is_new:
        set_cookie(response, reading.cookie)
    return response


def set_cookie(response: Response, value: str, secure: bool = False) -> None:
    """Give a cookie that no script reads and no other site sends."""
    seconds = int(LASTS.total_seconds())
    response.set_cookie(
        COOKIE, value, max_age=seconds, path="/open311", secure=secure, httponly=True, samesite="strict"
    )


def redirect(address: str) -> Response:
    """Ask for another page: what was sent is not sent again when that is loaded anew."""
    return Response(status_code=303, headers={"location": address, "cache-control": "no-store"})


@cache
def style() -> bytes:
    """The style of the pages."""
    return (files(__package__) / "page.css").read_bytes()


@cache
def _environment() -> Environment:
    loader = PackageLoader("pipelines.server.reports.pages", "")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
