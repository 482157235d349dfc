"""The real driver on a generated lot, and its exact counts before anything is protected, in the words of the oracle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from rich.console import Console

from anonymization.keys import PSEUDONYM, DayKey, KeyStore
from anonymization.prf import hash_strings
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from pipelines import embedded, publish
from pipelines.census import AT_HOME, AT_HOME_AT_NIGHT
from pipelines.closing import Closing
from pipelines.configuration import load
from pipelines.day_counts import part_counts
from pipelines.fold import is_foreign
from pipelines.inputs import Inputs, inputs_of
from pipelines.places import evidence, places
from pipelines.progress import Progress
from pipelines.staging import Counted
from pipelines.state import Accounting, DayState
from schemas.configuration import Configuration, Engine
from schemas.tables import CROSSING, TRIP, VISIT
from schemas.vocabulary import AGE_BANDS, ARRIVAL_HOURS, DWELL_BANDS, FOREIGN, SPC, VISITOR_CATEGORIES
from tests.oracle.edges import Day, microseconds, privacy_day
from tests.oracle.generate import Generated
from tests.oracle.oracle import Answers, Given, Oracle
from tests.tables import assert_same_rows

CLASSES: dict[str, Sequence[object]] = {
    "age_band": (*AGE_BANDS, FOREIGN),
    "spc": (*SPC, FOREIGN),
    "dwell_band": DWELL_BANDS,
    "visitor_category": VISITOR_CATEGORIES,
    "arrival_hour": ARRIVAL_HOURS,
    "night": (False, True),
}
SPLITS = {
    "attendance": (),
    "attendance_by_age": ("age_band",),
    "attendance_by_spc": ("spc",),
    "attendance_by_category": ("visitor_category",),
    "dwell": ("dwell_band",),
    "dwell_by_arrival": ("dwell_band", "arrival_hour"),
    "nights": ("visitor_category", "night"),
}


@dataclass
class Captured:
    """What the driver counted of one day, as it was handed over for publication.

    `presence` [hexagons, slots] with those who are missing in its weights; `half_hours`: by indicator, for each hour
    its slot and (hexagon, class, devices, weight); VISIT, TRIP and CROSSING rows of all shards.
    """

    visits: pa.Table = field(default_factory=VISIT.empty)
    trips: pa.Table = field(default_factory=TRIP.empty)
    crossings: pa.Table = field(default_factory=CROSSING.empty)
    presence: Tally | None = None
    half_hours: dict[str, list[tuple[int, tuple[np.ndarray, ...]]]] = field(default_factory=dict)


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

    @cached_property
    def zones(self) -> list[str]:
        return [zone.zone_id for zone in self.inputs.territory.zones]

    def day(self, day: date) -> Day:
        """The edges of a privacy day by the oracle's own calendar."""
        time = self.configuration.time
        return privacy_day(day, time.slot, self.configuration.area.timezone, time.privacy_day_starts)

    def answers(self, day: date) -> Answers:
        """What was counted on a day; devices are pseudonyms."""
        captured = self.captured[day.isoformat()]
        answers = _presence(captured)
        weighing = self.inputs.weighing(day)
        answers |= self.of_parts(day, {zone: [zone] for zone in self.zones})
        of_trips = self._named(captured.trips, {"hour": "hour"}, {"from_zone": "from_zone", "to_zone": "to_zone"})
        crossed = self._named(captured.crossings, {"hour": "hour"}, {"zone": "zone_id"})
        measured = {"dwell": "dwell_us", "arrival": "arrival", "night": "night", "signals": "signals"}
        answers["visits"] = self._named(captured.visits, measured, {"zone": "zone_id"})
        answers["trips"], answers["crossings"] = of_trips, crossed
        for name, rows, table, keys in (
            ("flows", captured.trips, of_trips, ("hour", "from_zone", "to_zone")),
            ("transit", captured.crossings, crossed, ("hour", "zone_id")),
        ):
            weight = pa.array(weighing.of(rows))
            answers[name] = _summed({key: table[key] for key in keys}, pa.array(np.ones(len(rows), np.int64)), weight)
        return answers

    def of_parts(self, day: date, parts: Mapping[str, Sequence[str]]) -> Answers:
        """What is counted of parts, by name and zones."""
        origins, names = self.inputs.origins, list(parts)
        zones = [tuple(self.zones.index(zone) for zone in parts[name]) for name in names]
        part_of_zone = np.full(len(self.zones), -1, np.int64)
        for part, members in enumerate(zones):
            part_of_zone[list(members)] = part
        table = self.captured[day.isoformat()].visits
        listed = [ZonePart(members, (), 0) for members in zones]
        counts = part_counts(table, part_of_zone, listed, origins, self.inputs.weighing(day))
        answers = {name: _by_zone(counts.tallies[name], names, classes) for name, classes in SPLITS.items()}
        keys = {
            "zone_id": pa.array(names).take(pa.array(counts.origins.part)),
            "origin": pa.array(origins.names).take(pa.array(counts.origins.origin)),
        }
        tally = counts.origins.tally
        answers["attendance_by_origin"] = _summed(keys, pa.array(tally.devices), pa.array(tally.weight))
        return answers

    def files(self) -> dict[str, bytes]:
        """The released Parquet files, by path below the release."""
        release = self.configuration.release.directory
        return {path.relative_to(release).as_posix(): path.read_bytes() for path in sorted(release.rglob("*.parquet"))}

    def _named(self, table: pa.Table, plain: Mapping[str, str], zones: Mapping[str, str]) -> pa.Table:
        """Rows about devices with zones and classes by name."""
        abroad = pa.array(is_foreign(table, self.configuration.area.domestic_mcc))
        columns = {"device": table["device"]}
        columns |= {ours: table[name] for name, ours in plain.items()}
        columns |= {ours: pa.array(self.zones).take(table[name]) for name, ours in zones.items()}
        for name in ("age_band", "spc"):
            columns[name] = pc.if_else(abroad, FOREIGN, pa.array(CLASSES[name]).take(table[name]))
        return pa.table(columns)


