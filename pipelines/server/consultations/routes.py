"""`/consultations/{id}`: the page to answer on, the same for programs as JSON, and the results once it is over."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from pipelines.server.consultations.answers import Answer, Answers, Kept
from pipelines.server.consultations.attendants import let_in, see_that_it_is_from_here
from pipelines.server.consultations.definition import NAME
from pipelines.server.consultations.mrz import Unreadable
from pipelines.server.consultations.page.page import Listed, Problem, Shown, headers, list_page, page, told_in_english
from pipelines.server.consultations.publication import TYPES
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import OPEN, PUBLISHED
from pipelines.server.context import Context
from pipelines.server.openapi import secured
from pipelines.server.refused import Refused
from schemas.dates import Language
from schemas.errors import SystemFailure
from schemas.server import ServiceSettings

COUNTED, ALREADY, CLOSED = "counted", "already", "closed"
"""What becomes of an answer."""
SCOPE: Final = "consultations:answer"
"""What a client was given that answers where somebody compares the document with its bearer."""
Identifier = Annotated[str, InPath(pattern=f"^{NAME}$")]
FileName = Annotated[str, InPath(max_length=40, pattern=r"^[a-z.]+$")]
_MISSING: Final[dict[int | str, dict[str, Any]]] = {404: {"description": "There is no such consultation, or file."}}
_CLOSED: Final[dict[int | str, dict[str, Any]]] = {409: {"description": "It takes no answers today."}}
_ATTENDED: Final[dict[str, Any]] = {"security": [{}, *secured(SCOPE)["security"]]}
_NO_STORE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class Given(BaseModel):
    """An answer as a program sends it: the lines of the document, and the words of choice and district."""

    mrz: str = Field(max_length=400)
    choice: str = Field(max_length=40)
    district: str = Field(max_length=40)


class Taken(BaseModel):
    """What became of an answer: it counts, or the person has answered before."""

    status: Literal["counted", "already"]


class Counter:
    """Takes answers, from whichever form they come in."""

    def __init__(self, context: Context, settings: ConsultationSettings) -> None:
        self.context = context
        self.settings = settings
        self.keys = settings.held()
        self.answers = Answers(context.store)

    def kept(self, consultation: str) -> Kept:
        """A consultation; raises Refused for no such."""
        kept = self.answers.kept(consultation)
        if kept is None:
            raise Refused(404, "NOT_FOUND", "there is no such consultation")
        return kept

    def answerable(self, request: Request, consultation: str) -> Kept:
        """A consultation that a request may answer; raises Refused for no such, or an attended one without a client."""
        self.context.access.anyone(request)
        kept = self.kept(consultation)
        if kept.definition.attended:
            self.context.access.needs(request, SCOPE)
        return kept

    def attended(self, request: Request, consultation: str) -> Kept:
        """An attended consultation that a request may ask of at its counter; raises Refused."""
        kept = self.kept(consultation)
        if not kept.definition.attended:
            raise Refused(404, "NOT_FOUND", "this consultation has no counter")
        let_in(self.context.access, request, SCOPE)
        return kept

    def is_open(self, kept: Kept) -> bool:
        """Whether answers are taken today."""
        return kept.state == OPEN and kept.definition.opens <= self.today() <= kept.definition.closes

    def today(self) -> date:
        """The day in the town."""
        return self.context.now().date()

    def listed(self) -> list[Listed]:
        """All that are not for trying: those open or to come by their last day, then those over, the latest first."""
        kept = [each for each in self.answers.all() if not each.test]
        ahead = sorted((each for each in kept if not self._is_over(each)), key=lambda each: each.definition.closes)
        over = sorted(
            (each for each in kept if self._is_over(each)), key=lambda each: each.definition.closes, reverse=True
        )
        return [Listed(each.definition.id, each.definition.title, self.when(each)) for each in (*ahead, *over)]

    def _is_over(self, kept: Kept) -> bool:
        return kept.state != OPEN or kept.definition.closes < self.today()

    def when(self, kept: Kept) -> tuple[str, date]:
        """What to say of when a consultation takes answers, and the day to say."""
        definition = kept.definition
        if self._is_over(kept):
            return ("published" if kept.state == PUBLISHED else "over", definition.closes)
        return ("until", definition.closes) if self.is_open(kept) else ("from", definition.opens)

    def problems(self, kept: Kept, given: Given) -> tuple[Problem, ...]:
        """What is wrong with the choices of an answer."""
        definition = kept.definition
        right = {
            "choice": given.choice in {each.id for each in definition.choice},
            "district": given.district in {each.id for each in definition.district},
        }
        return tuple(Problem(name, f"{name}_wrong") for name, holds in right.items() if not holds)

    def take(self, kept: Kept, given: Given) -> str | Problem:
        """What becomes of an answer whose choices are right, or what is wrong with its document.

        Raises Refused where the key cannot be reached.
        """
        if not self.is_open(kept):
            return CLOSED
        try:
            person = self.keys.person(kept.definition, given.mrz)
        except Unreadable as error:
            return Problem("mrz", f"{error.reason}_wrong")
        except SystemFailure:
            return self._without_key(kept)
        band = kept.definition.band(person.age)
        if band is None:
            return Problem("mrz", "age_wrong")
        answer = Answer(person.nullifier, given.choice, given.district, band)
        fresh = self.answers.give(kept.definition.id, answer)
        return CLOSED if fresh is None else COUNTED if fresh else ALREADY

    def _without_key(self, kept: Kept) -> str:
        """The key of a consultation is destroyed while it is closed; else it is lost, and nobody can be counted."""
        if self.kept(kept.definition.id).state != OPEN:
            return CLOSED
        raise Refused(503, "UNAVAILABLE", told_in_english(kept.definition, "unavailable"))


def routes(context: Context, settings: ServiceSettings) -> APIRouter:
    """The page by GET and POST, `answers` for programs, and the files of the results."""
    if not isinstance(settings, ConsultationSettings):
        raise TypeError("expected the settings of consultations")
    counter = Counter(context, settings)
    router = APIRouter(tags=["consultations"], prefix="/consultations")

    @router.get("/", include_in_schema=False)
    def all_of_them(request: Request) -> Response:
        """The page that leads to each consultation."""
        context.access.anyone(request)
        return HTMLResponse(list_page(counter.listed(), _language(request)), headers=headers())

    @router.get("/{consultation}", include_in_schema=False)
    def asked(request: Request, consultation: str) -> Response:
        """The page on which people answer; of an attended consultation it says where."""
        context.access.anyone(request)
        return _page(request, counter, counter.kept(consultation), Shown(asking=True))

    @router.post("/{consultation}", include_in_schema=False)
    def answered(request: Request, consultation: str, given: Annotated[Given, Depends(_sent)]) -> Response:
        """An answer by the page."""
        return _answered(request, counter, counter.answerable(request, consultation), given, Shown(asking=True))

    @router.get("/{consultation}/counter", include_in_schema=False)
    def at_counter(request: Request, consultation: str) -> Response:
        """The page on which people answer an attended consultation, for whoever attends it."""
        kept = counter.attended(request, consultation)
        return _page(request, counter, kept, Shown(asking=True, at_counter=True))

    @router.post("/{consultation}/counter", include_in_schema=False)
    def answered_at_counter(request: Request, consultation: str, given: Annotated[Given, Depends(_sent)]) -> Response:
        """An answer by the page of the counter."""
        kept = counter.attended(request, consultation)
        see_that_it_is_from_here(request)
        return _answered(request, counter, kept, given, Shown(asking=True, at_counter=True))

    @router.post(
        "/{consultation}/answers",
        operation_id="answer",
        response_model=Taken,
        responses=_MISSING | _CLOSED,
        openapi_extra=_ATTENDED,
    )
    def given(request: Request, consultation: Identifier, given: Given) -> JSONResponse:
        """An answer by a program, such as that of a counter at the town hall: `counted` or `already`.

        An attended consultation takes it of a client with the scope `consultations:answer` alone, others of anybody.
        """
        kept = counter.answerable(request, consultation)
        taken = next(iter(counter.problems(kept, given)), None) or counter.take(kept, given)
        if isinstance(taken, Problem):
            raise Refused(400, "INVALID_ARGUMENT", told_in_english(kept.definition, taken.word), _NO_STORE)
        if taken == CLOSED:
            raise Refused(409, "CLOSED", "the consultation takes no answers today", _NO_STORE)
        return JSONResponse({"status": taken}, headers=_NO_STORE)

    @router.get("/{consultation}/{file}", operation_id="results", response_class=Response, responses=_MISSING)
    def result(request: Request, consultation: Identifier, file: FileName) -> Response:
        """A file of the results, once they are published."""
        context.access.anyone(request)
        kept = counter.kept(consultation)
        if file not in TYPES or kept.state != PUBLISHED:
            raise Refused(404, "NOT_FOUND", "there is no such file, or nothing is published yet")
        path = counter.settings.publications / consultation / file
        if not path.is_file():
            raise Refused(404, "NOT_FOUND", "the results are kept elsewhere")
        return Response(path.read_bytes(), media_type=TYPES[file])

    return router


def _sent(
    mrz: Annotated[str, Form()] = "", choice: Annotated[str, Form()] = "", district: Annotated[str, Form()] = ""
) -> Given:
    """An answer as a form brings it, whatever it is."""
    return Given.model_construct(mrz=mrz, choice=choice, district=district)


def _answered(request: Request, counter: Counter, kept: Kept, given: Given, asked: Shown) -> Response:
    """The page after an answer: what became of it, or the form that it came from with what is wrong."""
    problems = counter.problems(kept, given)
    taken = problems or counter.take(kept, given)
    if isinstance(taken, str):
        return _page(request, counter, kept, replace(asked, asking=False, told=taken))
    wrong = taken if isinstance(taken, tuple) else (taken,)
    shown = replace(asked, problems=wrong, choice=given.choice, district=given.district)
    return _page(request, counter, kept, shown, 400)


def _page(request: Request, counter: Counter, kept: Kept, shown: Shown, status: int = 200) -> Response:
    definition, today = kept.definition, counter.today()
    if shown.told in (COUNTED, ALREADY):
        final = shown
    elif counter.is_open(kept):
        final = replace(shown, when=counter.when(kept))
    elif kept.state == OPEN and today < definition.opens:
        final = Shown(asking=False, at_counter=shown.at_counter, when=counter.when(kept))
    else:
        final = Shown(asking=False, told=CLOSED, files=tuple(TYPES) if kept.state == PUBLISHED else ())
    if request.method == "POST" and not final.asking and final.told not in (COUNTED, ALREADY):
        status = 409
    return HTMLResponse(page(definition, final, _language(request), test=kept.test), status, headers())


def _language(request: Request) -> Language:
    """The language in the address, else the one that the browser likes most; French where it says neither."""
    asked = request.query_params.get("lang")
    if asked in ("en", "fr"):
        return "en" if asked == "en" else "fr"
    for each in request.headers.get("accept-language", "").split(","):
        if (code := each.strip()[:2].lower()) in ("en", "fr"):
            return "en" if code == "en" else "fr"
    return "fr"
