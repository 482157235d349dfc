"""Silent cells in a simulated town with outages: how soon they are found, false alarms, and what reports are told.

Beside the rule that is calibrated on each cell's own history stands the bare one: a number of events expected since the
last one. `--write FILE` puts the figures into a page.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.atomic import write_bytes
from pipelines.arrays import Ints
from pipelines.quality.evidence import verdicts
from pipelines.quality.heard import BIN
from pipelines.quality.history import HISTORY_DAYS, PER_HOUR, Expected
from pipelines.quality.silence import LEAST_MISSING, MARGIN, accumulated, expected, silences
from pipelines.quality.states import HOUR, UNKNOWN, States, beside_others, states, whole_hours
from pipelines.simulator.settings import CALENDAR, Settings
from schemas.tables import CELL_FACT, SERVING
from schemas.vocabulary import CELL_STATES, VERDICTS
from tests.bench.report import machine
from tests.bench.sections import with_section
from tests.bench.silent_town import HeardDay, SilentTown, hear

TITLE: Final = "Silent cells"
K: Final = 20
TEST_DAYS: Final = 7
SETTINGS: Final = Settings(6_000, HISTORY_DAYS + TEST_DAYS, date(2026, 6, 1), 1)
LASTS: Final = 2 * PER_HOUR
"""Bins of an outage: two hours."""

TIMES: Final = {"day, 12:00 to 14:00": 7 * PER_HOUR, "night, 01:00 to 03:00": 20 * PER_HOUR}
"""The bins of the privacy day at which outages begin."""

BARE: Final = (7.0, 12.0, 20.0)
REPORTS: Final = 3_000
"""False reports: where people are, at any minute of the test days between 08:00 and 20:00, or 00:00 and 05:00."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """A day of the town, and what the two weeks before lead to expect."""

    town: SilentTown
    heard: HeardDay
    told: Expected

    @cached_property
    def places(self) -> Ints:
        return CALENDAR.places(self.heard.edges[:-1], BIN)

    @cached_property
    def wanted(self) -> npt.NDArray[np.float32]:
        return self.told.events[:, self.places]

    @cached_property
    def devices(self) -> Floats:
        return self.told.devices[:, self.places // PER_HOUR].astype(np.float64)

    def expects_k(self, start: int) -> Ints:
        """The cells that expect k devices through an outage that begins at a bin."""
        return np.flatnonzero((self.devices[:, start : start + LASTS] >= K).all(axis=1))

    def out(self, cells: Ints | Bools, start: int) -> "Judged":
        """The same with an outage of cells from a bin on."""
        events = self.heard.events.copy()
        events[cells, start : start + LASTS] = 0
        return replace(self, heard=replace(self.heard, events=events))

    def states(self) -> States:
        """The state of each cell and hour, before neighbours are looked at."""
        found = silences(self.wanted, self.told.worst, self.heard.events)
        hours = whole_hours(self.heard.edges)
        return states(self.wanted.astype(np.float64), self.devices, self.heard.events, found, hours, K)


def judged(town: SilentTown) -> list[Judged]:
    """The test days: the last ones."""
    before = [town.days[at - HISTORY_DAYS : at] for at in range(HISTORY_DAYS, len(town.days))]
    cells = town.site.size
    return [
        Judged(town, day, expected([each.kept for each in days], cells))
        for day, days in zip(town.days[HISTORY_DAYS:], before, strict=True)
    ]


# Detection


def thresholds(day: Judged) -> dict[str, Floats]:
    """For each rule, what must be missing of each cell."""
    bare = {f"bare Poisson, N = {number:.0f}": np.full(day.told.worst.size, number) for number in BARE}
    return bare | {"calibrated (the project's)": np.maximum(LEAST_MISSING, MARGIN * day.told.worst)}


def alarms(day: Judged, threshold: Floats) -> int:
    """How many silences of a day without an outage are beyond a threshold."""
    beyond = accumulated(day.wanted, day.heard.events == 0) >= threshold[:, None]
    return int((np.diff(np.pad(beyond.astype(np.int8), ((0, 0), (1, 0))), axis=1) == 1).sum())


def delays(day: Judged, threshold: Floats, start: int) -> Floats:
    """float64[outages]: minutes from the beginning of an outage of each cell by itself until it is known, or inf."""
    cells = day.expects_k(start)
    quiet = day.out(cells, start).heard.events == 0
    beyond = accumulated(day.wanted, quiet)[cells, start : start + LASTS] >= threshold[cells][:, None]
    first = beyond.argmax(axis=1) + 1
    return np.where(beyond.any(axis=1), first * (BIN / 60e6), np.inf)


def detection(days: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    """The rows of the table of rules."""
    weeks = sum(int((day.devices >= K).any(axis=1).sum()) for day in days) / 7
    for name in thresholds(days[0]):
        false = sum(alarms(day, thresholds(day)[name]) for day in days)
        found = [np.concatenate([delays(day, thresholds(day)[name], at) for day in days]) for at in TIMES.values()]
        yield name, f"{false / weeks:.3f}", *(text for each in found for text in _delay(each))


def _delay(minutes: Floats) -> tuple[str, str]:
    known = np.isfinite(minutes)
    low, high = (np.percentile(minutes, share, method="higher") for share in (50, 90))
    return f"{known.sum()} of {minutes.size}", " / ".join("—" if np.isinf(at) else f"{at:.0f}" for at in (low, high))


# Reports


def confusion(days: Sequence[Judged], chance: np.random.Generator) -> Iterator[tuple[str, Ints]]:
    """For each kind of report, int64[3]: how many get each of the verdicts."""
    for name, start in TIMES.items():
        cells = [_during(day, [cell], start, chance) for day in days for cell in day.expects_k(start).tolist()]
        yield f"outage of one cell, {name}", _counted(cells)
        sites = [
            _during(day, np.flatnonzero(day.town.site == site), start, chance)
            for day in days
            for site in np.unique(day.town.site[day.expects_k(start)]).tolist()
        ]
        yield f"outage of a whole site, {name}", _counted(sites)
    for name, hours in (("day, 08:00 to 20:00", (3, 15)), ("night, 00:00 to 05:00", (19, 24))):
        yield f"no outage, {name}", _counted([_nowhere(day, hours, REPORTS // len(days), chance) for day in days])


def _during(day: Judged, cells: Ints | list[int], start: int, chance: np.random.Generator) -> pa.Table:
    """The verdict on a report in the first 90 minutes of an outage, from where those cells serve most of all."""
    base = _base(day)
    own = day.out(np.array(cells), start).states()
    found = base.copy()
    found[cells] = own[cells]
    where = day.town.where
    share = np.where(np.isin(where.cell, cells), where.share, 0)
    hexagons, place = np.unique(where.hexagon, return_inverse=True)
    served = np.bincount(place, share)
    chosen = hexagons[served >= 0.9 * served.max()]
    at = day.heard.edges[start] + int(chance.integers(90)) * 60_000_000
    return _verdicts(day, beside_others(found, where), chance.choice(chosen, 1), np.array([at]))


def _nowhere(day: Judged, hours: tuple[int, int], number: int, chance: np.random.Generator) -> pa.Table:
    """The verdicts on reports of a day without an outage, from where people are."""
    footprint = day.town.inputs.footprint
    hexagons = chance.choice(footprint.hexagons, number, p=footprint.prior / footprint.prior.sum())
    at = day.heard.edges[0] + chance.integers(hours[0] * 60, hours[1] * 60 - 60, number) * 60_000_000
    return _verdicts(day, beside_others(_base(day), day.town.where), hexagons, at)


_KNOWN: dict[date, States] = {}


def _base(day: Judged) -> States:
    """The states of a day without an outage."""
    if day.heard.day not in _KNOWN:
        _KNOWN[day.heard.day] = day.states()
    return _KNOWN[day.heard.day]


def _verdicts(day: Judged, found: States, hexagons: npt.NDArray[np.uint64], at: Ints) -> pa.Table:
    import h3.api.numpy_int as h3

    names, where = day.town.inputs.network.identifiers, day.town.where
    near = np.isin(where.hexagon, hexagons)
    cell, hour = np.nonzero(found != UNKNOWN)
    some = np.isin(cell, where.cell[near])
    cell, hour = cell[some], hour[some]
    facts = pa.table(
        {
            "cell_id": names.take(pa.array(cell)),
            "hour_start": pa.array(day.heard.edges[0] + hour * HOUR).view(CELL_FACT.schema.field("hour_start").type),
            "state": pa.array(CELL_STATES).take(pa.array(found[cell, hour] - 1)),
        }
    )
    serving = pa.table(
        {
            "hexagon": where.hexagon[near],
            "cell_id": names.take(pa.array(where.cell[near])),
            "share": where.share[near],
        }
    )
    latitude, longitude = zip(*map(h3.cell_to_latlng, hexagons.tolist()), strict=True)
    reports = pa.table(
        {
            "id": [str(each) for each in range(at.size)],
            "latitude": latitude,
            "longitude": longitude,
            "requested_at": pa.array(at).view(CELL_FACT.schema.field("hour_start").type),
        }
    )
    until = int(day.heard.edges[-1]) + 24 * HOUR
    return verdicts(reports, facts, SERVING.conform(serving), until)


def _counted(tables: list[pa.Table]) -> Ints:
    said = pa.concat_tables(tables)["verdict"].to_pylist()
    return np.array([said.count(verdict) for verdict in VERDICTS], np.int64)


# The page


def told(town: SilentTown) -> str:
    """The figures as Markdown."""
    days = judged(town)
    events = sum(int(day.events.sum()) for day in town.days) // len(town.days)
    several = sum(int((day.devices >= K).any(axis=1).sum()) for day in days) / 7
    head = ("rule", "false alarms", *(f"{name}: {what}" for name in TIMES for what in ("found", "p50 / p90, min")))
    kinds = list(confusion(days, np.random.default_rng(1)))
    return "\n".join(
        (
            f"`make bench-silence`: a simulated town of {SETTINGS.devices:,} devices, {town.site.size} cells and",
            f"{events:,} events a day; {HISTORY_DAYS} days of history before each of {len(days)} test days. False alarms are",
            f"by cell and week, of the {several:,.0f} cells that expect {K} devices in some hour; no test day has an outage.",
            "Then each cell that expects so many falls silent for two hours, each by itself: how many are found before",
            "they are over, and after how long. The devices of a dead cell do not move to its neighbours.",
            "",
            *(f"- {line}" for line in machine()),
            "",
            *_table(head, detection(days)),
            "",
            "What reports are told, in per cent: in the first 90 minutes of an outage of a cell, or of all cells of a site,",
            "from where these serve most of all; and without an outage, from where people are.",
            "",
            *_table(("report", "number", *VERDICTS), (_shares(name, counts) for name, counts in kinds)),
            "",
        )
    )


def _shares(name: str, counts: Ints) -> tuple[str, ...]:
    return name, f"{counts.sum():,}", *(f"{100 * count / counts.sum():.1f}" for count in counts)


def _table(head: Sequence[str], cells: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in cells)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.silence", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    chosen = parser.parse_args()
    text = told(hear(SETTINGS, K, lambda each: print(each, file=sys.stderr, flush=True)))
    sys.stdout.write(text)
    if chosen.write:
        write_bytes(chosen.write, with_section(chosen.write.read_text(encoding="utf-8"), TITLE, text).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
