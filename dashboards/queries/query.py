"""A named question, what it may be asked with, and what its answer's columns mean; each is declared once."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from dashboards.texts import Text

Value = str | int | float | bool
"""What a parameter can be."""

Kind = Literal["day", "zone", "zone kind", "instant", "hour", "hexagon", "degrees"]
"""What a parameter is: a privacy day (YYYY-MM-DD), a zone's identifier, a kind of zone, an instant (ISO 8601 with its
offset), an hour of the local clock (0 to 24), an H3 index in hexadecimal, degrees of latitude or longitude."""

_NAMED: Final = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Parameter:
    """What a question is asked with; without a `default` it must be given."""

    name: str
    kind: Kind
    means: Text
    default: Value | None = None


@dataclass(frozen=True)
class Query:
    """A named question, and what it answers; `$name` in its SQL is a parameter of PARAMETERS."""

    name: str
    sql: str
    answers: Text

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What its SQL names, in the order of PARAMETERS."""
        named = set(_NAMED.findall(self.sql))
        return tuple(parameter for name, parameter in PARAMETERS.items() if name in named)

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """The values of the parameters that need not be given."""
        return {each.name: each.default for each in self.parameters if each.default is not None}


_PARAMETERS: Final = (
    Parameter("zone", "zone", Text("the zone", "la zone")),
    Parameter("day", "day", Text("the day", "le jour")),
    Parameter("first_day", "day", Text("the first of several days", "le premier de plusieurs jours")),
    Parameter("last_day", "day", Text("the last of them, included", "le dernier, compris")),
    Parameter("at", "instant", Text("the instant at which a slot begins", "l’instant où commence un créneau")),
    Parameter(
        "from_hour",
        "hour",
        Text("the first hour of departure, on the local clock", "la première heure de départ, à l’heure locale"),
        0,
    ),
    Parameter(
        "to_hour",
        "hour",
        Text(
            "the hour at which departures end, excluded; before the first one, it is that of the next day",
            "l’heure où les départs s’arrêtent, exclue ; avant la première, c’est celle du lendemain",
        ),
        24,
    ),
    Parameter("kind", "zone kind", Text("the kind of zones; empty for all", "le type de zones ; vide pour tous"), ""),
    Parameter("hexagon", "hexagon", Text("the hexagon", "l’hexagone")),
    Parameter("west", "degrees", Text("western edge of the map", "bord ouest de la carte")),
    Parameter("south", "degrees", Text("southern edge of the map", "bord sud de la carte")),
    Parameter("east", "degrees", Text("eastern edge of the map", "bord est de la carte")),
    Parameter("north", "degrees", Text("northern edge of the map", "bord nord de la carte")),
)

PARAMETERS: Final = {parameter.name: parameter for parameter in _PARAMETERS}
"""Everything that a question can be asked with; a name means the same in all of them."""
