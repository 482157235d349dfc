"""The real driver on a generated lot, and its exact counts before anything is protected, in the words of the oracle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from rich.console import Console

from anonymization.keys import PSEUDONYM, DayKey, KeyStore
from anonymization.prf import hash_strings
from pipelines import embedded
from pipelines.closing import Closing, Visited
from pipelines.configuration import load
from pipelines.fold import is_foreign
from pipelines.inputs import Inputs, inputs_of
from pipelines.presence import Lattice
from pipelines.progress import Progress
from pipelines.shard_files import read_batch
from pipelines.state import Accounting
from pipelines.visits import part_counts, visitors
from schemas.configuration import Configuration, Engine
from schemas.tables import VISIT
from schemas.vocabulary import AGE_BANDS, DWELL_BANDS, FOREIGN, SPC
from tests.oracle.edges import Day, microseconds, privacy_day
from tests.oracle.generate import Generated
from tests.oracle.oracle import Oracle
from tests.tables import assert_same_rows

CLASSES = {"age_band": (*AGE_BANDS, FOREIGN), "spc": (*SPC, FOREIGN), "dwell_band": DWELL_BANDS}
SHORTEST_VISIT = 15 * 60_000_000

Answers = dict[str, pa.Table]
"""Exact counts by indicator, with `visits` (device uint64, zone_id, dwell_us, age_band, spc) beside them."""


@dataclass(frozen=True)
class Captured:
    """What the driver hands over for publication of one day: PRESENCE_COUNT and VISIT rows of all shards."""

    measures: pa.Table
    visits: pa.Table


@dataclass(frozen=True)
class Chain:
    """A finished run of the driver."""

    configuration: Configuration
    accounting: Accounting
    captured: Mapping[str, Captured]

    @cached_property
    def inputs(self) -> Inputs:
        return inputs_of(self.configuration)

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(day) for day in sorted(self.captured)]

    def day(self, day: date) -> Day:
        """The edges of a privacy day by the oracle's own calendar."""
        time = self.configuration.time
        return privacy_day(day, time.slot, self.configuration.area.timezone, time.privacy_day_starts)

    def answers(self, day: date) -> Answers:
        """What was counted on a day."""
        captured = self.captured[day.isoformat()]
        zones = [zone.zone_id for zone in self.inputs.territory.zones]
        domestic = self.configuration.area.domestic_mcc
        counts = part_counts(captured.visits, np.arange(len(zones)), len(zones), domestic)
        answers = _presence(captured.measures, self.inputs.footprint.hexagons.size, self.day(day).slots.num_rows)
        answers["attendance"] = _by_zone(visitors(captured.visits, len(zones))[:, None], zones, ())
        for name, attribute in (
            ("attendance_by_age", "age_band"),
            ("attendance_by_spc", "spc"),
            ("dwell", "dwell_band"),
        ):
            answers[name] = _by_zone(counts[attribute], zones, CLASSES[attribute], attribute)
        answers["visits"] = _named_visits(captured.visits, zones, domestic)
        return answers

    def files(self) -> dict[str, bytes]:
        """The released Parquet files, by path below the release."""
        release = self.configuration.release.directory
        return {path.relative_to(release).as_posix(): path.read_bytes() for path in sorted(release.rglob("*.parquet"))}


def run_chain(
    lot: Generated, name: str = "release", engine: Engine | None = None, given: Configuration | None = None
) -> Chain:
    """Run the driver on a lot into a release of its own, under its own configuration or the one that is given."""
    configuration = given or load(lot.config)
    release = replace(configuration.release, directory=lot.directory / name)
    configuration = replace(configuration, release=release, engine=engine or Engine())
    captured: dict[str, Captured] = {}
    stage = Closing.stage

    def wrapped(self: Closing, day: str, measures: pa.Table, visited: Visited) -> dict[str, tuple[str, int]]:
        tables = [read_batch(self.working.resolve(f.file), at) for f in visited.files for at in range(len(f.shards))]
        captured[day] = Captured(measures, pa.concat_tables([VISIT.empty(), *tables]))
        return stage(self, day, measures, visited)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Closing, "stage", wrapped)
        outcome = embedded.run(configuration, Progress(Console(stderr=True), quiet=True))
    return Chain(configuration, outcome.state.accounting, captured)


