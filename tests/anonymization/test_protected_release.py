"""What the protection prints of a crowd passes the audit, whatever the crowd."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from anonymization.audit import audit
from anonymization.flow_ends import early_visitors
from anonymization.flows import FlowCounts, flow_layers, label_pairs, protect_flows
from anonymization.happenings import events_json
from anonymization.nested_flows import FlowSet
from anonymization.origins import Origins, OriginTally
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection, protect_presence, protect_presence_by
from anonymization.protect_days import protect_attendance
from anonymization.report import to_text
from anonymization.tally import Tally, gathered
from anonymization.territory import ZoneArea
from anonymization.transit import ZoneSet, label_zones, protect_transit
from anonymization.zone_days import ZonePart, zone_parts
from schemas.indicators import INDICATORS, DesignEffect, stated_effects
from schemas.vocabulary import AGE_BANDS, SPC
from tests.anonymization import releases as r
from tests.anonymization.territories import SEVENS, below, build, zone

AREA = build(
    SEVENS,
    zone("metropole", SEVENS[:4], kind="area"),
    *(zone(f"21{i:03}", SEVENS[i : i + 1], parent=0, size=100 - i) for i in range(1, 4)),
    zone("39198", SEVENS[4:5], size=30),
    zone("39300", SEVENS[5:6], size=40),
    *(zone(f"v{i}", [below(SEVENS[1 + i // 3], i % 3)], kind="venue", parent=1 + i // 3, size=i) for i in range(8)),
    zone("care", [below(SEVENS[1], 5)], kind="care", parent=1, sensitive=True),
    zone("chapel", [below(SEVENS[2], 5)], kind="venue", parent=2, sensitive=True),
)
ORIGINS = Origins(AREA.zones)
START = 1_781_924_400_000_000
"""05:00 at Dijon on the Saturday of the hand-made release."""
HOURS = START + np.arange(25, dtype=np.int64) * 3_600_000_000
SLOTS = START + np.arange(97, dtype=np.int64) * 900_000_000
DAY = (int(HOURS[0]), int(HOURS[-1]))
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Crowd:
    """Devices with what is known of them, and where they are in each hour: `hexagon` int64[devices, hours]."""

    hexagon: Ints
    age: Ints
    spc: Ints
    origin: Ints
    foreign: npt.NDArray[np.bool_]
    weight: Ints

    @property
    def size(self) -> int:
        return self.age.size


def crowd(seed: int, size: int) -> Crowd:
    """A crowd that is dense in some places, and of which few are foreign."""
    random = np.random.default_rng(seed)
    places = random.permutation(AREA.hexagons.size)
    home = places[(places.size * random.random(size) ** 3).astype(np.int64)]
    hexagon = np.where(random.random((size, 24)) < 0.6, home[:, None], random.choice(places[:60], (size, 24)))
    foreign = random.random(size) < random.choice([0.02, 0.1, 0.4])
    domestic = ORIGINS.of_homes([*ORIGINS.communes, "21999", "75056", "2A004"])
    origin = np.where(foreign, ORIGINS.of_codes()[random.choice([262, 228, 310, 440, 901], size)], 0)
    origin = np.where(foreign, origin, domestic[(domestic.size * random.random(size) ** 2).astype(np.int64)])
    age, spc = random.integers(0, len(AGE_BANDS), size), random.integers(0, len(SPC), size)
    return Crowd(hexagon, age, spc, origin, foreign, random.integers(2000, 5000, size))


def counted(place: Ints, weight: Ints, *shape: int) -> Tally:
    """The devices and weights at each place of a shape."""
    return gathered(place, Tally(np.ones_like(place), weight), int(np.prod(shape))).reshape(*shape)


def presence(people: Crowd, how: Protection) -> dict[str, pa.Table]:
    shape = (AREA.hexagons.size, 24)
    place = people.hexagon * 24 + np.arange(24)
    hourly = counted(place.ravel(), np.repeat(people.weight, 24), *shape)
    counts = Tally(np.repeat(hourly.devices, 4, axis=1), np.repeat(hourly.weight, 4, axis=1))
    table, parts = protect_presence(counts, SLOTS, how)
    tables = {"presence": table}
    for name, values, classes in (("presence_by_age", people.age, AGE_BANDS), ("presence_by_spc", people.spc, SPC)):
        value = np.where(people.foreign, len(classes), values)
        ones = np.ones_like(value)
        hours = [(people.hexagon[:, hour], value, ones, people.weight) for hour in range(24)]
        half_hours = (np.arange(24) * 4 + 2).astype(np.int32)
        tables[name] = protect_presence_by(INDICATORS[name], parts, half_hours, HOURS, hours, how)
    return tables


def inside(zones: Sequence[ZoneArea]) -> npt.NDArray[np.bool_]:
    """bool[zones, hexagons]."""
    return np.stack([np.isin(AREA.hexagons, each.cells) for each in zones])


def days(people: Crowd, how: Protection) -> tuple[dict[str, pa.Table], list[ZonePart]]:
    # At least three hours in a zone are a visit.
    hours = inside(AREA.zones)[:, people.hexagon].sum(axis=2)
    visited = hours >= 3

    def distinct(sets: Sequence[tuple[int, ...]]) -> Ints:
        return np.array([visited[list(zones)].any(axis=0).sum() for zones in sets], np.int64)

    parts = zone_parts(AREA, visited.sum(axis=1), distinct, how.policy)
    at = [visited[list(part.zones)].any(axis=0) for part in parts]
    part, device = np.nonzero(np.array(at, np.bool_).reshape(len(parts), people.size))
    number, weight = len(parts), people.weight[device]

    def by(value: Ints, *shape: int) -> Tally:
        return counted(part * int(np.prod(shape)) + value, weight, number, *shape)

    foreign, origin = people.foreign[device], people.origin[device]
    residents = [ORIGINS.residents(part.zones) for part in parts]
    resident = np.array([origin[i] in residents[p] for i, p in enumerate(part)], np.bool_)
    night = people.age[device] % 3 == 0
    category = np.where(foreign, 3 + night, np.where(resident, 0, 1 + night))
    slept = night & (people.spc[device] > 1)
    first = np.array([part.zones[0] for part in parts], np.int64)
    band = np.minimum(hours[first[part], device] // 3, 5)
    arrival = (people.age[device] * 3 + people.spc[device]) % 24
    counts = {
        "attendance": by(np.zeros_like(part), 1).reshape(-1),
        "attendance_by_age": by(np.where(foreign, len(AGE_BANDS), people.age[device]), len(AGE_BANDS) + 1),
        "attendance_by_spc": by(np.where(foreign, len(SPC), people.spc[device]), len(SPC) + 1),
        "attendance_by_category": by(category, 5),
        "dwell": by(band, 6),
        "nights": by(category * 2 + slept, 5, 2),
        "dwell_by_arrival": by(band * 24 + arrival, 6, 24),
    }
    origins = OriginTally(part, origin, Tally(np.ones_like(part), weight))
    return protect_attendance(parts, counts, origins, DAY, how), parts


def movements(people: Crowd, parts: Sequence[ZonePart], how: Protection) -> dict[str, pa.Table]:
    return {"flows": flows(people, parts, how), "transit": transit(people, how)}


def tallied(label: Ints, device: Ints, sets: int, weight: Ints) -> Tally:
    kept = np.unique(np.stack([label, device], axis=1)[label >= 0], axis=0)
    return gathered(kept[:, 0], Tally(np.ones_like(kept[:, 0]), weight[kept[:, 1]]), sets)


def flows(people: Crowd, parts: Sequence[ZonePart], how: Protection) -> pa.Table:
    rows = [np.zeros((0, 4), np.int64)]
    for layer in flow_layers(AREA, parts):
        part_of = np.full(AREA.hexagons.size, -1, np.int64)
        for place in layer:
            part_of[inside([AREA.zones[each] for each in parts[place].zones]).any(axis=0)] = place
        at = part_of[people.hexagon]
        device, hour = np.nonzero((at[:, :-1] != at[:, 1:]) & (at[:, :-1] >= 0) & (at[:, 1:] >= 0))
        rows.append(np.stack([hour, at[device, hour], at[device, hour + 1], device], axis=1))
    moved = np.unique(np.concatenate(rows), axis=0)
    triples, row = np.unique(moved[:, :3], axis=0, return_inverse=True)
    tally = tallied(row.reshape(-1), moved[:, 3], len(triples), people.weight)

    def distinct(sets: Sequence[FlowSet]) -> Tally:
        return tallied(label_pairs(sets, *moved[:, :3].T), moved[:, 3], len(sets), people.weight)

    early = early_visitors(parts, None, np.arange(24), 5)
    return protect_flows(parts, HOURS, FlowCounts(*triples.T, tally), distinct, early, how)


def transit(people: Crowd, how: Protection) -> pa.Table:
    seen = inside(AREA.zones)[:, people.hexagon]
    crossed = seen & (seen.sum(axis=2) < 3)[:, :, None]
    place, device, hour = np.nonzero(crossed)

    def distinct(sets: Sequence[ZoneSet]) -> Tally:
        return tallied(label_zones(sets, hour, place), device, len(sets), people.weight)

    return protect_transit(HOURS, crossed.sum(axis=1), distinct, how)


def geojson() -> dict[str, r.Json]:
    features = [
        r.zone(
            each.zone_id,
            each.kind,
            [h3.int_to_str(int(cell)) for cell in each.cells],
            None if each.parent < 0 else AREA.zones[each.parent].zone_id,
            sensitive=each.sensitive,
        )
        for each in AREA.zones
    ]
    return {"type": "FeatureCollection", "features": features}


def protected(seed: int, size: int, rounding: int) -> dict[str, pa.Table]:
    """Every indicator of a crowd."""
    people = crowd(seed, size)
    how = Protection(AREA, Policy(20, 0.8, rounding, test=False), Estimate(0.95), bytes([seed]) * 16)
    tables, parts = days(people, how)
    return tables | presence(people, how) | movements(people, parts, how)


def published(tables: dict[str, pa.Table], rounding: int) -> r.Draft:
    draft = replace(r.draft(), tables={r.SATURDAY: tables}, zones=geojson(), events=events_json([]), key_ids=("0a",))
    return replace(draft, policy=r.policy(rounding=rounding), intervals=False)


@pytest.mark.parametrize(
    ("seed", "size", "rounding"),
    [(0, 300, 5), (1, 1500, 5), (2, 4000, 5), (3, 4000, 0), (4, 8000, 5), (5, 40, 5), (6, 2500, 7), (7, 15, 5)],
)
def test_a_protected_crowd_passes_the_audit(seed: int, size: int, rounding: int, tmp_path: Path) -> None:
    tables = protected(seed, size, rounding)
    assert set(tables) == set(INDICATORS)
    if size >= 1500:
        assert all(table.num_rows for table in tables.values())
    report = audit(r.publish(tmp_path / "release", published(tables, rounding)))
    assert report.verdict, to_text(report)


def test_the_audit_knows_the_kind_of_each_part_that_is_protected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, indicator in list(INDICATORS.items()):
        monkeypatch.setitem(INDICATORS, name, replace(indicator, design_effect=DesignEffect(zone=1.5, hexagons=40.0)))
    content = published(protected(8, 3000, 5), 5)
    assert content.effects == stated_effects()
    report = audit(r.publish(tmp_path / "release", content))
    assert report.verdict, to_text(report)
    one_kind = {name: {"zone": 1.5, "hexagons": 1.5} for name in INDICATORS}
    report = audit(r.publish(tmp_path / "other", replace(content, effects=one_kind)))
    assert r.failed(report) == {"intervals"}
    assert "presence/" in r.message(report, "intervals")
    assert "attendance/" not in r.message(report, "intervals")
