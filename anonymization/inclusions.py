"""The register of inclusions: which published indicators count devices that are among those of another, and which not.

Where one set of devices contains another, their difference is a number that anybody can work out. Each pair of declared
indicators, and each with itself, stands in exactly one of two lists: `INCLUSIONS`, with the rule that keeps the
differences at nobody or at least k, or `NOT_NESTED`, with the reason why there is no containment to subtract over.
A new indicator has to be declared here before it can be released.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final, Literal, TypeAlias

By: TypeAlias = Literal["zone", "class", "tail", "split", "end"]
"""Why a set holds another: a zone in a zone, a class in a class, a longer or earlier one, what is split, or where a
movement begins or ends.
"""


@dataclass(frozen=True)
class Inclusion:
    """Devices of rows of `inner` are among those of rows of `outer`, in windows of `windows`.

    `rule`: the function that protects the difference; `proof`: why that suffices.
    """

    inner: str
    outer: str
    windows: str
    by: By
    rule: str
    proof: str


@dataclass(frozen=True)
class NotNested:
    """No set of devices of one of the `first` can be shown to hold one of the `second`, for a stated reason."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    reason: str

    def pairs(self) -> list[frozenset[str]]:
        """The pairs that are declared; an indicator with itself is a set of one."""
        return [frozenset({one, other}) for one in self.first for other in self.second]


_KNOWN = ("attendance_by_age", "attendance_by_spc")
_PLACES = ("attendance_by_category", "attendance_by_origin", "nights")
_STAYS = ("dwell", "dwell_by_arrival")
_DAY = ("attendance", *_KNOWN, *_PLACES, *_STAYS)
_SPLIT_PRESENCE = ("presence_by_age", "presence_by_spc")
_PRESENCE = ("presence", *_SPLIT_PRESENCE)
_MOVES = ("flows", "transit")

_COLLAPSE = "anonymization.collapse.without_isolating"
_UNIONS = (
    "every union of rows of the inner zone is compared with the rows of the outer one that can hold its devices; "
    "other unions leave at least k more"
)
_SPLIT = "anonymization.classes.split_by_class"
_SUMS = "the rows are a partition into at least k, so that every difference is a union of rows"


def _splits(inner: str, outer: str, windows: str = "day") -> Inclusion:
    return Inclusion(inner, outer, windows, "split", _SPLIT, _SUMS)


def _over_zones(indicator: str, by: By = "zone") -> Inclusion:
    return Inclusion(indicator, indicator, "day", by, _COLLAPSE, _UNIONS)


def _over_groups(inner: str, outer: str) -> Inclusion:
    proof = "residents, other domestic and foreign devices are cut alike; over nested zones their unions are compared"
    return Inclusion(inner, outer, "day", "class", _COLLAPSE, proof)


def _at_ends(outer: str, proof: str) -> Inclusion:
    rule = "anonymization.flow_ends.without_isolating_ends"
    return Inclusion("flows", outer, "an hour, and its day", "end", rule, proof)


_NIGHTS = Inclusion(
    "nights",
    "attendance_by_category",
    "day",
    "split",
    "anonymization.day_rows.nights_of",
    "a row stands only where those who did not spend the night are nobody or at least k",
)

INCLUSIONS: Final = (
    Inclusion(
        "attendance",
        "attendance",
        "day",
        "zone",
        "anonymization.zone_days.zone_parts",
        "a zone inside a published one is left out where 1 to k-1 of its devices did not visit it",
    ),
    *(_splits(name, "attendance") for name in (*_KNOWN, "attendance_by_category", "attendance_by_origin", "dwell")),
    *(_over_zones(name) for name in (*_KNOWN, *_PLACES)),
    *(_over_zones(name, "tail") for name in _STAYS),
    _over_groups(*_KNOWN),
    *(_over_groups(place, known) for place in _PLACES for known in _KNOWN),
    _over_groups("attendance_by_origin", "attendance_by_category"),
    _over_groups("nights", "attendance_by_origin"),
    _NIGHTS,
    Inclusion("nights", "attendance", "day", "split", _NIGHTS.rule, _NIGHTS.proof),
    _splits("dwell_by_arrival", "dwell"),
    _splits("dwell_by_arrival", "attendance"),
    *(_splits(name, "presence", "the slot that holds the half hour, and its hour") for name in _SPLIT_PRESENCE),
    Inclusion(
        "presence_by_age",
        "presence_by_spc",
        "hour",
        "class",
        _SPLIT,
        "both tell foreign devices of a part apart, or neither does, by one test on their number",
    ),
    Inclusion(
        "flows",
        "flows",
        "hour",
        "zone",
        "anonymization.nested_flows.without_isolating_flows",
        "a trip between zones is one between the different zones around them: what leaves few of it is not printed",
    ),
    _at_ends(
        "attendance",
        "a trip joins visits: what leaves 1 to k-1 of the visitors of a part that all of it visited is not printed",
    ),
    _at_ends(
        "dwell_by_arrival",
        "who leaves in an hour came by then, and arrives within the longest gap: so do those of the rows that can hold "
        "them; other rows are at least k each",
    ),
)

NOT_NESTED: Final = (
    NotNested(
        ("presence",),
        ("presence",),
        "the parts of a slot are disjoint, and in another slot a device may be elsewhere",
    ),
    *(
        NotNested((name,), (name,), "the classes of a part and the parts of an hour are disjoint; hours are apart")
        for name in _SPLIT_PRESENCE
    ),
    NotNested(
        _PRESENCE,
        _DAY,
        "a device is present in a slot without a visit of 15 minutes, and visits where it is never for most of a slot",
    ),
    NotNested(_KNOWN, _STAYS, "a cross of two attributes: each class may have any of the others; see checks/widths.py"),
    NotNested(
        _PLACES,
        _STAYS,
        "a cross of two attributes; a night is estimated beyond the last event, which a dwell is not",
    ),
    NotNested(
        ("flows",),
        _PRESENCE,
        "a device moves within a slot, and presence draws where it is by cell, not by its places of the day",
    ),
    NotNested(
        ("flows",),
        (*_KNOWN, *_PLACES, "dwell"),
        "a device of a flow may be of any class of its ends; all classes together are the plain figure",
    ),
    NotNested(
        ("transit",),
        (*_PRESENCE, *_DAY),
        "a device in transit has not visited, and may be there for less than half a slot",
    ),
    NotNested(
        ("transit",),
        ("transit",),
        "who crosses a zone may visit the one around it, and is then not in transit there: decision 0014",
    ),
    NotNested(("flows",), ("transit",), "a trip begins and ends with an activity, a crossing is without a visit"),
)


def declared() -> list[frozenset[str]]:
    """The pairs that stand in either list, as often as they do; several inclusions of one pair are one."""
    included = dict.fromkeys(frozenset({each.inner, each.outer}) for each in INCLUSIONS)
    return [*included, *(pair for each in NOT_NESTED for pair in each.pairs())]


def undeclared(indicators: list[str]) -> list[frozenset[str]]:
    """The pairs of indicators, each with itself too, that stand in none of the lists or in both."""
    found = declared()
    pairs = [frozenset(pair) for pair in combinations_with_replacement(indicators, 2)]
    return [pair for pair in pairs if found.count(pair) != 1]