class Asked:
    """The oracle over a lot, asked for the places that the chain drew and for the zones as they were generated."""

    def __init__(self, lot: Generated, chain: Chain) -> None:
        self.lot, self.chain = lot, chain
        self.oracle = Oracle(lot.events, lot.cells, lot.subscribers)

    def accounting(self) -> dict[tuple[str, str], int]:
        """Rows by outcome and reason."""
        columns = (column.to_pylist() for column in self.oracle.accounting().columns)
        return {(outcome, reason): count for outcome, reason, count in zip(*columns, strict=True)}

    def answers(self, day: date) -> Answers:
        """What is to be counted on a day."""
        edges, inputs, key = self.chain.day(day), self.chain.inputs, self._key(day)
        pairs = self.oracle.to_draw(edges)
        device = hash_strings(key.subkey(PSEUDONYM), pairs["device"])
        cell = inputs.network.lookup(pairs["cell_id"], np.full(len(device), microseconds(edges.starts)))
        drawn = pairs.append_column("hexagon", pa.array(inputs.locate(key)(device, cell)))
        domestic = self.chain.configuration.area.domestic_mcc
        counts = self.oracle.count(edges, drawn, _zones(self.lot.zone_chain, inputs.footprint.hexagons), domestic)
        visits = self.oracle.visits()
        visits = visits.filter(pc.greater_equal(visits["dwell_us"], SHORTEST_VISIT))
        pseudonym = pa.array(hash_strings(key.subkey(PSEUDONYM), visits["device"]))
        return counts | {"visits": visits.set_column(0, "device", pseudonym)}

    def _key(self, day: date) -> DayKey:
        test = self.chain.configuration.test
        assert test is not None
        return KeyStore(self.lot.directory / "keys of the oracle", test.day_key).create_or_open(day)


def assert_agrees(chain: Chain, asked: Asked) -> None:
    """Every table of every day, and the accounting, are those of the oracle."""
    assert accounted(chain.accounting) == asked.accounting()
    assert chain.days
    for day in chain.days:
        counted = chain.answers(day)
        for name, expected in asked.answers(day).items():
            assert expected.num_rows, f"the oracle has nothing to say of {name}"
            assert_same(counted[name], expected)


def assert_same(actual: pa.Table, expected: pa.Table) -> None:
    """As `assert_same_rows`, which takes seconds for a hundred thousand rows; here only where they differ."""
    order = [(name, "ascending") for name in expected.column_names]
    same = actual.select(expected.column_names).cast(expected.schema).sort_by(order).equals(expected.sort_by(order))
    if not same:
        assert_same_rows(actual, expected)


def accounted(accounting: Accounting) -> dict[tuple[str, str], int]:
    """The driver's accounting in the oracle's form."""
    assert accounting.balances
    assert accounting.late == 0
    rejected = {("rejected", reason): count for reason, count in accounting.rejected.items()}
    whole = {"rows in": accounting.rows_in, "accepted": accounting.accepted, "duplicate": accounting.duplicates}
    return {(outcome, ""): count for outcome, count in whole.items()} | rejected


def _presence(measures: pa.Table, hexagons: int, slots: int) -> Answers:
    """The packed counts of a day spelled out; a plain count changes where it is stated, and stays in between."""
    group, hexagon, slot = Lattice(hexagons, slots).unkey(measures["place"].to_numpy().astype(np.int64))
    devices = measures["devices"].to_numpy()
    changes = np.zeros((slots + 1, hexagons), np.int64)
    np.add.at(changes, (slot[group == 0], hexagon[group == 0]), devices[group == 0])
    counts = np.cumsum(changes, axis=0)
    assert not counts[slots].any()
    places = np.nonzero(counts)
    answers = {"presence": pa.table({"slot": places[0], "hexagon": places[1], "devices": counts[places]})}
    first = 1
    for name, attribute in (("presence_by_age", "age_band"), ("presence_by_spc", "spc")):
        names = CLASSES[attribute]
        own = (group >= first) & (group < first + len(names))
        value = pa.array(names).take(pa.array(group[own] - first))
        answers[name] = pa.table(
            {"slot": slot[own], "hexagon": hexagon[own], attribute: value, "devices": devices[own]}
        )
        first += len(names)
    assert group.max(initial=0) < first
    return answers


def _by_zone(counts: np.ndarray, zones: Sequence[str], names: Sequence[str], attribute: str = "") -> pa.Table:
    """int64[zones, classes] without its zeros; `names` are the classes, the rest must be empty."""
    zone, value = np.nonzero(counts)
    columns = {"zone_id": pa.array(zones).take(pa.array(zone))}
    if attribute:
        columns[attribute] = pa.array(names).take(pa.array(value))
    return pa.table(columns | {"devices": counts[zone, value]})


def _named_visits(visits: pa.Table, zones: Sequence[str], domestic: tuple[int, ...]) -> pa.Table:
    abroad = pa.array(is_foreign(visits, domestic))
    attributes = {
        name: pc.if_else(abroad, FOREIGN, pa.array(CLASSES[name]).take(visits[name])) for name in ("age_band", "spc")
    }
    zone = pa.array(zones).take(visits["zone"])
    return pa.table({"device": visits["device"], "zone_id": zone, "dwell_us": visits["dwell"], **attributes})


def _zones(chain: pa.Table, hexagons: np.ndarray) -> pa.Table:
    """The zones of each reachable hexagon, as rows of the footprint."""
    row = pc.index_in(chain["hexagon"], pa.array(hexagons))
    return chain.set_column(0, "hexagon", row).filter(row.is_valid())
