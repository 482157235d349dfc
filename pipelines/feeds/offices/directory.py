"""The directory as its publisher gives it: a dump, or an answer of its interface, read into rows.

No description of the format could be read, so the names of fields rest on what public programs make of it (read in
November 2026: sources of data.inclusion, of "1 jeune 1 solution" and of importers of town halls). They agree on this:
the dump is an object with one list, `service`; the interface answers with a list, or with an object with `results`. A
desk has `id`, `nom`, `pivot`, `adresse`, `plage_ouverture`, `telephone`, `site_internet` and so on. In the dump these
are lists of objects, in the interface the same lists as JSON in a text. `adresse_courriel` is a list in the dump and a
text in the interface, `date_modification` is DD/MM/YYYY HH:MM:SS, `statut_de_diffusion` is true or "true". The times
are HH:MM:SS, empty where there is no second range.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pipelines.feeds.checking import NO_LETTER
from pipelines.feeds.files import as_text, data_of
from pipelines.feeds.offices.settings import OfficeSettings
from pipelines.feeds.reading import Located, Table, parsed, rows_of, scalar
from schemas.errors import InputError
from schemas.feeds import FeedSettings, Source

SMALLER: Final = "export the desks of the commune or of the département, not of the country, see docs/feeds.md"
LISTS: Final = ("service", "results")


class PartError(ValueError):
    """A field of a desk that is no list of objects, or has letters that are none."""


def read(path: Path, source: Source, settings: FeedSettings) -> Located:
    """The desks of the communes that the settings name, each with its number in the file, counted from 1.

    Those that the directory says are not to be shown are left out. A desk whose commune cannot be read is kept, for
    what is wrong with it to be told. Raises InputError for a file of another form.
    """
    wanted = set(settings.insee) if isinstance(settings, OfficeSettings) else set()
    desks = _desks(parsed(as_text(data_of(path, SMALLER), path.name), path.name), path.name)
    chosen = [(number, _texts(desk)) for number, desk in enumerate(desks, 1) if _is_wanted(desk, wanted)]
    return rows_of(Table(frozenset(key for desk in desks for key in desk), chosen), source, path.name)


def parts(text: str) -> tuple[Mapping[str, object], ...]:
    """The objects of a field as JSON, none where it is empty; raises PartError."""
    try:
        found = _said(text or "null")
    except (ValueError, RecursionError):
        raise PartError from None
    listed = [] if found is None else found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise PartError
    return tuple(listed)


def first_text(text: str) -> str:
    """The first text of a field that is a text or a list of texts."""
    try:
        found = _said(text)
    except (ValueError, RecursionError):
        return text
    listed = found if isinstance(found, list) else []
    return next((each.strip() for each in listed if isinstance(each, str) and each.strip()), "")


def _said(text: str) -> object:
    """What a text says as JSON; raises ValueError or RecursionError where it is none, or has letters that are none."""
    found: object = json.loads(text)
    if NO_LETTER.search(_spelt(found)):
        raise ValueError("expected texts without control characters")
    return found


def _spelt(found: object) -> str:
    """All texts in what was read, one after the other."""
    if isinstance(found, str):
        return found
    within = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return "".join(map(_spelt, within))


def _desks(document: object, name: str) -> list[Mapping[str, object]]:
    if isinstance(document, dict):
        document = next((document[key] for key in LISTS if isinstance(document.get(key), list)), document)
    if not isinstance(document, list) or not all(isinstance(desk, dict) for desk in document):
        raise InputError(
            f'{name}: expected desks of the directory, as {{"service": [...]}}, {{"results": [...]}} or a list',
            "export the desks of the commune as JSON, see docs/feeds.md",
        )
    return document


def _is_wanted(desk: Mapping[str, object], wanted: set[str]) -> bool:
    if str(desk.get("statut_de_diffusion", "true")).lower() == "false":
        return False
    communes = set(_codes(desk.get("code_insee_commune")))
    try:
        for part in parts(scalar(desk.get("pivot"))):
            communes |= set(_codes(part.get("code_insee_commune")))
    except PartError:
        return not communes or not wanted or bool(communes & wanted)
    return not wanted or bool(communes & wanted)


def _codes(value: object) -> Iterable[str]:
    return map(str, value) if isinstance(value, list) else (str(value),) if value else ()


def _texts(desk: Mapping[str, object]) -> dict[str, str]:
    return {key: scalar(value) for key, value in desk.items()}
