"""The page of a consultation as HTML: the form, what is wrong with what was sent, or what became of the answer."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
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

    `when` is a word of `WORDS` and the day that it is about; `files` are those of the results.
    """

    asking: bool
    told: str = ""
    when: tuple[str, date] | None = None
    problems: tuple[Problem, ...] = ()
    choice: str = ""
    district: str = ""
    files: tuple[str, ...] = ()


def page(definition: Definition, shown: Shown, language: Language) -> str:
    """The page in a language; the lines of a document are never in it."""
    text = words(language)
    contact = spoken(definition.contact, language)
    filled = {
        "contact": contact,
        "youngest": str(definition.youngest),
        "opens": _day(definition.opens, language),
    }
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            language=language,
            names=NAMES,
            w=text,
            title=spoken(definition.title, language),
            question=spoken(definition.question, language),
            contact=text["contact"].format(contact),
            address=f"/consultations/{definition.id}",
            told=shown.told,
            asking=shown.asking,
            when=shown.when and text[shown.when[0]].format(_day(shown.when[1], language)),
            problems=[{"field": each.field, "text": text[each.word].format_map(filled)} for each in shown.problems],
            wrong={each.field for each in shown.problems},
            choices=_options(definition.choice, language),
            districts=_options(definition.district, language),
            chosen=shown.choice,
            lived=shown.district,
            files=shown.files,
            limits=limits(attended=definition.attended),
            style=Markup(_resource("page.css")),  # noqa: S704 (a file of this package)
        )
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


_TEMPLATE: Final = "page.html.j2"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({_TEMPLATE: _resource(_TEMPLATE)}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=2)
def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
