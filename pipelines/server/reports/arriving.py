"""What a client sends, judged field by field: a report, or all that is wrong with it. Pure.

No message quotes what was sent.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pipelines.server.reports import w3c
from pipelines.server.reports.catalogue import LISTS, Attribute, Catalogue, ServiceType
from pipelines.server.reports.report import Contact, New
from schemas.feeds import Text

Fields = Sequence[tuple[str, str]]
"""Names and texts, as they came."""

LONGEST: Final = {"description": 4000, "address_string": 500, "address_id": 100, "media_url": 2000}
"""Characters; that of the description is the standard's."""

_CONTACT: Final = ("email", "phone", "first_name", "last_name")
_ONCE: Final = ("service_code", "lat", "long", "api_key", "jurisdiction_id", *LONGEST, *_CONTACT)
_LONGEST_ANSWER: Final = 1000
_MOST_ANSWERS: Final = 50
_ATTRIBUTE: Final = re.compile(r"attribute\[([A-Za-z0-9_-]+)\](\[\d*\])?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?", re.ASCII)
UNSEEN: Final = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, which XML cannot say and a database may refuse."""


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, and the status that the standard has for it."""

    status: int
    text: Text


def _bad(english: str, french: str) -> Wrong:
    return Wrong(400, Text(english, french))


_NO_SERVICE: Final = _bad("service_code was not given", "service_code : non donné")
_UNKNOWN_SERVICE: Final = Wrong(404, Text("service_code was not found", "service_code : inconnu"))
_NO_PLACE: Final = _bad(
    "no location was given: lat and long, address_string or address_id",
    "lieu non donné : lat et long, address_string ou address_id",
)
_EXPECTED: Final = {
    "number": Text("is not a number", "nombre attendu"),
    "datetime": Text("is not a date and time of ISO 8601", "date et heure attendues"),
    "string": Text("is not a text of one line", "texte d’une ligne attendu"),
}


@dataclass(frozen=True)
class Judged:
    """A report, or what is wrong with it; `new` is None where anything is."""

    new: New | None
    wrong: tuple[Wrong, ...]


def judged(fields: Fields, catalogue: Catalogue, zone: ZoneInfo, keep_contact: bool) -> Judged:
    """The report that fields make.

    Fields that the standard does not know are left alone; device and account are never looked at, and who reports
    only where it is kept. A text that is empty is none.
    """
    given = {name: _clean(text) for name, text in fields if name in _ONCE and text.strip()}
    wrong = [*_twice(fields), *_texts(given)]
    service = catalogue.services.get(given.get("service_code", ""))
    if service is None:
        missing = "service_code" not in given
        wrong.append(_NO_SERVICE if missing else _UNKNOWN_SERVICE)
    place = _place(given)
    wrong += [place] if isinstance(place, Wrong) else []
    answers, refused = _answers(fields, service, zone) if service is not None else ({}, ())
    wrong += refused
    if wrong or service is None or isinstance(place, Wrong):
        return Judged(None, tuple(wrong))
    contact = Contact(**{name: given.get(name, "")[:200] for name in _CONTACT}) if keep_contact else Contact()
    texts = {name: given.get(name, "") for name in LONGEST}
    new = New(
        service.service_code,
        *place,
        texts["address_string"],
        texts["address_id"],
        texts["description"],
        texts["media_url"],
        answers,
        contact,
    )
    return Judged(new, ())


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _twice(fields: Fields) -> Iterator[Wrong]:
    names = [name for name, text in fields if text.strip()]
    for name in _ONCE:
        if names.count(name) > 1:
            yield _bad(f"{name} was given more than once", f"{name} : donné plusieurs fois")


