"""The small inputs of a run, read once per process: network, footprints, zones, territory, register, calendar."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.dp import refuse_without_opendp
from anonymization.guarantee import Guarantee, guarantee
from anonymization.key_service import DayKey
from anonymization.keys import DRAW
from anonymization.lattice import Lattice, lattice_of
from anonymization.ledger import Budget
from anonymization.origins import Origins
from anonymization.policy import Policy
from anonymization.prf import hash_columns, uniform32
from anonymization.territory import Territory, ZoneArea, territory
from anonymization.zone_days import territory_layers
from pipelines.bounded import Sampling
from pipelines.calendar import Calendar
from pipelines.census import Census, census
from pipelines.configuration_errors import refusal, shown
from pipelines.day_counts import Weighing
from pipelines.days import Day, Uniform
from pipelines.fold import Prepared
from pipelines.footprint import Footprint, footprint
from pipelines.location import draw
from pipelines.network import Network, network
from pipelines.places import Centres, Locator, centres
from pipelines.planning import Ground
from pipelines.sources.files import discover, read_table, root_of
from pipelines.stays import Hexagons, Locate
from pipelines.subscribers import Register, read_register
from pipelines.trips import zones_of_layers
from pipelines.visits import DayHours, Nests, nests
from pipelines.weights import Weights, checked_population, checked_shares, weights
from pipelines.zones import Zones, read_zones, to_geojson
from schemas.configuration import Configuration
from schemas.tables import POPULATION, ROAMING_SHARE, Table
from schemas.vocabulary import AGE_BANDS

SKETCH: Final = 8
"""Cells that name a network in the publication register: all of them would have to go for it to be another one."""


@dataclass(frozen=True)
class Inputs:
    """What the small inputs of a configuration say."""

    configuration: Configuration
    policy: Policy
    calendar: Calendar
    network: Network
    footprint: Footprint
    zones: Zones
    areas: tuple[ZoneArea, ...]
    census: Census
    population: pa.Table | None
    roaming_share: pa.Table | None
    register: Register | None

    @cached_property
    def territory(self) -> Territory:
        """The tree by which space is cut."""
        area = self.configuration.area
        return territory(self.footprint.hexagons, self.areas, area.base_resolution, area.coarsest_resolution)

    @property
    def unit(self) -> str:
        """What k counts: holders where the register names them, else SIMs."""
        return self.register.unit if self.register else "SIMs"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the readers noticed, in counts."""
        register = self.register.warnings if self.register else ("no register: every attribute is unknown",)
        people = dict.fromkeys(note for _, notes in self._known_weights.values() for note in notes)
        return (*self.network.warnings, *self.zones.warnings, *register, *people)

    @property
    def stated_factor(self) -> float | None:
        """What every device stands for; None where that follows from the census."""
        counted = self.population is not None and (self.home_area[:-1] >= 0).any()
        return None if counted else self.configuration.estimation.people_per_device or 1.0

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each thing on which figures depend: two runs with the same ones may continue each other."""
        configuration = self.configuration
        sections = {
            "area": asdict(configuration.area),
            "time": asdict(configuration.time),
            "policy": asdict(configuration.policy),
            "estimation": asdict(configuration.estimation),
            "test": None if configuration.test is None else asdict(configuration.test),
            "shards": configuration.engine.shards,
            "columns": configuration.input.columns,
            "population": [area.public_size for area in self.areas],
            "people": self.population.to_pylist() if self.population else None,
            "roaming_share": self.roaming_share.to_pylist() if self.roaming_share else None,
        }
        stated = {
            name: _sha256(json.dumps(section, sort_keys=True, default=str).encode())
            for name, section in sections.items()
        }
        digests = {"cells": _digest_of_network(self.network), "zones": _sha256(self.zones_geojson)}
        return {**stated, **digests, "subscribers": self._register_mark}

    @cached_property
    def _register_mark(self) -> str:
        """What tells that the register has changed: sizes and times of its files, never what is in them."""
        path = self.configuration.input.subscribers
        files = discover(path) if path else {}
        marks = {name: (file.stat().st_size, file.stat().st_mtime_ns) for name, file in files.items()}
        return _sha256(json.dumps(marks).encode())

    @cached_property
    def zones_geojson(self) -> bytes:
        """The zones as the release carries them."""
        return to_geojson(self.zones)

    @property
    def sources(self) -> tuple[str, ...]:
        """What names the source in the publication register: some of its cells, and where its events come from.

        One shared name is enough to recognise a source. The cells are those with the smallest digests: they stay when
        a cell is added, removed or changed, as a digest of the whole network would not. The folder of the events is
        the same however its files are written.
        """
        cells = sorted(_sha256(str(cell).encode()) for cell in set(self.network.cell_id.to_pylist()))
        given = self.configuration.input
        topic = given.kafka and f"kafka://{given.kafka.brokers}/{given.kafka.topic}"
        events = topic or str(root_of(given.files).resolve())
        return (*(f"cell:{cell}" for cell in cells[:SKETCH]), f"events:{_sha256(events.encode())}")

    def locate(self, key: DayKey) -> Locate:
        """Where devices are on a privacy day: one keyed uniform number per device, drawn through each cell."""
        uniform = self.uniform(key)

        def located(
            device: np.typing.NDArray[np.uint64],
            cell: np.typing.NDArray[np.int32],
            home_zone: np.typing.NDArray[np.int32],
        ) -> Hexagons:
            return draw(self.footprint, cell, self.home_area[home_zone], uniform(device))

        return located

    def uniform(self, key: DayKey) -> Uniform:
        """The keyed uniform number of each device on a privacy day."""
        subkey = key.subkey(DRAW)
        return lambda device: uniform32(hash_columns(subkey, device))

    @cached_property
    def home_area(self) -> np.typing.NDArray[np.int32]:
        """int32[homes + 1]: the home area of each of the register's home zones, and none for the unknown at the end."""
        return self.census.areas_of(self.home_zones)

    @cached_property
    def origins(self) -> Origins:
        """The public places where devices can be at home."""
        return Origins(self.areas)

    def prepared(self, key: DayKey) -> Prepared:
        """What the fold looks at the events of the day of a key with."""
        return Prepared(self.locate(key), self.weighing(key.day).of, self.sampling(key))

    @property
    def ground(self) -> Ground:
        """What of the place every step of the fold knows."""
        return Ground(self.footprint.hexagons.size, self.configuration.area.domestic_mcc)

    def weighing(self, day: date) -> Weighing:
        """What devices stand for on a privacy day."""
        found, _ = self._weights(day.year)
        homes, codes = self.origins.of_homes(self.home_zones), self.origins.of_codes()
        starts = self.configuration.time.privacy_day_starts.hour
        return Weighing(found, self.configuration.area.domestic_mcc, homes, codes, starts)

    def _weights(self, year: int) -> tuple[Weights, tuple[str, ...]]:
        """The weights of a year, in which everybody has one age, and warnings."""
        if year not in self._known_weights:
            counts = self.register.counts(year) if self.register else np.zeros((1, len(AGE_BANDS)), np.int64)
            stated = self.configuration.estimation.people_per_device
            found = weights(counts, self.home_zones, self.population, self.roaming_share, stated)
            self._known_weights[year] = found
        return self._known_weights[year]

    @cached_property
    def _known_weights(self) -> dict[int, tuple[Weights, tuple[str, ...]]]:
        return {}

    def guarantee(self, day: date) -> Guarantee | None:
        """What differential privacy promises on a privacy day; None in the other mode."""
        settings = self.configuration.policy.dp
        return guarantee(settings, self.calendar.slots(day).size - 1, len(self.areas)) if settings else None

    def sampling(self, key: DayKey) -> Sampling | None:
        """In which slots and zones each device may count on the day of a key; None where in all."""
        found = self.guarantee(key.day)
        return Sampling(key.subkey(DRAW), found.slots, found.slots_kept, found.zones_kept) if found else None

    def lattice(self, resolution: int) -> Lattice:
        """The fixed lattice of differential privacy."""
        return lattice_of(self.territory, resolution)

    @property
    def budget(self) -> Budget | None:
        """What the days of a year may cost a device; None where nothing is counted."""
        settings = self.configuration.policy.dp
        return Budget(settings.budget_epsilon, settings.delta) if settings else None

    @property
    def one_factor(self) -> float:
        """What every device stands for under differential privacy, where no weight may follow from the devices."""
        return self.configuration.estimation.people_per_device or 1.0

    def day(self, day: date, key: DayKey) -> Day:
        """What the stays of a privacy day are looked at with."""
        layers = zones_of_layers(self.nests, territory_layers(self.territory))
        hours = self.day_hours(day)
        place = (self._centres, self._locator, self.home_area, self.uniform(key))
        return Day(self.nests, layers, hours, *place, self.network.identifier)

    def day_hours(self, day: date) -> DayHours:
        """The hours of a privacy day, and its night."""
        edges = self.calendar.hours(day)
        clock = np.array([int(self.calendar.clock(int(edge))[:2]) for edge in edges[:-1]], np.int8)
        return DayHours(edges, clock, self.calendar.night(day))

    @cached_property
    def nests(self) -> Nests:
        """The zones around each hexagon."""
        return nests(self.territory.innermost, [zone.parent for zone in self.territory.zones])

    @cached_property
    def _centres(self) -> Centres:
        return centres(self.footprint)

    @cached_property
    def _locator(self) -> Locator:
        return Locator(self.footprint)

    @property
    def home_zones(self) -> tuple[str, ...]:
        """The register's home zones: what the codes of `home_zone` stand for."""
        return self.register.home_zones if self.register else ()


