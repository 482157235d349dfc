"""The parts of OSM's opening hours that are refused by name, each with what two programs make of it."""

import re
from dataclasses import dataclass
from typing import Final

from pipelines.feeds.hours.refusals import Refusal, refusal


@dataclass(frozen=True)
class Feature:
    """A part that is refused wherever it stands, with an example."""

    pattern: re.Pattern[str]
    example: str
    refusal: Refusal


def _feature(pattern: str, example: str, en: str, instead_en: str, fr: str, instead_fr: str) -> Feature:
    return Feature(re.compile(pattern), example, refusal(en, instead_en, fr, instead_fr))


FEATURES: Final = (
    _feature(
        r'"',
        'Mo-Fr 09:00-12:00 "by appointment"',
        "hours without a comment, which makes one program say open and another one unknown",
        "put it into the description of the place",
        "des horaires sans commentaire, qui fait dire « ouvert » à un logiciel et « inconnu » à un autre",
        "mettez-le dans la description du lieu",
    ),
    _feature(
        r"\bSH\b",
        "Mo-Fr 09:00-17:00; SH 09:00-12:00",
        "hours without SH (school holidays), which two programs read differently",
        "write the hours of school holidays into the table of exceptions, which become dated rules",
        "des horaires sans SH (vacances scolaires), que deux logiciels lisent différemment",
        "écrivez les horaires des vacances dans la table des exceptions, qui deviennent des règles datées",
    ),
    _feature(
        r"\|\|",
        "Mo-Fr 09:00-12:00 || Sa 10:00-12:00",
        "rules that are separated by “;”, not a fallback (||), which two programs read differently",
        "write Mo-Fr 09:00-12:00; Sa 10:00-12:00",
        "des règles séparées par « ; », pas un repli (||), que deux logiciels lisent différemment",
        "écrivez Mo-Fr 09:00-12:00; Sa 10:00-12:00",
    ),
    _feature(
        r"(?i)\b(?:sunrise|sunset|dawn|dusk)\b",
        "Mo-Su sunrise-sunset",
        "times, not those of the sun, which each program computes in its way",
        "write for example Apr-Sep 08:00-20:00",
        "des heures, pas celles du soleil, que chaque logiciel calcule à sa façon",
        "écrivez par exemple Apr-Sep 08:00-20:00",
    ),
    _feature(
        r"\+",
        "Mo-Fr 09:00+",
        "hours without “+” (an open end, or days after a date), which two programs read differently",
        "write the closing time, for example 09:00-12:00, or the date",
        "des horaires sans « + » (fin ouverte, ou jours après une date), que deux logiciels lisent différemment",
        "écrivez l’heure de fermeture, par exemple 09:00-12:00, ou la date",
    ),
    _feature(
        r"(?i)\bunknown\b",
        "Mo-Fr 09:00-12:00 unknown",
        "hours that are open or off",
        "leave the rule out",
        "des horaires ouverts ou « off »",
        "retirez la règle",
    ),
    _feature(
        r"\[",
        "Mo[1] 09:00-12:00",
        "hours without the n-th weekday of a month",
        "write the dates, for example 2027 Jan 04,2027 Feb 01 09:00-12:00",
        "des horaires sans le n-ième jour du mois",
        "écrivez les dates, par exemple 2027 Jan 04,2027 Feb 01 09:00-12:00",
    ),
    _feature(
        r"(?i)\beaster\b",
        "Mo-Su 09:00-12:00; easter off",
        "hours without easter",
        "write the date, or PH for public holidays",
        "des horaires sans easter",
        "écrivez la date, ou PH pour les jours fériés",
    ),
    _feature(
        r"\bPH -?\d+ day",
        "PH -1 day 09:00-12:00",
        "PH without days before it",
        "write the date, for example 2026 Dec 24 09:00-12:00",
        "PH sans jours qui le précèdent",
        "écrivez la date, par exemple 2026 Dec 24 09:00-12:00",
    ),
    _feature(
        r"\bPH (?:Mo|Tu|We|Th|Fr|Sa|Su)|\b(?:Mo|Tu|We|Th|Fr|Sa|Su) PH\b",
        "Mo-Fr 09:00-17:00; PH Mo-Fr off",
        "PH alone or in a list, not PH with a weekday, which two programs read differently",
        "write for example PH off or Su,PH off",
        "PH seul ou dans une liste, pas PH avec un jour, que deux logiciels lisent différemment",
        "écrivez par exemple PH off ou Su,PH off",
    ),
    _feature(
        r"\d{4} [A-Z][a-z]{2} \d{1,2}-[A-Z][a-z]{2}",
        "2027 Jul 10-Aug 31 off",
        "the year at both ends of a range, without which one program refuses it",
        "write for example 2027 Jul 10-2027 Aug 31",
        "l’année aux deux bouts d’une période, sans quoi un logiciel la refuse",
        "écrivez par exemple 2027 Jul 10-2027 Aug 31",
    ),
    _feature(
        r"(?<=:\d\d), ?(?=[A-Zw])",
        "Mo-Fr 09:00-12:00, We 14:00-17:00",
        "“;” between rules",
        "write each day whole, for example Mo-Fr 09:00-12:00; We 09:00-12:00,14:00-17:00",
        "« ; » entre les règles",
        "écrivez chaque jour en entier, par exemple Mo-Fr 09:00-12:00; We 09:00-12:00,14:00-17:00",
    ),
    _feature(
        "[‐‑‒–—−]",
        "Mo–Fr 09:00–12:00",
        "a plain hyphen",
        "write “-”, as on the keyboard",
        "un trait d’union simple",
        "écrivez « - », comme au clavier",
    ),
    _feature(
        r"(?<!\d)\d{1,2} ?[hH.]",
        "Mo-Fr 9h00-12h00",
        "times with a colon",
        "write for example 09:00-12:00",
        "des heures avec deux-points",
        "écrivez par exemple 09:00-12:00",
    ),
    _feature(
        r"\b(?:Lu|Ma|Me|Je|Ve|Di)(?![a-z])",
        "Lu-Ve 09:00-12:00",
        "the English names of days",
        "write Mo, Tu, We, Th, Fr, Sa, Su for Monday to Sunday",
        "les noms anglais des jours",
        "écrivez Mo, Tu, We, Th, Fr, Sa, Su pour lundi à dimanche",
    ),
)
"""In the order in which they are looked for."""
