"""The page of a consultation as HTML: the form, what is wrong with what was sent, or what became of the answer."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from pipelines.server.consultations.definition import Definition, Named
from pipelines.server.consultations.publication import limits
from pipelines.server.consultations.words import NAMES, WORDS, spoken, words
from schemas.dates import MONTHS, Language, day_of_month
from schemas.feeds import Text


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field of the form, in words of `WORDS`; never what was written in it."""

    field: str
    word: str


@dataclass(frozen=True)
class Shown:
    """What the page shows: whether it asks, what is told (`counted`, `already`, `closed`), and what was chosen.

    `at_counter`: who attends the consultation sees it. `when` is a word of `WORDS` and the day that it is about;
    `files` are those of the results.
    """

    asking: bool
    told: str = ""
    at_counter: bool = False
    when: tuple[str, date] | None = None
    problems: tuple[Problem, ...] = ()
    choice: str = ""
    district: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """A consultation in the list of all: `when` is a word of `WORDS` and the day that it is about."""

    id: str
    title: Text
    when: tuple[str, date]


def page(definition: Definition, shown: Shown, language: Language, *, test: bool = False) -> str:
    """The page in a language; the lines of a document are never in it, and an attended consultation asks elsewhere.

    `test` is one for trying.
    """
    text = words(language)
    contact = spoken(definition.contact, language)
    filled = {
        "contact": contact,
        "youngest": str(definition.youngest),
        "opens": _day(definition.opens, language),
    }
    return _rendered(
        "page.html.j2",
        language,
        title=spoken(definition.title, language),
        question=spoken(definition.question, language),
        contact=text["contact"].format(contact),
        address=f"/consultations/{definition.id}{'/counter' if shown.at_counter else ''}",
        results=f"/consultations/{definition.id}",
        counter=f"/consultations/{definition.id}/counter",
        at_counter=shown.at_counter,
        test=test,
        told=shown.told,
        asking=shown.asking and definition.attended == shown.at_counter,
        place=text["in_person"].format(contact)
        if shown.asking and definition.attended and not shown.at_counter
        else "",
        when=shown.when and _when(shown.when, language),
        problems=[{"field": each.field, "text": text[each.word].format_map(filled)} for each in shown.problems],
        wrong={each.field for each in shown.problems},
        choices=_options(definition.choice, language),
        districts=_options(definition.district, language),
        chosen=shown.choice,
        lived=shown.district,
        files=shown.files,
        limits=limits(attended=definition.attended),
    )


def list_page(listed: Sequence[Listed], language: Language) -> str:
    """The page that leads to each consultation, in a language and in the order given."""
    return _rendered(
        "list.html.j2",
        language,
        title=words(language)["consultations"],
        address="/consultations/",
        listed=[
            {"id": each.id, "title": spoken(each.title, language), "when": _when(each.when, language)}
            for each in listed
        ],
    )


def told_in_english(definition: Definition, word: str) -> str:
    """A sentence for programs: what is wrong, as the page says it."""
    filled = {"contact": definition.contact.en, "youngest": str(definition.youngest)}
    return WORDS[word].en.format_map(filled | {"opens": definition.opens.isoformat()})


def headers() -> dict[str, str]:
    """What keeps the page to itself: no script, no other address, no copy, no trace in where one goes next."""
    digest = base64.b64encode(hashlib.sha256(_resource("page.css").encode()).digest()).decode()
    return {
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def _options(listed: Sequence[Named], language: Language) -> list[dict[str, str]]:
    return [{"id": each.id, "text": spoken(Text(each.en, each.fr), language)} for each in listed]


def _day(day: date, language: Language) -> str:
    return f"{day_of_month(day, language)} {MONTHS[language][day.month - 1]} {day.year}"


def _when(when: tuple[str, date], language: Language) -> str:
    return words(language)[when[0]].format(_day(when[1], language))


def _rendered(template: str, language: Language, **values: object) -> str:
    style = Markup(_resource("page.css"))  # noqa: S704 (a file of this package)
    found = _environment().get_template(template)
    return found.render(language=language, names=NAMES, w=words(language), style=style, **values)


_TEMPLATES: Final = ("base.html.j2", "list.html.j2", "page.html.j2")


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({name: _resource(name) for name in _TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
