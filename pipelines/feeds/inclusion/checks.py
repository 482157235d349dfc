"""What the schema of the standard does not check: SIRET, position, age of a row, and what else misleads residents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from dateutil.relativedelta import relativedelta

from pipelines.feeds.checking import shown
from pipelines.feeds.inclusion import lists
from pipelines.feeds.inclusion.columns import pieces, unreadable
from pipelines.feeds.inclusion.communes import Commune, Communes
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.rows import Finding, Row
from pipelines.feeds.siret import is_siret
from schemas.feeds import Text

UNKNOWN_PIVOT: Final = "0" * 14
"""What the national register writes where a SIRET is not known (mednum-cli, `pivot.field.ts`)."""
NEAR: Final = 200.0
"""How many metres outside of the outline of its commune a place may stand: outlines are drawn in straight pieces."""
_RNA: Final = re.compile(r"W[0-9A-Z]{9}")
_OVERSEAS: Final = re.compile(r"[0-9A-Z]{9,10}")


@dataclass(frozen=True)
class Judge:
    """What rows are compared with: the communes, today, and the age from which on a row is out of date."""

    communes: Communes
    today: date
    months: int

    @property
    def oldest(self) -> date:
        """The first day that is not out of date."""
        oldest: date = self.today - relativedelta(months=self.months)
        return oldest

    def is_stale(self, checked: date) -> bool:
        """Whether a row of a day is out of date: one of exactly so many months is not."""
        return checked < self.oldest

    def findings(self, row: Row, spot: Spot) -> Iterator[Finding]:
        """What is wrong in an accepted row; an error leaves it out."""
        yield from _pivot(row, spot)
        yield from _half_a_position(row, spot)
        yield from self._age(row, spot)
        yield from self._place(row, spot)
        yield from _missing(row, spot)
        for column in unreadable(row):
            expected = Text(
                "an address without port or brackets, which the national map can read; it is left out of the file",
                "une adresse sans port ni parenthèses, que la carte nationale sait lire\u202f; le fichier ne l’a pas",
            )
            yield spot.warning(column, expected, shown(str(row[column])))

    def _age(self, row: Row, spot: Spot) -> Iterator[Finding]:
        checked = row["date_maj"]
        if not isinstance(checked, date):
            return
        if checked > self.today:
            expected = Text("a date that is not in the future", "une date qui n’est pas dans le futur")
            yield spot.warning("date_maj", expected, checked.isoformat())
        elif self.is_stale(checked):
            day = self.oldest.isoformat()
            expected = Text(f"a check on {day} or later", f"une vérification le {day} ou après")
            yield spot.warning("date_maj", expected, checked.isoformat())

    def _place(self, row: Row, spot: Spot) -> Iterator[Finding]:
        commune = self._commune(row)
        latitude, longitude = row["latitude"], row["longitude"]
        if not self.communes.by_code or not isinstance(latitude, float) or not isinstance(longitude, float):
            return
        if commune is None:
            return
        far = commune.metres_to(latitude, longitude)
        if far > NEAR:
            expected = Text(
                f"a point in the commune or at most {NEAR:g} m outside of it",
                f"un point dans la commune ou à {NEAR:g} m d’elle au plus",
            )
            yield spot.warning("latitude", expected, f"a point {far / 1000:.1f} km outside of {commune.name}")

    def _commune(self, row: Row) -> Commune | None:
        return self.communes.by_code.get(str(row["code_insee"])) or self.communes.named(str(row["commune"]))


def _missing(row: Row, spot: Spot) -> Iterator[Finding]:
    """What the standard does not ask for, and residents need."""
    if not row["horaires"] and lists.ITINERANT not in pieces(row, "itinerance"):
        expected = Text(
            "opening hours; without them nobody knows when it is open",
            "des horaires\u202f; sans eux, personne ne sait quand il est ouvert",
        )
        yield spot.warning("horaires", expected)
    if not row["services"]:
        expected = Text(
            "the services; the national map takes a place without any for one that receives nobody",
            "les services\u202f; sans eux, la carte nationale croit que le lieu n’accueille personne",
        )
        yield spot.warning("services", expected)


def _pivot(row: Row, spot: Spot) -> Iterator[Finding]:
    pivot = str(row["pivot"])
    if pivot == UNKNOWN_PIVOT:
        expected = Text(
            "the SIRET or the RNA number; 14 zeros stand for an unknown one",
            "le SIRET ou le numéro RNA\u202f; 14 zéros remplacent un numéro inconnu",
        )
        yield spot.warning("pivot", expected)
    elif not (is_siret(pivot) or _RNA.fullmatch(pivot) or _is_ridet(row, pivot)):
        expected = Text(
            "a SIRET of 14 digits with a right check digit, or an RNA number such as W212000000",
            "un SIRET de 14 chiffres dont la clé est juste, ou un numéro RNA, par exemple W212000000",
        )
        yield spot.error("pivot", expected, shown(pivot))


def _is_ridet(row: Row, pivot: str) -> bool:
    """Whether it is a number of New Caledonia or Polynesia, of a place there; elsewhere nine digits are a SIREN."""
    return str(row["code_postal"]).startswith("98") and _OVERSEAS.fullmatch(pivot) is not None


def _half_a_position(row: Row, spot: Spot) -> Iterator[Finding]:
    if (row["latitude"] is None) != (row["longitude"] is None):
        missing = "latitude" if row["latitude"] is None else "longitude"
        expected = Text("a latitude and a longitude, or neither", "une latitude et une longitude, ou aucune des deux")
        yield spot.error(missing, expected)
