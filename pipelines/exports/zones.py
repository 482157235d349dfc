"""The zones of a release by identifier, as the exports name them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    """A zone; `label` is its name, with the identifier where another zone has the same name.

    `inside` holds its own identifier and those of the zones inside it; `around` those around it, the innermost first.
    """

    zone_id: str
    label: str
    inside: frozenset[str]
    around: tuple[str, ...] = ()


def read_zones(data: bytes) -> list[Zone]:
    """The zones of a verified `zones.geojson`, in the order of their identifiers."""
    stated = {str(each["properties"]["zone_id"]): each["properties"] for each in json.loads(data)["features"]}
    names = [str(zone["name"]) for zone in stated.values()]
    parents = {zone_id: zone["parent"] for zone_id, zone in stated.items()}
    return [
        Zone(
            zone_id,
            name if names.count(name) == 1 else f"{name} ({zone_id})",
            _inside(zone_id, parents),
            _around(zone_id, parents),
        )
        for zone_id, name in sorted((zone_id, str(zone["name"])) for zone_id, zone in stated.items())
    ]


def _inside(zone_id: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    found, size = {zone_id}, 0
    while len(found) > size:
        size = len(found)
        found |= {inner for inner, parent in parents.items() if parent in found}
    return frozenset(found)


def _around(zone_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found: list[str] = []
    parent = parents[zone_id]
    while parent in parents and parent is not None and parent not in found:
        found.append(parent)
        parent = parents[parent]
    return tuple(found)
