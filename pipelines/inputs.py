"""The small inputs of a run, read once per process: network, footprints, zones, territory, register, calendar."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.keys import DRAW, DayKey
from anonymization.policy import Policy
from anonymization.prf import hash_columns, uniform32
from anonymization.territory import Territory, ZoneArea, territory
from pipelines.calendar import Calendar
from pipelines.configuration_errors import refusal, shown
from pipelines.footprint import Footprint, footprint
from pipelines.location import draw
from pipelines.network import Network, network
from pipelines.sources.files import discover, read_table, root_of
from pipelines.stays import Hexagons, Locate
from pipelines.subscribers import Register, read_register
from pipelines.zones import Zones, read_zones, to_geojson
from schemas.configuration import Configuration
from schemas.tables import POPULATION, ROAMING_SHARE

HOLD: Final = 60 * 60_000_000
"""How long a place holds after a device's event: a phone in coverage reports about hourly even when idle.

Source: the periodic tracking area update timer T3412, 54 minutes by default (3GPP TS 24.301, 10.2), and a margin.
"""

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
        factor = self.configuration.estimation.people_per_device or 1
        stated = f"people follow one stated factor: {factor:g} per device"
        return (*self.network.warnings, *self.zones.warnings, *register, stated)

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
        folder = root_of(self.configuration.input.events).resolve()
        return (*(f"cell:{cell}" for cell in cells[:SKETCH]), f"events:{_sha256(str(folder).encode())}")

    def locate(self, key: DayKey) -> Locate:
        """Where devices are on a privacy day: one keyed uniform number per device, drawn through each cell."""
        subkey = key.subkey(DRAW)

        def located(device: np.typing.NDArray[np.uint64], cell: np.typing.NDArray[np.int32]) -> Hexagons:
            return draw(self.footprint, cell, uniform32(hash_columns(subkey, device)))

        return located


def read_inputs(configuration: Configuration) -> Inputs:
    """Read and check the small inputs.

    Raises PrivacyRefusal for the policy, InputError for what is read, and UsageError for what does not fit it.
    """
    policy = Policy.of(configuration.policy, configuration.test)
    _check_register(configuration)
    paths, columns, area = configuration.input, configuration.input.columns, configuration.area
    time = configuration.time
    zones = read_zones(paths.zones, columns.get("zones", {}), area.base_resolution, area.crossing)
    _check_zones_of_events(configuration, zones)
    radio = network(read_table(paths.cells, "cells", columns.get("cells", {})))
    people = read_table(paths.population, "population", columns.get("population", {})) if paths.population else None
    if paths.roaming_share:
        ROAMING_SHARE.conform(read_table(paths.roaming_share, "roaming_share", columns.get("roaming_share", {})))
    return Inputs(
        configuration,
        policy,
        Calendar(area.timezone, time.privacy_day_starts, time.slot),
        radio,
        footprint(radio, area.base_resolution),
        zones,
        zones.areas(public_sizes(zones, people)),
        read_register(paths.subscribers, columns.get("subscribers", {})) if paths.subscribers else None,
    )


def _check_register(configuration: Configuration) -> None:
    """Raise UsageError where a day could not be entered in the register, which shows only when it closes."""
    folder = configuration.release.register.parent
    if configuration.test is None and not folder.is_dir():
        expected = "a file in a folder that is there"
        hint = f"make the folder {folder}, or give the register that all configurations share"
        raise refusal(("release", "register"), expected, shown(str(configuration.release.register)), hint)


def _check_zones_of_events(configuration: Configuration, zones: Zones) -> None:
    known = {zone.zone_id for zone in zones.zones}
    for place, event in enumerate(configuration.event):
        if event.zone not in known:
            close = get_close_matches(event.zone, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"write a zone_id of {configuration.input.zones}"
            expected = f"the zone_id of a zone for the event {shown(event.name)}"
            raise refusal(("event", place, "zone"), expected, shown(event.zone), hint)


_READ: dict[str, Inputs] = {}
_LOCK = threading.Lock()


def inputs_of_now(configuration: Configuration) -> Inputs:
    """The inputs as they are now, for the workers of this process too: a run may follow another that read others."""
    with _LOCK:
        _READ.clear()
    return inputs_of(configuration)


def inputs_of(configuration: Configuration) -> Inputs:
    """The inputs of a configuration, read once per process: workers get a configuration, never what it names."""
    key = repr(configuration)
    with _LOCK:
        if key not in _READ:
            _READ.clear()
            _READ[key] = read_inputs(configuration)
        return _READ[key]


def public_sizes(zones: Zones, population: pa.Table | None) -> dict[str, float]:
    """The inhabitants of each zone, where the census has every one of them, else nothing."""
    if population is None:
        return {}
    totals = POPULATION.conform(population).group_by("zone_id").aggregate([("people", "sum")])
    census = dict(zip(totals["zone_id"].to_pylist(), totals["people_sum"].to_pylist(), strict=True))
    identifiers = [zone.zone_id for zone in zones.zones]
    return {zone: float(census[zone]) for zone in identifiers} if set(identifiers) <= set(census) else {}


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