def run_chain(
    lot: Generated, name: str = "release", engine: Engine | None = None, given: Configuration | None = None
) -> Chain:
    """Run the driver on a lot into a release of its own, under its own configuration or the one that is given."""
    configuration = given or load(lot.config)
    release = replace(configuration.release, directory=lot.directory / name)
    configuration = replace(configuration, release=release, engine=engine or Engine())
    captured: dict[str, Captured] = {}
    stage = Closing.stage
    presence, presence_by = publish.protect_presence, publish.protect_presence_by

    def staged(self: Closing, day: str, measures: pa.Table, counted: Counted, known: DayState) -> DayState:
        tables = {"visits": counted.visits, "trips": counted.trips, "crossings": counted.crossings}
        captured[day] = now = Captured()
        for table, shards in tables.items():
            setattr(now, table, pa.concat_tables([getattr(now, table), *shards]))

        def plain(counts: Tally, *rest: Any) -> Any:
            now.presence = counts
            return presence(counts, *rest)

        def split(indicator: Any, parts: Any, slots: np.ndarray, edges: Any, counts: Any, *rest: Any) -> pa.Table:
            now.half_hours[indicator.name] = list(zip(slots.tolist(), counts, strict=True))
            return presence_by(indicator, parts, slots, edges, counts, *rest)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(publish, "protect_presence", plain)
            patch.setattr(publish, "protect_presence_by", split)
            return stage(self, day, measures, counted, known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Closing, "stage", staged)
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
        """What is to be counted on a day; devices are pseudonyms."""
        key = self._key(day)
        self.oracle.open_day(self.chain.day(day), self.chain.configuration.area.domestic_mcc)
        given = Given(
            self._drawn(day, key),
            self._sites(day, key),
            _zones(self.lot.zone_chain, self.chain.inputs.footprint.hexagons),
            self.lot.nesting,
            *_weights(self.chain.inputs, day),
        )
        answers = self.oracle.count(given)
        for name in ("devices", "visits", "trips", "crossings"):
            pseudonym = pa.array(hash_strings(key.subkey(PSEUDONYM), answers[name]["device"]))
            answers[name] = answers[name].set_column(0, "device", pseudonym)
        return answers

    def _drawn(self, day: date, key: DayKey) -> pa.Table:
        """The hexagons of devices in cells."""
        pairs = self.oracle.to_draw()
        hexagon = self.chain.inputs.locate(key)(
            hash_strings(key.subkey(PSEUDONYM), pairs["device"]), self._cells(pairs, day), self._homes(pairs)
        )
        return pairs.append_column("hexagon", pa.array(hexagon))

    def _sites(self, day: date, key: DayKey) -> pa.Table:
        """The hexagons of places, once the stays have theirs."""
        stays, looked = self.oracle.to_place(), self.chain.inputs.day(day, key)
        names = stays["device"].combine_chunks().dictionary_encode()
        device, cell = np.asarray(names.indices), self._cells(stays, day)
        within = places(device, cell, looked.centres)
        place = np.unique(device * 1_000 + within, return_inverse=True)[1]
        self.oracle.place(stays.append_column("place", pa.array(place)))
        found = self.oracle.to_locate()
        seen = evidence(place, cell, stays["signals"].to_numpy().astype(np.int32))
        at_home = np.where(found["asleep"].to_numpy(), AT_HOME_AT_NIGHT, AT_HOME)
        uniform = looked.uniform(hash_strings(key.subkey(PSEUDONYM), found["device"]))
        hexagon = looked.locator.draw(seen, looked.home_area[self._homes(found)], at_home, uniform)
        return pa.table({"place": found["place"], "hexagon": hexagon})

    def _cells(self, table: pa.Table, day: date) -> np.ndarray:
        start = microseconds(self.chain.day(day).starts)
        return self.chain.inputs.network.lookup(table["cell_id"], np.full(len(table), start))

    def _homes(self, table: pa.Table) -> np.ndarray:
        """The product's code of each home zone, or -1."""
        code = pc.index_in(table["home_zone"], pa.array(self.chain.inputs.home_zones, pa.string()))
        return code.fill_null(-1).to_numpy().astype(np.int32)

    def _key(self, day: date) -> DayKey:
        test = self.chain.configuration.test
        assert test is not None
        return KeyStore(self.lot.directory / "keys of the oracle", test.day_key).create_or_open(day)


