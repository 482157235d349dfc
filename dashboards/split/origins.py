"""The names of places where people live: communes that are zones, départements, countries."""

from typing import Final

from dashboards.split.english_countries import COUNTRIES as ENGLISH
from dashboards.texts import Language, Text
from dashboards.zones import Zones
from schemas.countries import UNKNOWN_COUNTRY
from schemas.french_places import COUNTRIES as FRENCH
from schemas.french_places import DEPARTEMENTS
from schemas.vocabulary import ALL, SEPARATOR, UNKNOWN

MOST_NAMES: Final = 3
"""Places that a merged origin names; what is released of it names all."""
MORE: Final = Text("{names} and {count} more", "{names} et {count} autres")
ELSEWHERE: Final = Text("{name} (elsewhere)", "{name} (ailleurs)")
UNKNOWN_PLACE: Final = Text("domestic, place not known", "en France, lieu non connu")
UNKNOWN_ABROAD: Final = Text("a country that is not known", "un pays non connu")
EVERYWHERE: Final = Text("all together", "tous ensemble")


def origin_name(value: str, zones: Zones, language: Language) -> str:
    """The name of a published origin; one that merges many names the first of them."""
    members = value.split(SEPARATOR)
    # One name is as short as to say that there is one more.
    most = len(members) if len(members) <= MOST_NAMES + 1 else MOST_NAMES
    named = " + ".join(_name(each, zones, language) for each in members[:most])
    return named if most == len(members) else MORE.say(language, names=named, count=len(members) - most)


def _name(place: str, zones: Zones, language: Language) -> str:
    special = {UNKNOWN: UNKNOWN_PLACE, ALL: EVERYWHERE, UNKNOWN_COUNTRY: UNKNOWN_ABROAD}
    if place in special:
        return special[place].say(language)
    if place in zones:
        return zones[place].name
    if place in DEPARTEMENTS:
        # Communes of it that are zones stand apart.
        own = any(zone.startswith(place) and len(zone) == 5 for zone in zones)
        name = DEPARTEMENTS[place].name.replace("'", "’")
        return ELSEWHERE.say(language, name=name) if own else name
    return (FRENCH if language == "fr" else ENGLISH).get(place, place).replace("'", "’")
