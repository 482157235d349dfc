"""What stands beside every export: of which release it is, and how its figures are to be read."""

from collections.abc import Iterable, Sequence
from typing import Final

from anonymization.released import Release

README: Final = "README.txt"

TEST_EN: Final = "TEST RELEASE: its keys may be known, it protects nobody and must hold simulated people only."
TEST_FR: Final = (
    "PUBLICATION D'ESSAI : ses clés peuvent être connues, elle ne protège personne et ne doit porter que sur des "
    "personnes simulées."
)
STILL_OPEN: Final = ("of which not over, with presence so far", "dont non terminées, avec la présence jusqu'ici")
INTERVAL_EN: Final = (
    "people_low and people_high cover chance and rounding; they do not cover a wrong market share, nor a bias of the "
    "positions, nor people without a phone."
)
INTERVAL_FR: Final = (
    "people_low et people_high couvrent le hasard et l'arrondi ; ils ne couvrent ni une part de marché fausse, ni un "
    "biais des positions, ni les personnes sans téléphone."
)


def facts(release: Release) -> list[tuple[str, str, str]]:
    """What a reader must know of a release: a label in English, one in French, and the value."""
    days = release.days
    still_open = [day.date.isoformat() for day in days if not day.over]
    return [
        ("release", "publication", release.release_id),
        ("last entry of its manifest (SHA-256)", "dernière entrée du manifeste (SHA-256)", release.head),
        ("test release", "publication d'essai", "TEST" if release.test else "no / non"),
        ("privacy days", "journées", ", ".join(day.date.isoformat() for day in days)),
        *([(*STILL_OPEN, ", ".join(still_open))] if still_open else []),
        ("time zone", "fuseau horaire", _distinct(day.timezone for day in days)),
        ("k", "k", _distinct(str(day.terms.k) for day in days)),
        ("unit of k", "unité de k", _distinct(day.unit for day in days)),
        ("devices are rounded to multiples of", "appareils arrondis aux multiples de", _rounding(release)),
        (
            "confidence of the interval",
            "confiance de l'intervalle",
            _distinct(f"{day.terms.confidence:.2%}" for day in days),
        ),
    ]


def readme(release: Release, format: str, notes: Sequence[str]) -> str:
    """The text; the same release gives the same bytes."""
    test = [TEST_EN, TEST_FR, ""] if release.test else []
    told = [f"{english} / {french}: {value}" for english, french, value in facts(release)]
    more = ["", *notes] if notes else []
    heading = [
        f"Export of a Hexaflux release, format {format} / Export d'une publication Hexaflux, format {format}",
        "",
    ]
    end = ["", INTERVAL_EN, INTERVAL_FR, "", "statement.en.md, statement.fr.md: what was done to the figures."]
    return "\n".join([*test, *heading, *told, *more, *end, ""])


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def _confidence(release: Release) -> str:
    return _distinct(f"{day.terms.confidence:.2%}" for day in release.days)


def _rounding(release: Release) -> str:
    return _distinct(str(day.terms.rounding) if day.terms.rounding else "not / non" for day in release.days)
