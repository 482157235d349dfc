"""Widths: between which numbers unpublished counts must lie, where only inequalities bind, by linear programmes.

In a sample of parts that a digest of their names chooses: crosses of two and three attributes, what each class of a
zone leaves of that of the zone around it, and the zones of a pool.
"""

from collections.abc import Iterator, Sequence

from anonymization.checks.day import Day, devices
from anonymization.checks.inclusions import printed
from anonymization.checks.nests import nested_parts
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.zone_map import ZoneMap
from anonymization.nested import Ints, Limits, Pairs
from anonymization.systems import Pool, proof
from anonymization.verdict import INFERENCE
from schemas.vocabulary import SEPARATOR


def examine(day: Day) -> Finding:
    """The sample of a day; the figure is the narrowest interval of a number that can be below k."""
    if day.zones is None:
        return Finding(())
    pairs, names = nested_parts(day)
    pools = pools_of(names, devices(day.rows_of("attendance")), pairs, day.zones)
    label = day.label("attendance")
    try:
        found = proof(printed(day), names, pairs, pools, Limits(day.terms.k, day.terms.slack))
    except ValueError as error:
        return Finding((f"{label}: {error}",))
    problems = [f"{label}: {name} tells a number of devices below {day.terms.k}" for name in found.told]
    return Finding(tuple(problems), found.narrowest)


def pools_of(names: Sequence[str], counts: Ints, pairs: Pairs, zones: ZoneMap) -> Iterator[Pool]:
    """The parts that pool zones, each with the largest published part inside each of its zones."""
    inside: dict[int, list[int]] = {}
    for inner, outer in zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True):
        inside.setdefault(outer, []).append(inner)
    for place, name in enumerate(names):
        listed = name.split(SEPARATOR)
        if len(listed) > 1:
            largest = dict.fromkeys(listed, 0)
            for inner in inside.get(place, ()):
                around = _zone_around(names[inner], listed, zones)
                largest[around] = max(largest.get(around, 0), int(counts[inner]))
            yield Pool(name, int(counts[place]), tuple(largest[zone] for zone in listed))


def _zone_around(inner: str, listed: Sequence[str], zones: ZoneMap) -> str:
    """The zone of those listed that holds the whole of an inner part, or nothing where it lies in several."""
    found = {zone.zone_id for token in inner.split(SEPARATOR) for zone in zones.around(token) if zone.zone_id in listed}
    return found.pop() if len(found) == 1 else ""


RULE = Rule(
    name="widths",
    criterion=INFERENCE,
    threshold="no number that published ones pin down below {terms.k}, in a sample chosen by a digest of zone_id",
    found="narrowest interval {:.0f}",
    combine=min,
    examine=examine,
    dp=False,
)