def assert_agrees(chain: Chain, asked: Asked, empty: Sequence[str] = ()) -> None:
    """Every table of every day, and the accounting, are those of the oracle; only `empty` ones may have no row."""
    assert accounted(chain.accounting) == asked.accounting()
    assert chain.days
    for day in chain.days:
        counted, expected = chain.answers(day), asked.answers(day)
        for name, table in counted.items():
            assert expected[name].num_rows or name in empty, f"the oracle has nothing to say of {name}"
            assert_same(table, expected[name], name)
        pools, part_zones = _pools(asked.lot.nesting)
        expected = asked.oracle.count_parts(part_zones)
        for name, table in chain.of_parts(day, pools).items():
            assert_same(table, expected[name], f"pools, {name}")


def assert_same(actual: pa.Table, expected: pa.Table, name: str = "") -> None:
    """As `assert_same_rows`, which takes seconds for a hundred thousand rows; here only where they differ."""
    order = [(column, "ascending") for column in expected.column_names]
    same = actual.select(expected.column_names).cast(expected.schema).sort_by(order).equals(expected.sort_by(order))
    if not same:
        print(f"{name}: {actual.num_rows} rows, expected {expected.num_rows}")
        assert_same_rows(actual, expected)


def accounted(accounting: Accounting) -> dict[tuple[str, str], int]:
    """The driver's accounting in the oracle's form."""
    assert accounting.balances
    assert accounting.late == 0
    rejected = {("rejected", reason): count for reason, count in accounting.rejected.items()}
    whole = {"rows in": accounting.rows_in, "accepted": accounting.accepted, "duplicate": accounting.duplicates}
    return {(outcome, ""): count for outcome, count in whole.items()} | rejected


