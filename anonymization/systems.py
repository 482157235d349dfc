"""Systems of inequalities in what is published of a day by zone, for a sample of its parts that is the same for all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Final

import numpy as np

from anonymization.bounds import Bounds, System, crossed, narrowest, nested, pooled
from anonymization.comparisons import BY_AGE, BY_CATEGORY, BY_SPC, DWELLS, Published
from anonymization.images import AGE, DWELL, GROUPS, SPC_GROUPS, STAY, Image
from anonymization.nested import Bools, Ints, Limits, Pairs, Rows

SAMPLED: Final = 200
"""Parts, pairs and pools each that are looked at in a day."""

_CROSSED: Final = (BY_AGE, BY_SPC, BY_CATEGORY)


@dataclass(frozen=True)
class Pool:
    """A part of several zones: its devices, and those of the largest published part inside each zone, 0 for none."""

    name: str
    devices: int
    inside: tuple[int, ...]


@dataclass(frozen=True)
class Proof:
    """What the systems of a day told: how many there were, the narrowest interval, and the names of those that tell."""

    systems: int
    narrowest: int | None
    told: tuple[str, ...]

    def stated(self) -> dict[str, int | bool]:
        """What a manifest may say of it: no number of devices."""
        return {"systems": self.systems, "narrowest_at_least_k": not self.told}


def proof(published: Published, names: Sequence[str], pairs: Pairs, pools: Iterable[Pool], limits: Limits) -> Proof:
    """The bounds in a sample of parts, of pairs of nested parts, and of pools.

    Raises ValueError where no devices explain what is published of one of them, saying which.
    """
    count, widths, told = 0, [], []
    for name, system in _systems(published, names, pairs, pools, limits):
        found = _bounds(name, system, limits.k)
        count += 1
        widths += [] if found.width is None else [found.width]
        told += [name] if found.told else []
    return Proof(count, min(widths, default=None), tuple(told))


def _bounds(name: str, system: System, k: int) -> Bounds:
    try:
        return narrowest(system, k)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _systems(
    published: Published, names: Sequence[str], pairs: Pairs, pools: Iterable[Pool], limits: Limits
) -> Iterator[tuple[str, System]]:
    """Each system with what it is about."""
    grouped = {name: published.in_groups(name) for name in _CROSSED}
    for part in _sample(list(names)):
        for attributes, system in part_systems(grouped, part, limits):
            yield f"{names[part]} by {' and '.join(attributes)}", system
    ends = list(zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True))
    called = [f"{names[inner]} in {names[outer]}" for inner, outer in ends]
    chosen = _sample(called)
    rows_of = _rows(published)
    for at, images in zip(chosen, _images(published, pairs, chosen), strict=True):
        for attribute, system in pair_systems(rows_of, images, *ends[at], limits):
            yield f"{called[at]} by {attribute}", system
    listed = list(pools)
    for at in _sample([pool.name for pool in listed]):
        pool = listed[at]
        yield f"the zones of {pool.name}", pooled(pool.devices, np.array(pool.inside), limits.k, limits.slack)


def _sample(names: list[str]) -> list[int]:
    """The places of the names whose digests come first: nobody chooses which."""
    order = sorted(range(len(names)), key=lambda at: blake2b(names[at].encode(), digest_size=8).digest())
    return order[:SAMPLED]


def part_systems(grouped: Mapping[str, Rows], part: int, limits: Limits) -> Iterator[tuple[tuple[str, ...], System]]:
    """The crosses of two and of three attributes of a part, each with several rows."""
    rows = {name: _groups_and_devices(grouped[name], part) for name in _CROSSED}
    several = [name for name in _CROSSED if rows[name][1].size > 1]
    for number in (2, 3):
        for chosen in combinations(several, number):
            groups = [rows[name][0] for name in chosen]
            margins = [rows[name][1] for name in chosen]
            asked = _extremes(groups, margins)
            if asked.size:
                yield chosen, crossed(margins, _share_a_group(groups), asked, limits.k, limits.slack)


def _groups_and_devices(rows: Rows, part: int) -> tuple[Ints, Ints]:
    """int64[rows] each: the groups that each row of a part can hold, as bits, and its devices."""
    own = rows.part == part
    return rows.classes[own], rows.devices[own]


def _share_a_group(groups: Sequence[Ints]) -> Bools:
    """bool[rows of the first, of the second ...]: whether rows can share a device."""
    common = groups[0]
    for other in groups[1:]:
        common = common[..., None] & other
    shared: Bools = common != 0
    return shared


def _extremes(groups: Sequence[Ints], margins: Sequence[Ints]) -> Ints:
    """int64[n, attributes]: in each group the cross of the smallest rows and that of the largest."""
    found = []
    for group in range(len(GROUPS)):
        rows = [np.flatnonzero(each >> group & 1) for each in groups]
        if all(each.size for each in rows):
            for pick in (np.argmin, np.argmax):
                found.append(tuple(int(each[pick(margin[each])]) for each, margin in zip(rows, margins, strict=True)))
    return np.array(sorted(set(found)), np.int64).reshape(-1, len(groups))


def pair_systems(
    rows_of: Mapping[str, Rows], images: Mapping[str, Image], inner: int, outer: int, limits: Limits
) -> Iterator[tuple[str, System]]:
    """A part inside another, by each attribute that both have."""
    for name, rows in rows_of.items():
        own, around = rows.part == inner, rows.part == outer
        if own.any() and around.any():
            image = images[name].of_sets()[rows.classes[own]]
            allowed = (image[:, None] & rows.classes[around]) != 0
            slack = limits.slack * np.concatenate([rows.figures[own], rows.figures[around]])
            yield name, nested(rows.devices[own], rows.devices[around], allowed, limits.k, slack)


def _rows(published: Published) -> dict[str, Rows]:
    return {
        BY_AGE: published.ages,
        BY_SPC: published.professions,
        BY_CATEGORY: published.stays,
        DWELLS: published.dwells,
    }


def _images(published: Published, pairs: Pairs, chosen: Sequence[int]) -> list[dict[str, Image]]:
    """The images of each attribute in some of the pairs."""
    some = Pairs(pairs.inner[list(chosen)], pairs.outer[list(chosen)])
    stays = [STAY] * len(chosen)
    for image, places in published.stay_images(some):
        for at in np.flatnonzero(places).tolist():
            stays[at] = image
    return [{BY_AGE: AGE, BY_SPC: SPC_GROUPS, BY_CATEGORY: stay, DWELLS: DWELL} for stay in stays]
