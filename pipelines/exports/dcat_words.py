"""What a catalogue calls the indicators, in both languages, and the words by which they are found."""

from collections.abc import Sequence
from typing import Final

from anonymization.released import Day
from schemas.feeds import Text
from schemas.typography import NO_BREAK_SPACE

TITLES: Final = {
    "presence": Text("People present, by place and slot", "Personnes présentes, par lieu et créneau"),
    "presence_by_age": Text("People present, by age and hour", "Personnes présentes, par âge et heure"),
    "presence_by_spc": Text(
        "People present, by socio-professional class and hour",
        "Personnes présentes, par catégorie socioprofessionnelle et heure",
    ),
    "attendance": Text("Visitors of the day, by place", "Visiteurs de la journée, par lieu"),
    "attendance_by_age": Text("Visitors of the day, by age", "Visiteurs de la journée, par âge"),
    "attendance_by_spc": Text(
        "Visitors of the day, by socio-professional class",
        "Visiteurs de la journée, par catégorie socioprofessionnelle",
    ),
    "attendance_by_category": Text(
        "Visitors of the day: residents, excursionists, tourists",
        "Visiteurs de la journée : résidents, excursionnistes, touristes",
    ),
    "attendance_by_origin": Text("Visitors of the day, by home", "Visiteurs de la journée, par lieu de résidence"),
    "dwell": Text("Visitors of the day, by dwell time", "Visiteurs de la journée, par durée de présence"),
    "dwell_by_arrival": Text(
        "Visitors of the day, by dwell time and hour of arrival",
        "Visiteurs de la journée, par durée de présence et heure d’arrivée",
    ),
    "nights": Text("Overnight stays, by category of visitor", "Nuitées, par catégorie de visiteur"),
    "flows": Text("Flows from place to place, by hour", "Flux d’un lieu à l’autre, par heure"),
    "transit": Text("People in transit, by place and hour", "Personnes en transit, par lieu et heure"),
}
"""By indicator."""

CATALOGUE: Final = Text(
    "Presence and movements estimated from a mobile network",
    "Présence et déplacements estimés par un réseau mobile",
)
ABOUT: Final = Text(
    "Anonymous statistics of people who were present or moved, from the signals of one operator's mobile network.",
    "Statistiques anonymes de présence et de déplacements, d’après les signaux du réseau mobile d’un opérateur.",
)

_COMMON: Final = (
    Text("mobile network", "réseau mobile"),
    Text("anonymous statistics", "statistiques anonymes"),
    Text("estimate", "estimation"),
)
_OF_POPULATION: Final = {
    "presence": (Text("presence", "présence"), Text("population by hour", "population présente")),
    "attendance": (Text("attendance", "fréquentation"), Text("tourism", "tourisme")),
    "flows": (Text("mobility", "mobilité"), Text("origin-destination", "origine-destination")),
    "transit": (Text("mobility", "mobilité"), Text("transit", "transit")),
}
_UNITS: Final = {
    "holders": Text("holders of a phone line", "titulaires de ligne différents"),
    "SIMs": Text("SIM cards", "cartes SIM différentes"),
}
THEMES: Final = {
    "presence": ("SOCI", Text("Population and society", "Population et société")),
    "attendance": ("SOCI", Text("Population and society", "Population et société")),
    "flows": ("TRAN", Text("Transport", "Transports")),
    "transit": ("TRAN", Text("Transport", "Transports")),
}
"""By population: code and name in the list of data themes of the European Union."""


def keywords(population: str) -> tuple[Text, ...]:
    """Those of all indicators of a population."""
    return (*_OF_POPULATION[population], *_COMMON)


def described(question: Text, days: Sequence[Day], test: bool) -> Text:
    """What the figures tell, how they are protected and how sure they are: by the weakest terms of these days."""
    terms = [day.terms for day in days]
    k, percent = min(each.k for each in terms), f"{min(each.confidence for each in terms) * 100:g}"
    unit = _UNITS.get(days[-1].unit, Text.same(days[-1].unit))
    english = (
        f"{question.en} Every figure is of at least {k} different {unit.en}; smaller ones are merged with others, "
        f"and what is not published is not 0. People are an estimate, with an interval of {percent}%. Days are "
        "privacy days. The statement of the release says how the figures were made and protected."
    )
    french = (
        f"{question.fr} Chaque chiffre porte sur au moins {k} {unit.fr} ; les plus petits sont regroupés avec "
        "d’autres, et ce qui n’est pas publié n’est pas 0. Les personnes sont une estimation, avec un intervalle à "
        f"{percent}{NO_BREAK_SPACE}%. Les jours sont des journées de confidentialité. La déclaration de la publication "
        "dit comment les chiffres ont été faits et protégés."
    )
    if not test:
        return Text(english, french)
    return Text(
        f"TEST RELEASE, of simulated people only. {english}",
        f"PUBLICATION D’ESSAI, sur des personnes simulées seulement. {french}",
    )