def _presence(captured: Captured) -> Answers:
    """The presence of a day spelled out."""
    plain = captured.presence
    assert plain is not None
    hexagon, slot = np.nonzero(plain.devices)
    assert not plain.weight[plain.devices == 0].any()
    columns = {name: getattr(plain, name)[hexagon, slot] for name in ("devices", "weight")}
    answers = {"presence": pa.table({"slot": slot, "hexagon": hexagon} | columns)}
    for name, attribute in (("presence_by_age", "age_band"), ("presence_by_spc", "spc")):
        # Where a day is no whole number of hours, two hours may share a slot.
        by_slot = dict(captured.half_hours[name])
        slots = np.concatenate([np.full(len(pieces[0]), slot) for slot, pieces in by_slot.items()])
        hexagon, value, devices, weight = (np.concatenate(column) for column in zip(*by_slot.values(), strict=True))
        answers[name] = pa.table(
            {
                "slot": slots,
                "hexagon": hexagon,
                attribute: pa.array(CLASSES[attribute]).take(pa.array(value)),
                "devices": devices,
                "weight": weight,
            }
        )
    return answers


def _by_zone(tally: Tally, zones: Sequence[str], classes: Sequence[str]) -> pa.Table:
    """A tally [zones, classes, ...] without its zeros."""
    zone, *values = np.nonzero(tally.devices)
    columns = {"zone_id": pa.array(zones).take(pa.array(zone))}
    for name, value in zip(classes, values, strict=True):
        columns[name] = pa.array(CLASSES[name]).take(pa.array(value))
    assert not tally.weight[tally.devices == 0].any()
    counts = {name: getattr(tally, name)[(zone, *values)] for name in ("devices", "weight")}
    return pa.table(columns | counts)


def _summed(keys: Mapping[str, Any], devices: pa.Array, weight: pa.Array) -> pa.Table:
    """The sums by the keys."""
    table = pa.table({**keys, "devices": devices, "weight": weight})
    sums = table.group_by(list(keys)).aggregate([("devices", "sum"), ("weight", "sum")])
    return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names])


def _zones(chain: pa.Table, hexagons: np.ndarray) -> pa.Table:
    """The zones of each reachable hexagon, as rows of the footprint."""
    row = pc.index_in(chain["hexagon"], pa.array(hexagons))
    return chain.set_column(0, "hexagon", row).filter(row.is_valid())


def _pools(nesting: pa.Table) -> tuple[dict[str, list[str]], pa.Table]:
    """The zones of each layer as one part, by the name of the layer."""
    zones = nesting.group_by(["layer", "zone_id"]).aggregate([]).rename_columns(["part", "zone_id"])
    pools: dict[str, list[str]] = {}
    for row in zones.to_pylist():
        pools.setdefault(row["part"], []).append(row["zone_id"])
    return pools, zones


def _weights(inputs: Inputs, day: date) -> tuple[pa.Table, pa.Table]:
    """The weights that the product works out from the register and the census: domestic, foreign."""
    known = inputs.weighing(day).weights
    homes, ages = np.indices(known.domestic.shape).reshape(2, -1)
    domestic = {
        "home_zone": pa.array([*inputs.home_zones, None], pa.string()).take(pa.array(homes)),
        "age_band": pa.array(AGE_BANDS).take(pa.array(ages)),
        "weight": known.domestic.ravel(),
    }
    return pa.table(domestic), pa.table({"mcc": np.arange(known.foreign.size), "weight": known.foreign})
