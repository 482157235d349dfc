"""Differences of published rows: what anybody can subtract, because rows say that some hold others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pipelines.arrays import Bools, Ints, starts_of_runs
from pipelines.attacks.figures.classes import Attribute, Bits
from pipelines.attacks.figures.reach import MOST_UNIONS, OTHERS, Nesting, Part, part_of, unions
from pipelines.attacks.figures.sets import Sets

Residents = Callable[[str], frozenset[str]]
"""The zones of a part as they are printed, to the homes inside it."""


@dataclass
class Differences:
    """What was compared, and what was found: `few` differences of 1 to k-1 devices among all that were `tried`.

    `unlike`: differences of rows that do not hold others though they say so; `cut`: parts that have more unions than
    are tried; `pairs`: the indicators, inner and outer, of which rows of one were found to hold rows of the other.
    """

    few: int = 0
    tried: int = 0
    unlike: int = 0
    cut: int = 0
    pairs: set[tuple[str, str]] = field(default_factory=set)

    def add(self, other: "Differences") -> None:
        """Count what else was found."""
        self.few += other.few
        self.tried += other.tried
        self.unlike += other.unlike
        self.cut += other.cut
        self.pairs |= other.pairs


@dataclass(frozen=True)
class Profile:
    """What all parts that print the same have in common; `rows`: where those of each indicator stand in the part."""

    part: Part
    rows: Mapping[str, slice]


@dataclass(frozen=True)
class Alike:
    """Parts inside others, int64[n] each, that print the same as each other, and so do the `outer` ones."""

    nesting: Nesting
    inner: Profile
    outer: Profile
    insides: Ints
    outsides: Ints

    def indicators(self) -> Iterator[tuple[str, str]]:
        """Pairs, inside and around, to compare.

        What an indicator leaves out of a part may hold any device: only whole ones are known to hold others.
        """
        for one in self.inner.rows:
            yield from ((one, other) for other in self.outer.part.whole if one != other or not self.nesting.same)


@dataclass(frozen=True)
class Compared:
    """The sets of one population and day, with what is known of their classes and zones.

    `zones`: those of each part as printed; `held`: int64[n] twice, the parts inside others and these.
    """

    sets: Sets
    zones: Sequence[str]
    held: tuple[Ints, Ints]
    attributes: Mapping[str, Attribute]
    residents: Residents
    k: int

    def differences(self) -> Differences:
        """Of every union of rows of a part without rows of one inside it, or of the same, whose devices it holds.

        Devices that are left where others are told apart are a difference by themselves.
        """
        told = np.array([each.which == OTHERS for each in self.sets.labels], np.bool_)
        rest = self.sets.sizes[told[self.sets.printed]]
        found = Differences(int((rest < self.k).sum()), rest.size)
        for alike in self.alike():
            for one, other in alike.indicators():
                tried = unions(alike.nesting.reached(one, other))
                found.add(self._left(alike, alike.inner.rows[one], alike.outer.rows[other], tried))
                found.cut += alike.insides.size if len(tried) == MOST_UNIONS else 0
                found.pairs.add((one, other))
        return found

    def alike(self) -> Iterator[Alike]:
        """All parts that are compared, those at once that print the same."""
        alone = np.flatnonzero(self._indicators > 1)
        inner, outer = np.append(alone, self.held[0]), np.append(alone, self.held[1])
        number, profiles = self._profiles
        pairs = np.stack([number[inner], number[outer], np.arange(inner.size) < alone.size])
        kinds, kind = np.unique(pairs, axis=1, return_inverse=True)
        for at, (one, other, same) in enumerate(kinds.T.tolist()):
            some = np.flatnonzero(kind == at)
            nesting = Nesting(profiles[one].part, profiles[other].part, bool(same), self.attributes)
            yield Alike(nesting, profiles[one], profiles[other], inner[some], outer[some])

    def rows(self, parts: Ints, rows: slice) -> Ints:
        """int64[parts, rows]: where some rows of parts stand among the sets."""
        return self._start[parts][:, None] + np.arange(rows.start, rows.stop)

    def _left(self, alike: Alike, own: slice, others: slice, tried: Sequence[tuple[Bits, Bits]]) -> Differences:
        """Unions of rows around without those inside, both as bits."""
        around, taken = _chosen([each for each, _ in tried], others), _chosen([each for _, each in tried], own)
        inside, outside = self.rows(alike.insides, own), self.rows(alike.outsides, others)
        left = self.sets.sizes[outside] @ around.T - self.sets.sizes[inside] @ taken.T
        found = Differences(tried=left.size)
        for pair, union in zip(*np.nonzero((left < self.k) & (left != 0)), strict=True):
            whole = self.sets.union(outside[pair, around[union]])
            held = np.isin(self.sets.union(inside[pair, taken[union]]), whole).all()
            found.add(Differences(few=int(held), unlike=int(not held)))
        return found

    @cached_property
    def _start(self) -> Ints:
        """int64[parts + 1]: where the rows of each part begin."""
        return np.searchsorted(self.sets.part, np.arange(len(self.zones) + 1))

    @cached_property
    def _indicators(self) -> Ints:
        """int64[parts]: how many indicators have rows of the part."""
        fresh = starts_of_runs(self.sets.part, self.sets.indicator)
        return np.bincount(self.sets.part[fresh], minlength=len(self.zones))

    @cached_property
    def _profiles(self) -> tuple[Ints, list[Profile]]:
        """int64[parts]: what each part prints, a place in the list; -1 where it is in no comparison."""
        whole = self._whole
        key = np.stack([self.sets.indicator, self.sets.printed, whole], axis=1)
        number, known = np.full(len(self.zones), -1, np.int64), {}
        profiles: list[Profile] = []
        for part in np.unique(np.concatenate([np.flatnonzero(self._indicators > 1), *self.held])).tolist():
            rows = slice(int(self._start[part]), int(self._start[part + 1]))
            name = (key[rows].tobytes(), self.zones[part])
            if name not in known:
                known[name] = len(profiles)
                profiles.append(self._profile(rows, whole[rows], self.residents(self.zones[part])))
            number[part] = known[name]
        return number, profiles

    def _profile(self, rows: slice, whole: Bools, residents: frozenset[str]) -> Profile:
        indicator, printed = self.sets.indicator[rows], self.sets.printed[rows]
        starts = np.flatnonzero(starts_of_runs(indicator))
        ends = np.append(starts[1:], indicator.size)
        places = {
            self.sets.names[indicator[start]]: slice(start, end)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        }
        labels = {name: [self.sets.labels[at] for at in printed[place].tolist()] for name, place in places.items()}
        complete = [name for name, place in places.items() if whole[place].all()]
        return Profile(part_of(labels, self.attributes, residents, complete), places)

    @cached_property
    def _whole(self) -> Bools:
        """bool[rows]: whether the rows of its part and indicator hold as many devices as those of any other."""
        wide = len(self.sets.names)
        sums = np.bincount(self.sets.part * wide + self.sets.indicator, self.sets.sizes, len(self.zones) * wide)
        table = sums.reshape(-1, wide)
        whole: Bools = table == table.max(axis=1, keepdims=True)
        return whole[self.sets.part, self.sets.indicator]


def _chosen(sets: Sequence[Bits], rows: slice) -> Bools:
    """bool[sets, rows]: which rows are in each set."""
    bits = range(rows.stop - rows.start)
    chosen = [[each >> at & 1 for at in bits] for each in sets]
    return np.array(chosen, np.bool_).reshape(len(sets), len(bits))
