"""The ends of flows in words: a zone, a few zones together, or all of a kind but some."""

from typing import Final

from dashboards.texts import Language, Text
from dashboards.zones import Zones
from schemas.vocabulary import ALL, SEPARATOR

MOST_NAMED: Final = 3
ANYWHERE: Final = Text("anywhere else", "partout ailleurs")
OTHERS: Final = Text("{count} others", "{count} autres")
ALL_OTHERS: Final = Text("all {count} other zones", "les {count} autres zones")
ALL_ZONES: Final = Text("all {count} zones together", "les {count} zones ensemble")
ALL_BUT: Final = Text("{count} zones: all but {names}", "{count} zones : toutes sauf {names}")


def end_name(end: str, zones: Zones, language: Language, without: str = "") -> str:
    """The name of an end; `without`: the other end, which a list of destinations never holds."""
    if end == ALL:
        return ANYWHERE.say(language)
    members = end.split(SEPARATOR)
    if len(members) <= MOST_NAMED:
        return " + ".join(_name(each, zones) for each in members)
    left = _left_out(members, zones, without)
    if not left:
        return (ALL_OTHERS if without else ALL_ZONES).say(language, count=len(members))
    if len(left) <= MOST_NAMED:
        return ALL_BUT.say(language, count=len(members), names=", ".join(_name(each, zones) for each in left))
    named = [_name(each, zones) for each in members[: MOST_NAMED - 1]]
    return " + ".join([*named, OTHERS.say(language, count=len(members) - len(named))])


def _left_out(members: list[str], zones: Zones, without: str) -> list[str]:
    """The zones of the same kind that flows join and that are not listed."""
    kind = zones[members[0]].kind if members[0] in zones else None
    apart = {*members, *without.split(SEPARATOR)}
    return [
        zone.zone_id
        for zone in zones.values()
        if zone.kind == kind and not zone.sensitive and zone.zone_id not in apart
    ]


def _name(zone_id: str, zones: Zones) -> str:
    return zones[zone_id].name if zone_id in zones else zone_id
