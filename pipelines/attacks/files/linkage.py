"""T12: whether a device can be recognised on another privacy day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

import numpy as np

from anonymization.key_service import DayKey
from pipelines.arrays import Bools
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.identities import U64, devices_of, subscribers
from pipelines.attacks.target import Target

_SOURCE: Final = "specification S2: no pseudonym of a day is one of another"


@dataclass(frozen=True)
class Sightings:
    """What the working data of privacy days say: `seen` uint64[n], the pseudonyms of each day, ascending.

    The truth about them: `pseudonym` uint64[days, n] of each subscriber on each day, and `there` bool[days, n], whether
    the subscriber's device was counted.
    """

    seen: tuple[U64, ...]
    pseudonym: U64
    there: Bools

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Every two days."""
        return combinations(range(len(self.seen)), 2)


def _sightings(target: Target) -> Sightings:
    """The pseudonyms that the pipeline worked with; whose they are follows from the keys, which no adversary has."""
    names, source = subscribers(target), target.reproduction
    pseudonym = np.stack([devices_of(names, key, source.inputs) for key in source.keys])
    seen = tuple(day.pseudonym for day in target.days)
    return Sightings(seen, pseudonym, np.stack([np.isin(*each) for each in zip(pseudonym, seen, strict=True)]))


@dataclass(frozen=True)
class _FixedKey:
    """A day key that gives, on its day, what the key of another day gives."""

    day: date
    other: DayKey
    key_id: str = ""
    commitment: str = ""
    created_at: str = ""

    def subkey(self, purpose: str) -> bytes:
        """The subkey of the other day."""
        return self.other.subkey(purpose)


def _fixed_key(target: Target) -> Sightings:
    """The same devices on the same days, under the key of the first day."""
    names, source, honest = subscribers(target), target.reproduction, _sightings(target)
    keys = [_FixedKey(key.day, source.keys[0]) for key in source.keys]
    pseudonym = np.stack([devices_of(names, key, source.inputs) for key in keys])
    seen = tuple(np.unique(some[there]) for some, there in zip(pseudonym, honest.there, strict=True))
    return Sightings(seen, pseudonym, honest.there)


def _linked(sightings: Sightings, target: Target) -> Measured:
    """Pseudonyms that two days share, and the share of the returning devices that they give away."""
    if len(sightings.seen) < 2:
        why = Words("one privacy day: there is no other to link it to", "une seule journée : rien à quoi la relier")
        return Measured({}, skipped=why)
    equal = returning = linked = 0
    for one, other in sightings.pairs():
        equal += np.intersect1d(sightings.seen[one], sightings.seen[other], assume_unique=True).size
        both = sightings.there[one] & sightings.there[other]
        same = both & (sightings.pseudonym[one] == sightings.pseudonym[other])
        # The lines of a holder are one device.
        returning += np.unique(sightings.pseudonym[one][both]).size
        linked += np.unique(sightings.pseudonym[one][same]).size
    return Measured(
        {"equal pseudonyms": equal, "share of returns linked": linked / max(returning, 1)},
        {"privacy days": len(sightings.seen), "pseudonyms": sum(map(len, sightings.seen)), "returns": returning},
    )


LINKAGE: Final = Attack(
    number="T12",
    name=Words("Link across days", "Lien entre journées"),
    criterion="linkability",
    what=Words(
        "the pseudonyms of every two privacy days, of devices that were there on both",
        "les pseudonymes de chaque paire de journées, pour les appareils présents aux deux",
    ),
    knowledge=Words(
        "the working data of all privacy days, without the keys",
        "les données de travail de toutes les journées, sans les clés",
    ),
    control=Words("none: one equal pseudonym is a failure", "aucun : un seul pseudonyme égal est un échec"),
    levels=(Level("equal pseudonyms", 0, _SOURCE),),
    subject=_sightings,
    measure=_linked,
    weaknesses=(Weakness(Words("one key for all days", "une clé pour toutes les journées"), _fixed_key),),
)