def read_inputs(configuration: Configuration) -> Inputs:
    """Read and check the small inputs.

    Raises PrivacyRefusal for the policy, InputError for what is read, and UsageError for what does not fit it.
    """
    policy = Policy.of(configuration.policy, configuration.test, configuration.time, configuration.area)
    if configuration.policy.dp:
        refuse_without_opendp()
    _check_register(configuration)
    paths, columns, area = configuration.input, configuration.input.columns, configuration.area
    time = configuration.time
    zones = read_zones(paths.zones, columns.get("zones", {}), area.base_resolution, area.crossing)
    radio = network(read_table(paths.cells, "cells", columns.get("cells", {})))
    population = _table(POPULATION, paths.population, columns)
    roaming_share = _table(ROAMING_SHARE, paths.roaming_share, columns)
    # Before they are used: the census orders what merges and weighs places, long before devices are weighted.
    if population is not None:
        checked_population(population)
    if roaming_share is not None:
        checked_shares(roaming_share)
    people = people_by_zone(population)
    areas = zones.areas(public_sizes(zones, people))
    counted = census(areas, people)
    register = read_register(paths.subscribers, columns.get("subscribers", {})) if paths.subscribers else None
    return Inputs(
        configuration,
        policy,
        Calendar(area.timezone, time.privacy_day_starts, time.slot),
        radio,
        footprint(radio, area.base_resolution, counted, homes_known=_any_home(counted, register)),
        zones,
        areas,
        counted,
        population,
        roaming_share,
        register,
    )


