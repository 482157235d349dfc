"""Nights in which nobody moves: figures of the same devices, slot after slot, as the product itself prints them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.partition import leaf_parts
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection, protect_presence
from anonymization.rounding import round_to_base
from anonymization.tally import Tally
from pipelines.arrays import Ints, column, instants, starts_of_runs
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import presence_counts
from pipelines.score.sql import ask

HALF: Final = 8
"""Slots on each side of a change: of a quarter of an hour each, two hours."""

RUNS: Final = 2_000
"""Nights are added until there are as many runs: chance moves an AUC by 0.013 then (standard deviation)."""

NIGHTS: Final = 48
"""Still nights at most: small towns have fewer runs."""

PERSON: Final = 1_000
"""A device stands for one person, in thousandths: people have no part in this."""


@dataclass(frozen=True)
class Series:
    """Figures by slot, int64[n] each; those of one `run` are of the same cells, slot after slot."""

    run: Ints
    printed: Ints
    exact: Ints


def series(table: pa.Table, exact: Ints) -> Series:
    """A published table by slot, with the devices that are behind each row."""
    columns = table.select(["cells", "window_start", "window_end", "devices"]).append_column("exact", pa.array(exact))
    found = ask(
        "SELECT dense_rank() OVER (ORDER BY cells) AS part, * FROM figures ORDER BY part, window_start",
        figures=columns,
    )
    broken = starts_of_runs(column(found, "part"))
    broken[1:] |= instants(found, "window_start")[1:] != instants(found, "window_end")[:-1]
    return Series(np.cumsum(broken), *(column(found, name).astype(np.int64) for name in ("devices", "exact")))


def joined(pieces: Sequence[Series]) -> Series:
    """Series after each other."""
    shift = np.cumsum([0, *(1 + piece.run.max(initial=0) for piece in pieces)])
    runs = [piece.run + shift[at] for at, piece in enumerate(pieces)]
    columns = (runs, [piece.printed for piece in pieces], [piece.exact for piece in pieces])
    return Series(*(np.concatenate([np.zeros(0, np.int64), *each]) for each in columns))


def drawn_anew(figures: Series, base: int, random: np.random.Generator) -> Series:
    """The same counts, rounded to a base by a draw of its own for each figure, as the product rounds them."""
    draws = random.integers(0, 2**32, figures.exact.size, np.uint32)
    return replace(figures, printed=round_to_base(figures.exact, draws, base))


def still_nights(target: Target, policy: Policy) -> Series:
    """Nights of twice HALF slots: all stay where they are as it begins, but in half of the parts one device leaves.

    Each night has a rounding key of its own, as each day has.
    """
    random = np.random.default_rng([target.seed, 16])
    found: list[Series] = []
    while len(found) < NIGHTS and sum(np.unique(night.run).size for night in found) < RUNS:
        day = target.days[len(found) % len(target.days)]
        found.append(_night(target, day, policy, random))
    return joined(found)


def _night(target: Target, day: DayDevices, policy: Policy, random: np.random.Generator) -> Series:
    estimate = Estimate(target.inputs.configuration.estimation.confidence)
    printing = Protection(target.inputs.territory, policy, estimate, random.bytes(16))
    edges = day.grid.slots[-2 * HALF - 1 :]
    devices = presence_counts(day, printing.territory.hexagons.size).devices[:, 1 - edges.size]
    _, parts = protect_presence(_tally(devices[:, None]), edges[:2], printing)
    left = devices - _leaving(devices, leaf_parts(printing.territory.tree, parts, 0), random)
    counts = _tally(np.repeat(np.stack([devices, left], axis=1), HALF, axis=1))
    printed, _ = protect_presence(counts, edges, printing)
    exact, _ = protect_presence(counts, edges, replace(printing, policy=replace(policy, rounding=0)))
    return series(printed, column(exact, "devices").astype(np.int64))


def _tally(devices: Ints) -> Tally:
    return Tally(devices, devices * PERSON)


def _leaving(devices: Ints, part: Ints, random: np.random.Generator) -> Ints:
    """int64[hexagons]: one device of every other part, drawn among all of its devices."""
    hexagon = random.permutation(np.repeat(np.arange(devices.size), devices))
    _, first = np.unique(part[hexagon], return_index=True)
    return np.bincount(hexagon[first[random.random(first.size) < 0.5]], minlength=devices.size)
