"""The page that residents read: one file in each language, which asks nobody for anything."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from pipelines.feeds.page.dates import LANGUAGES
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.page.schedule import Rows, Schedules
from pipelines.feeds.page.sections import sections
from pipelines.feeds.page.words import NAMES, for_script
from schemas.dates import Language

if TYPE_CHECKING:
    from pipelines.feeds.build import Build

ADDRESSES: Final[dict[Language, str]] = {"fr": "index.html", "en": "index.en.html"}
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<path d="M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75z" fill="#0072B2"/>'
    '<circle cx="16" cy="16" r="6" fill="#fff"/></svg>'
)


def pages(built: "Build") -> dict[str, bytes]:
    """The pages by file name, French and English."""
    return {ADDRESSES[language]: page(built, language) for language in LANGUAGES}


def page(built: "Build", language: Language) -> bytes:
    """The page in a language: what holds at the instant of the build, and what its script needs for others."""
    reader = Reader(language, built.chosen.zone, built.at)
    schedules = Schedules(reader)
    shown = sections(built.modules, reader, schedules)
    style, script = _resource("page.css"), _resource("clock.js") + _resource("page.js")
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            reader=reader,
            w=reader.words,
            town=built.chosen.town,
            moment=reader.moment(built.at, year=True),
            sections=shown,
            weeks=_weeks(reader),
            languages=[{"code": code, "name": NAMES[code], "address": ADDRESSES[code]} for code in LANGUAGES],
            address=ADDRESSES[language],
            policy=_policy(style, script),
            icon="data:image/svg+xml;base64," + base64.b64encode(_ICON.encode()).decode(),
            style=Markup(style),  # noqa: S704 (a file of this package)
            script=Markup(script),  # noqa: S704
            data=_embedded(_data(reader, schedules)),
        )
    )
    return text.encode()


def _weeks(reader: Reader) -> Callable[[Rows], str]:
    """Writes a week as a table, once for all the places that keep the same hours."""
    template = _environment().get_template("week.html.j2")

    @cache
    def written(rows: Rows) -> str:
        return Markup(template.render(rows=rows, w=reader.words))  # noqa: S704 (of a template that escapes)

    return written


def _data(reader: Reader, schedules: Schedules) -> dict[str, object]:
    """What the script needs: instants are minutes after `base`."""
    return {
        "base": reader.base.isoformat(timespec="seconds"),
        "zone": reader.zone.key,
        "language": reader.language,
        "horizon": reader.horizon,
        "schedules": schedules.as_json(),
        "words": for_script(reader.language),
    }


def _embedded(data: dict[str, object]) -> Markup:
    """JSON in an element of HTML, which no text in it can end."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def _policy(style: str, script: str) -> str:
    """Nothing but this style, this script and pictures within the page."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; img-src data:; "
        "form-action 'self'; base-uri 'none'"
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    templates = {name: _resource(name) for name in ("page.html.j2", "item.html.j2", "week.html.j2")}
    return Environment(
        loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@lru_cache(maxsize=8)
def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