def _any_home(people: Census, register: Register | None) -> bool:
    """Whether the register names a home that is in the census."""
    return register is not None and bool((people.areas_of(register.home_zones)[:-1] >= 0).any())


def _table(table: Table, path: Path | None, columns: Mapping[str, Mapping[str, str]]) -> pa.Table | None:
    """An optional input as the declared table."""
    return table.conform(read_table(path, table.name, columns.get(table.name, {}))) if path else None


def _check_register(configuration: Configuration) -> None:
    """Raise UsageError where a day could not be entered in the register, which shows only when it closes."""
    folder = configuration.release.register.parent
    if configuration.test is None and not folder.is_dir():
        expected = "a file in a folder that is there"
        hint = f"make the folder {folder}, or give the register that all configurations share"
        raise refusal(("release", "register"), expected, shown(str(configuration.release.register)), hint)


def check_events(inputs: Inputs) -> None:
    """Raise UsageError for an event in a zone that is not there; what a day kept may be older than the event."""
    configuration, known = inputs.configuration, {zone.zone_id for zone in inputs.zones.zones}
    for place, event in enumerate(configuration.event):
        if event.zone not in known:
            close = get_close_matches(event.zone, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"write a zone_id of {configuration.input.zones}"
            expected = f"the zone_id of a zone for the event {shown(event.name)}"
            raise refusal(("event", place, "zone"), expected, shown(event.zone), hint)


REMEMBERED: Final = 2
"""Inputs that are held at once: those of a privacy day that ends, and those of the next one."""

_READ: dict[str, Inputs] = {}
_LOCK = threading.Lock()


def inputs_of_now(configuration: Configuration) -> Inputs:
    """The inputs as they are now, for the workers of this process too: a run may follow another that read others."""
    with _LOCK:
        _READ.clear()
    found = inputs_of(configuration)
    check_events(found)
    return found


def inputs_of(configuration: Configuration) -> Inputs:
    """The inputs of a configuration, read once per process: workers get a configuration, never what it names."""
    key = repr(configuration)
    with _LOCK:
        # What was asked for last stands last.
        _READ[key] = _READ.pop(key) if key in _READ else read_inputs(configuration)
        _forget()
        return _READ[key]


def remember(configuration: Configuration, inputs: Inputs) -> Inputs:
    """Have inputs that were read in another way stand for those of a configuration; gives them as such."""
    with _LOCK:
        _READ[repr(configuration)] = found = replace(inputs, configuration=configuration)
        _forget()
        return found


def _forget() -> None:
    while len(_READ) > REMEMBERED:
        del _READ[next(iter(_READ))]


def people_by_zone(population: pa.Table | None) -> dict[str, float]:
    """The inhabitants of each zone of the census."""
    if population is None:
        return {}
    totals = population.group_by("zone_id").aggregate([("people", "sum")])
    return dict(zip(totals["zone_id"].to_pylist(), totals["people_sum"].to_pylist(), strict=True))


def public_sizes(zones: Zones, people: Mapping[str, float]) -> dict[str, float]:
    """The inhabitants of each zone, where the census has every one of them, else nothing."""
    identifiers = [zone.zone_id for zone in zones.zones]
    return {zone: float(people[zone]) for zone in identifiers} if set(identifiers) <= set(people) else {}


def _digest_of_network(radio: Network) -> str:
    """SHA-256 over everything that a footprint or a look-up depends on."""
    digest = hashlib.sha256()
    digest.update(json.dumps(radio.cell_id.to_pylist()).encode())
    for array in (radio.latitude, radio.longitude, radio.azimuth_deg, radio.beamwidth_deg, radio.range_m):
        digest.update(array.tobytes())
    for period in (radio.valid_from, radio.valid_to):
        digest.update(period.tobytes())
    return digest.hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