def _texts(given: Mapping[str, str]) -> Iterator[Wrong]:
    for name, text in given.items():
        if name in LONGEST and len(text) > LONGEST[name]:
            yield _bad(
                f"{name} has more than {LONGEST[name]} characters", f"{name} : plus de {LONGEST[name]} caractères"
            )
        if UNSEEN.search(text):
            yield _bad(f"{name} has control characters", f"{name} : caractères de commande")
    if "media_url" in given and not _is_address(given["media_url"]):
        yield _bad("media_url is no address that begins with https://", "media_url : adresse en https:// attendue")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and not re.search(r"\s", text)


def _place(given: Mapping[str, str]) -> tuple[float | None, float | None] | Wrong:
    """Latitude and longitude, both None where an address was given in their place."""
    if ("lat" in given) != ("long" in given):
        return _bad("lat and long have to be given together", "lat et long : à donner ensemble")
    if "lat" not in given:
        if "address_string" in given or "address_id" in given:
            return None, None
        return _NO_PLACE
    latitude, longitude = (_number(given[name]) for name in ("lat", "long"))
    if latitude is None or abs(latitude) > 90:
        return _bad("lat is not a number of degrees from -90 to 90", "lat : degrés de -90 à 90 attendus")
    if longitude is None or abs(longitude) > 180:
        return _bad("long is not a number of degrees from -180 to 180", "long : degrés de -180 à 180 attendus")
    return latitude, longitude


def _number(text: str) -> float | None:
    found = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    return found if math.isfinite(found) else None


def _answers(
    fields: Fields, service: ServiceType, zone: ZoneInfo
) -> tuple[dict[str, tuple[str, ...]], tuple[Wrong, ...]]:
    """The answers by code, and what is wrong with them."""
    given: dict[str, list[str]] = {}
    for name, text in fields:
        named = _ATTRIBUTE.fullmatch(name)
        if named and text.strip():
            given.setdefault(named[1], []).append(_clean(text))
    asked = {each.code: each for each in service.attributes if each.variable}
    wrong: list[Wrong] = []
    if given.keys() - asked:
        codes = _list(asked)
        wrong.append(_bad(f"attribute: this service has {codes}", f"attribute : ce service a {codes}"))
    answers: dict[str, tuple[str, ...]] = {}
    for code, attribute in asked.items():
        texts = given.get(code, [])
        found = [_answer(text, attribute, zone) for text in texts]
        fault = _fault(texts, found, attribute)
        if fault is not None:
            wrong.append(_bad(f"attribute[{code}] {fault.en}", f"attribute[{code}] : {fault.fr}"))
        elif texts:
            answers[code] = tuple(dict.fromkeys(text for text in found if text is not None))
    return answers, tuple(wrong)


def _fault(texts: list[str], found: list[str | None], attribute: Attribute) -> Text | None:
    """What is wrong with the answers to a question, or None."""
    if not texts:
        return Text("was not given", "réponse manquante") if attribute.required else None
    if len(texts) > (_MOST_ANSWERS if attribute.datatype == "multivaluelist" else 1):
        return Text("was given too often", "trop de réponses")
    if any(len(text) > _LONGEST_ANSWER or UNSEEN.search(text) for text in texts):
        return Text("is too long, or has control characters", "trop long, ou caractères de commande")
    return _expected(attribute) if None in found else None


def _answer(text: str, attribute: Attribute, zone: ZoneInfo) -> str | None:
    """An answer as it is kept, or None where it is not of the type."""
    if attribute.datatype in LISTS:
        return text if text in (value.key for value in attribute.values) else None
    if attribute.datatype == "number":
        return text.replace(",", ".") if _number(text) is not None else None
    if attribute.datatype == "datetime":
        when: datetime | None = w3c.local(text, zone)
        return None if when is None else w3c.written(when, zone)
    return text if attribute.datatype == "text" or "\n" not in text else None


def _expected(attribute: Attribute) -> Text:
    if attribute.datatype in LISTS:
        keys = _list(value.key for value in attribute.values)
        return Text(f"is not one of {keys}", f"réponse attendue parmi {keys}")
    return _EXPECTED[attribute.datatype]


def _list(codes: Iterable[str]) -> str:
    return ", ".join(codes) or "none"
