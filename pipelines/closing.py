"""Closing a privacy day: its tables are staged, entered in the register, published, and its key is destroyed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import key_log, manifest
from anonymization.atomic import make_directory
from anonymization.entries import DAY, PARTIAL_DAY, ZONES, Json
from anonymization.flows import FlowSet, flow_layers, protect_flows
from anonymization.key_log_file import NAME as KEY_LOG_NAME
from anonymization.key_log_file import KeyLog
from anonymization.key_service import KeyService
from anonymization.keys import INPUT, ROUNDING
from anonymization.protect import Estimate, Protection
from anonymization.publications import Publication, enter
from anonymization.records import DayRecord, FileRecord, InputRecord, day_entry, key_destroyed_entry, told_files
from anonymization.signing import signing_key
from anonymization.statement import steps_taken
from anonymization.tally import Tally, nothing
from anonymization.totals import totals_of_files
from anonymization.transit import ZoneSet, protect_transit
from anonymization.zone_days import ZonePart, zone_parts
from pipelines import release
from pipelines.arrays import Ints
from pipelines.day_counts import (
    PartCounts,
    Weighing,
    crossing_visitors,
    distinct_crossers,
    distinct_movers,
    distinct_visitors,
    flow_counts,
    part_counts,
    summed,
    visitors,
)
from pipelines.inputs import Inputs
from pipelines.publish import DayGrid, presence_tables, zone_day_tables
from pipelines.shard_files import read_batch
from pipelines.software import software
from pipelines.state import ShardFile, State
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import stated_effects
from schemas.tables import VISIT


class Addable(Protocol):
    """What adds up: arrays, tallies."""

    def __add__(self: "T", other: "T", /) -> "T":
        """The sum of two."""


T = TypeVar("T", bound=Addable)


@dataclass(frozen=True)
class Shards:
    """A table of a day in working files by shard: devices are disjoint between shards, so that counts add up."""

    working: WorkingDirectory
    files: Sequence[ShardFile]

    def sum(self, count: Callable[[pa.Table], T], none: T) -> T:
        """The sum of a count over all shards; one shard is in memory at a time."""
        total = none
        for table in self:
            total = total + count(table)
        return total

    def __iter__(self) -> Iterator[pa.Table]:
        for file in self.files:
            for at in range(len(file.shards)):
                yield read_batch(self.working.resolve(file.file), at)


@dataclass(frozen=True)
class Counted:
    """What is counted of a day: visits, trips and crossings."""

    visits: Shards
    trips: Shards
    crossings: Shards


@dataclass(frozen=True)
class Closing:
    """What closes the days of a release."""

    inputs: Inputs
    working: WorkingDirectory

    @property
    def keys(self) -> KeyService:
        """The open day keys."""
        return self.working.key_service(self.inputs.configuration)

    @property
    def key_log(self) -> bytes:
        """The log of the day keys, as it is."""
        return KeyLog(self.working.path / KEY_LOG_NAME).content()

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """The operator's signing key, made at first use."""
        return signing_key(self.inputs.configuration.release.signing_key)

    def refuse_useless_signing_key(self) -> None:
        """Raise SystemFailure where the signing key could not sign: better before hours of work than after."""
        if self.inputs.configuration.release.signing_key.exists():
            _ = self.signing_key

    def grid(self, day: str) -> DayGrid:
        """The windows of a day."""
        calendar, privacy_day = self.inputs.calendar, date.fromisoformat(day)
        return DayGrid(calendar.slots(privacy_day), calendar.hours(privacy_day), calendar.half_hour_slot(privacy_day))

    def stage(self, day: str, measures: pa.Table, counted: Counted) -> dict[str, tuple[str, int]]:
        """Write the day's tables where they wait; returns SHA-256 and rows of each file."""
        privacy_day, protection = date.fromisoformat(day), self._protection(day)
        self.keys.used(privacy_day)
        weighing, hours = self.inputs.weighing(privacy_day), self.inputs.calendar.hours(privacy_day)
        tables = presence_tables(measures, self.grid(day), protection)
        parts = self._zone_parts(counted.visits)
        counts = self._part_counts(counted.visits, parts, weighing)
        window = (int(hours[0]), int(hours[-1]))
        tables |= zone_day_tables(parts, counts.tallies, counts.origins, window, protection)
        tables["flows"] = self._flows(counted.trips, parts, hours, protection, weighing)
        tables["transit"] = self._transit(counted.crossings, hours, protection, weighing)
        folder = self.working.staged(day)
        release.stage(folder, day, tables)
        return {name: (record.sha256, record.rows) for name, record in release.files_of(folder).items()}

    def input_mark(self, day: str, sha256: bytes) -> str:
        """A digest of a file's SHA-256 under the day's key; once that is gone, nobody can try contents against it."""
        key = self.keys.open(date.fromisoformat(day)).subkey(INPUT)
        return hashlib.blake2b(sha256, key=key, digest_size=32).hexdigest()

    def publications(self, release_id: str, days: Iterable[str]) -> list[Publication]:
        """What the register says of days; nothing for a test release."""
        if self.inputs.policy.test:
            return []
        sources, zones = self.inputs.sources, self.inputs.digests["zones"]
        opened = [(date.fromisoformat(day), self.keys.open(date.fromisoformat(day)).key_id) for day in days]
        return [Publication(day, sources, release_id, zones, key_id) for day, key_id in opened]

    def enter(self, state: State, day: str) -> None:
        """Enter the day in the register of publications; raises PrivacyRefusal where it was published before."""
        if publications := self.publications(state.release_id, [day]):
            enter(self.inputs.configuration.release.register, publications)

    def publish(self, state: State, day: str) -> None:
        """Copy the staged files into the release, chain the day's entry, destroy its key, and chain that too."""
        directory = self.inputs.configuration.release.directory
        make_directory(directory)
        files = state.days[day].files
        chain = [entry for entry in manifest.read_chain(directory) if entry.kind == DAY]
        entry = next((entry for entry in chain if entry.privacy_day == day), None)
        if entry is None:
            release.copy_into(directory, self.working.staged(day), sorted(files))
            before = [entry.body for entry in chain]
            body = day_entry(self._record(state, day), before)
            release.write_shared(directory, {ZONES: self.inputs.zones_geojson, **told_files([*before, body])})
            entry = manifest.append(directory, body, self.signing_key, self.key_log)
        self.keys.destroy(date.fromisoformat(day))
        log = self.key_log
        life = key_log.life_of(key_log.read(log), str(entry.block("key")["key_id"]))
        gone = key_destroyed_entry(entry, life[key_log.DESTROYED].at, software(), datetime.now(UTC))
        manifest.append(directory, gone, self.signing_key, log)

    def _protection(self, day: str) -> Protection:
        estimate = Estimate(self.inputs.configuration.estimation.confidence)
        key = self.keys.open(date.fromisoformat(day)).subkey(ROUNDING)
        return Protection(self.inputs.territory, self.inputs.policy, estimate, key)

    def _zone_parts(self, visits: Shards) -> list[ZonePart]:
        zones = len(self.inputs.territory.zones)
        counts = visits.sum(lambda table: visitors(table, zones), np.zeros(zones, np.int64))

        def distinct(sets: Sequence[tuple[int, ...]]) -> Ints:
            return visits.sum(lambda table: distinct_visitors(table, sets), np.zeros(len(sets), np.int64))

        return zone_parts(self.inputs.territory, counts, distinct, self.inputs.policy)

    def _part_counts(self, visits: Shards, parts: Sequence[ZonePart], weighing: Weighing) -> PartCounts:
        """Devices of each part by class, for each attribute of a day."""
        part_of_zone, origins = self._part_of_zone(parts, range(len(parts))), self.inputs.origins

        def count(table: pa.Table) -> PartCounts:
            return part_counts(table, part_of_zone, parts, origins, weighing)

        return visits.sum(count, count(VISIT.empty()))

    def _flows(
        self, trips: Shards, parts: Sequence[ZonePart], hours: Ints, protection: Protection, weighing: Weighing
    ) -> pa.Table:
        """The released flows between the parts of each layer."""
        layers = flow_layers(self.inputs.territory, parts)
        part_of_zone = self._part_of_zone(parts, [part for layer in layers for part in layer])

        def distinct(sets: Sequence[FlowSet]) -> Tally:
            return trips.sum(lambda table: distinct_movers(table, part_of_zone, sets, weighing), nothing(len(sets)))

        pairs = summed([flow_counts(table, part_of_zone, weighing) for table in trips])
        return protect_flows(parts, hours, pairs, distinct, protection)

    def _transit(self, crossings: Shards, hours: Ints, protection: Protection, weighing: Weighing) -> pa.Table:
        """The released transit of the zones."""
        shape = (len(self.inputs.territory.zones), hours.size - 1)

        def distinct(sets: Sequence[ZoneSet]) -> Tally:
            return crossings.sum(lambda table: distinct_crossers(table, sets, weighing), nothing(len(sets)))

        counts = crossings.sum(lambda table: crossing_visitors(table, *shape), np.zeros(shape, np.int64))
        return protect_transit(hours, counts, distinct, protection)

    def _part_of_zone(self, parts: Sequence[ZonePart], chosen: Iterable[int]) -> Ints:
        """int64[zones]: the part that each zone is in, of those chosen, or -1."""
        part_of_zone = np.full(len(self.inputs.territory.zones), -1, np.int64)
        for at in chosen:
            part_of_zone[list(parts[at].zones)] = at
        return part_of_zone

    def _record(self, state: State, day: str) -> DayRecord:
        """What the manifest states of a day."""
        configuration, policy, known = self.inputs.configuration, self.inputs.policy, state.days[day]
        key = self.keys.open(date.fromisoformat(day))
        effects: dict[str, Json] = {name: {**each} for name, each in stated_effects().items()}
        published = {name.split("/")[0] for name in known.files}
        zones = self.inputs.areas
        return DayRecord(
            release_id=state.release_id,
            test=policy.test,
            privacy_day=date.fromisoformat(day),
            policy=policy.as_json(),
            timezone=configuration.area.timezone,
            slot_minutes=_minutes(configuration.time.slot),
            privacy_day_starts=_clock(configuration.time.privacy_day_starts),
            estimation={
                "confidence": configuration.estimation.confidence,
                "design_effects": effects,
                "people_per_device": self.inputs.stated_factor,
            },
            unit=self.inputs.unit,
            files={name: FileRecord(sha256, rows) for name, (sha256, rows) in known.files.items()},
            zones_sha256=self.inputs.digests["zones"],
            flags=(*policy.flags(), *([PARTIAL_DAY] if known.facts.notice else [])),
            key_id=key.key_id,
            key_commitment=key.commitment,
            key_created_at=key.created_at,
            software=software(),
            created_at=datetime.now(UTC),
            input=InputRecord(
                tuple(sorted(known.facts.files.values())),
                known.facts.events,
                known.facts.devices,
                state.accounting.late,
            ),
            register=self.inputs.register is not None,
            steps=steps_taken(
                sorted(published),
                rounding=policy.rounding,
                objections=self.inputs.register is not None,
                nested=any(zone.parent >= 0 for zone in zones),
                sensitive=any(zone.sensitive for zone in zones),
            ),
            indicators=totals_of_files(self.working.staged(day), known.files),
            widths={},
        )


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
