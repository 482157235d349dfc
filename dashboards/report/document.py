"""The report as one HTML file: two pages for a prefect or a sponsor, in the language of the page."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from math import ceil
from typing import Final

from anonymization.released import Day
from dashboards import formats, layout
from dashboards.exports.taken import Origin
from dashboards.happening.course import Course
from dashboards.overview.keyfigures import Compared
from dashboards.report import figures, words
from dashboards.report.sentences import key_figures
from dashboards.report.style import STYLE
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("Event report", "Rapport de l’événement")
OF_DAY: Final = Text("Report of the day", "Rapport de la journée")
MADE: Final = Text(
    "Made by Hexaflux from the release {release} (days {first} to {last}), manifest {head}. Every figure is of at "
    "least {k} {unit}, rounded; in brackets the {confidence} interval.",
    "Fait par Hexaflux à partir de la publication {release} (journées du {first} au {last}), manifeste {head}. Chaque "
    "chiffre porte sur au moins {k} {unit}, arrondi ; entre parenthèses l’intervalle à {confidence}.",
)
TEST: Final = Text("Test release: simulated people.", "Publication d’essai : personnes simulées.")
KEY_FIGURES: Final = Text("Key figures", "Chiffres clés")
NOTHING: Final = Text(
    "Presence is not published here: too few people, or a sensitive place. It is not zero.",
    "La présence n’est pas publiée ici : trop peu de personnes, ou un lieu sensible. Ce n’est pas zéro.",
)
PAGE: Final = Text("{title} · {name} · page {page} of 2", "{title} · {name} · page {page} sur 2")
LETTERS: Final = 105
"""In a line of a sheet, about."""

_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")


def write(view: View, course: Course, days: Sequence[tuple[Day, Compared]], origin: Origin) -> bytes:
    """The file; it has no script and asks no network, and says so to the browser."""
    title = view.say(TITLE if view.event is not None else OF_DAY)
    name = view.zone.name if view.event is None else view.event.name
    feet = [view.say(PAGE, title=title, name=name, page=page) for page in (1, 2)]
    lines = key_figures(view, course, days)
    first = [
        _head(view, title, name),
        _key_figures(view, course, lines),
        figures.first_page(view, course, _printed(lines)),
    ]
    second = [figures.second_page(view, course, days), *words.sections(view, course, origin)]
    sheets = "".join(_sheet(parts, foot) for parts, foot in zip((first, second), feet, strict=True))
    return (
        f'<!DOCTYPE html>\n<html lang="{view.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(f'{title} · {name}')}</title><style>{STYLE}</style></head><body>{sheets}</body></html>\n"
    ).encode()


def marked(line: str) -> str:
    """A sentence as HTML, with what stands between `**` in bold."""
    return _BOLD.sub(r"<strong>\1</strong>", escape(line))


def _head(view: View, title: str, name: str) -> str:
    release = view.store.release
    first, last = (formats.short_date(day.date, view.language) for day in (release.days[0], release.days[-1]))
    made = view.say(MADE, release=release.release_id, first=first, last=last, head=release.head[:12])
    test = f'<span class="test">{escape(view.say(TEST))}</span> ' if release.test else ""
    place = " · ".join((view.zone.name, layout.when(view)) if view.event is not None else (layout.when(view),))
    return (
        f'<header><div class="when">{escape(title)}</div><h1>{escape(name)}</h1>'
        f'<div class="when">{escape(place)}</div><p class="made">{test}{escape(made)}</p></header>'
    )


def _key_figures(view: View, course: Course, lines: Sequence[str]) -> str:
    listed = "".join(f"<li>{marked(line)}</li>" for line in lines)
    nothing = "" if figures.has_presence(view, course) else f"<p>{escape(view.say(NOTHING))}</p>"
    return f"<section><h2>{escape(view.say(KEY_FIGURES))}</h2><ul>{listed}</ul>{nothing}</section>"


def _printed(lines: Iterable[str]) -> int:
    """The lines of a sheet that sentences take."""
    return sum(ceil(len(line) / LETTERS) for line in lines)


def _sheet(parts: Iterable[str], foot: str) -> str:
    return f'<main class="sheet">{"".join(parts)}<div class="foot">{escape(foot)}</div></main>'
