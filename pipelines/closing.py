"""Closing a privacy day: its tables are staged, entered in the register, published, and its key is destroyed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import key_log, manifest
from anonymization.atomic import make_directory
from anonymization.checks.evidence import ROWS_SHA256
from anonymization.checks.outcome import Unsound
from anonymization.checks.terms import terms_of
from anonymization.degraded import Degraded
from anonymization.entries import DAY, EVENTS, ZONES, Entry
from anonymization.key_service import KeyService
from anonymization.keys import INPUT
from anonymization.ledger import Spending, enter_spending, ledger_path, refuse_overspending
from anonymization.publications import Publication, enter, refuse_second_publication
from anonymization.records import day_entry, key_destroyed_entry, so_far, told_files, windows_entry
from anonymization.signing import signing_key
from pipelines import release
from pipelines.inputs import Inputs
from pipelines.instants import iso_utc
from pipelines.lateness import BUCKET
from pipelines.open_registers import OPEN_REGISTERS
from pipelines.publish import DayGrid, day_grid
from pipelines.quality.confirmed import with_confirmed
from pipelines.quality.facts import folder_of
from pipelines.quality.heard import merged_heard
from pipelines.quality.listening import Listening
from pipelines.quality.outages import read_outages
from pipelines.quality.telling import tell
from pipelines.shard_files import read_table
from pipelines.software import software
from pipelines.staging import Counted, Staging
from pipelines.state import DayState, State
from pipelines.stating import day_record, stated_events, windows_record
from pipelines.windows import file_names, left
from pipelines.working_directory import WorkingDirectory
from schemas.errors import InputError, PrivacyRefusal


@dataclass(frozen=True)
class Closing:
    """What closes the days of a release; `shared`: its chain, where another has read it."""

    inputs: Inputs
    working: WorkingDirectory
    shared: manifest.Chain | None = None

    def under(self, inputs: Inputs) -> "Closing":
        """The same under other inputs."""
        return self if inputs is self.inputs else replace(self, inputs=inputs, shared=self.chain)

    @cached_property
    def chain(self) -> manifest.Chain:
        """The chain of the release."""
        return self.shared or manifest.Chain(self.inputs.configuration.release.directory)

    @property
    def keys(self) -> KeyService:
        """The open day keys."""
        return self.working.key_service(self.inputs.configuration)

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
        return day_grid(self.inputs.calendar, date.fromisoformat(day))

    def listening(self, day: str) -> Listening:
        """What was heard of a day against its history, which is read once."""
        if day not in self._listening:
            self._listening.clear()
            self._listening[day] = Listening(self.inputs, self.working, date.fromisoformat(day))
        return self._listening[day]

    @cached_property
    def _listening(self) -> dict[str, Listening]:
        return {}

    def heard(self, known: DayState) -> pa.Table:
        """The HEARD rows of all steps of a day so far."""
        return merged_heard([read_table(self.working.resolve(file)) for file in known.heard])

    def stage(self, day: str, measures: pa.Table, counted: Counted, known: DayState) -> DayState:
        """Write the day's tables where they wait, its windows as they were published; returns its state with them."""
        staged = Staging(self.inputs, self.keys.open(date.fromisoformat(day))).staged(measures, counted)
        grid = self.grid(day)
        tables, widths = left(staged.tables, grid, known.published), dict(staged.widths)
        # The windows of a nation are in memory once.
        del staged
        flags = (*known.degraded, *self._degraded(day, tables, known, int(grid.slots[-1])))
        if self._can_be_compacted(day):
            tables = release.with_windows(self.inputs.configuration.release.directory, known.files, tables)
            files = self._write(day, tables, {})
        else:
            files = {**known.files, **self._write(day, tables, file_names(grid, known.published))}
        facts = replace(known.facts, widths=widths)
        degraded = self._with_confirmed(flags, tables)
        return DayState("staged", files=files, degraded=degraded, facts=facts, terms=known.terms)

    def _can_be_compacted(self, day: str) -> bool:
        """Whether the chain has a digest of the rows of each file of windows: a former version stated none."""
        files = next((entry.block("files") for entry in self.chain.days() if entry.privacy_day == day), {})
        return all(isinstance(record, dict) and ROWS_SHA256 in record for record in files.values())

    def stage_windows(self, day: str, measures: pa.Table, known: DayState) -> DayState:
        """Write the windows of an open day that are due, and not published, where they wait; returns its state."""
        staging, slots, grid = Staging(self.inputs, self.keys.open(date.fromisoformat(day))), known.due, self.grid(day)
        tables = staging.windows(measures, slots)
        files = self._write(day, tables, file_names(grid, slots.start))
        until = int(grid.slots[0]) + known.bucket * BUCKET
        degraded = self._with_confirmed((*known.degraded, *self._degraded(day, tables, known, until)), tables)
        return replace(known, waiting_slots=slots.stop, files={**known.files, **files}, degraded=degraded)

    def _degraded(self, day: str, tables: Mapping[str, pa.Table], known: DayState, until: int) -> tuple[Degraded, ...]:
        """The degraded parts of tables; of a day that was not heard from its beginning nobody knows them."""
        if not known.is_heard_whole:
            return ()
        return self.listening(day).degraded(tables, self.heard(known), until)

    def _with_confirmed(self, flags: tuple[Degraded, ...], tables: Mapping[str, pa.Table]) -> tuple[Degraded, ...]:
        """Flags, and those of the parts of tables that outages touch which are confirmed by now; see `_degraded`."""
        if self.inputs.budget:
            return flags
        outages = read_outages(folder_of(self.inputs.configuration.release.directory))
        return with_confirmed(flags, tables, outages, self.inputs.configuration.area.base_resolution)

    def tell(self, day: str, known: DayState, *, over: bool) -> None:
        """Tell what is known of radio cells by now, for reports of faults; it may be done again."""
        slots = self.grid(day).slots
        until = int(slots[-1]) if over else int(slots[0]) + known.bucket * BUCKET
        heard = self.heard(known) if known.is_heard_whole else None
        tell(self.listening(day), folder_of(self.inputs.configuration.release.directory), heard, until)

    def _write(self, day: str, tables: Mapping[str, pa.Table], names: Mapping[str, str]) -> dict[str, tuple[str, int]]:
        """Write tables where they wait; returns SHA-256 and rows of each file."""
        folder = self.working.staged(day)
        release.stage(folder, day, tables, names)
        self.keys.used(date.fromisoformat(day))
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
        return [Publication(day, sources, release_id, zones, key_id, *self._span(day)) for day, key_id in opened]

    def _span(self, day: date) -> tuple[str, str]:
        """When a privacy day begins and ends, in UTC."""
        found = self.inputs.calendar.privacy_day(day)
        return iso_utc(found.start), iso_utc(found.end)

    def refuse(self, release_id: str, days: Sequence[str]) -> None:
        """Raise PrivacyRefusal where a day was published before in another way, or where no budget is left for it.

        Also where the days that this release holds already are of another mode, or overlap it.
        """
        for entry in self.chain.days():
            for day in days:
                self._refuse_beside(entry, date.fromisoformat(day))
        register = self.inputs.configuration.release.register
        refuse_second_publication(register, self.publications(release_id, days))
        if budget := self.inputs.budget:
            refuse_overspending(self._ledger, self._spendings(release_id, days), budget)

    def _refuse_beside(self, entry: Entry, day: date) -> None:
        """Raise PrivacyRefusal where a day cannot stand beside one that is published."""
        directory = self.inputs.configuration.release.directory
        try:
            terms = terms_of(entry)
        except Unsound as error:
            raise InputError(
                f"{directory}: expected an entry of the manifest as this version writes it, got {entry.name}: {error}",
                "go on with the version that began the release, or use another [release] directory",
            ) from None
        if (terms.dp is None) == bool(self.inputs.budget):
            raise PrivacyRefusal(
                f"{directory}: expected privacy days of one mode, found one with and one without differential privacy",
                "leave [policy.dp] as it was when the release was begun, or use another [release] directory",
            )
        found = self.inputs.calendar.privacy_day(day)
        if terms.day != day and terms.start < found.end and found.start < terms.end:
            raise PrivacyRefusal(
                f"{directory}: privacy day {day} begins before the published privacy day {terms.day} ends",
                "leave [time] privacy_day_starts and [area] timezone as they are, or begin with a later day",
            )

    def enter(self, state: State, day: str) -> None:
        """Enter the day in the register of publications, and its cost in the ledger; refuses what `refuse` does."""
        if publications := self.publications(state.release_id, [day]):
            enter(self.inputs.configuration.release.register, publications)
        if budget := self.inputs.budget:
            enter_spending(self._ledger, self._spendings(state.release_id, [day]), budget)

    @property
    def _ledger(self) -> Path:
        """The ledger of the budget; a test release has its own, as it has no line in the register."""
        register = self.inputs.configuration.release.register
        return self.working.budget if self.inputs.policy.test else ledger_path(register)

    def _spendings(self, release_id: str, days: Iterable[str]) -> list[Spending]:
        """What days cost a device; nothing without differential privacy."""
        found = [(day, self.inputs.guarantee(day)) for day in map(date.fromisoformat, days)]
        sources = self.inputs.sources
        return [Spending(day, sources, each.rho, each.delta, release_id) for day, each in found if each]

    def publish_windows(self, state: State, day: str) -> None:
        """Copy staged windows of an open day into the release, and chain their entry; without a row they have none."""
        if release.files_of(self.working.staged(day)):
            self._chain_files(state, day, open_day=True)

    def publish(self, state: State, day: str) -> None:
        """Copy the staged files into the release, chain the day's entry, destroy its key, and chain that too.

        Then the files of its windows go, whose rows stand in those of the day.
        """
        privacy_day = date.fromisoformat(day)
        entry = next((each for each in self.chain.days() if (each.kind, each.privacy_day) == (DAY, day)), None)
        if entry is None:
            entry = self._chain_files(state, day, open_day=False)
        self.keys.destroy(privacy_day)
        OPEN_REGISTERS.forget(privacy_day)
        log = self.working.key_log.content()
        life = key_log.life_of(key_log.read(log), str(entry.block("key")["key_id"]))
        gone = key_destroyed_entry(entry, life[key_log.DESTROYED].at, software(), datetime.now(UTC))
        self.chain.append(gone, self.signing_key, log)
        release.remove_windows(self.inputs.configuration.release.directory, day, entry.block("files"))

    def _chain_files(self, state: State, day: str, *, open_day: bool) -> Entry:
        """Copy what is staged of a day into the release, and chain the entry that states it."""
        directory, staged = self.inputs.configuration.release.directory, self.working.staged(day)
        make_directory(directory)
        privacy_day, files = date.fromisoformat(day), state.days[day].files
        # A key that others could read is told of while it is there, and whole: its destruction comes later.
        if self.keys.exists(privacy_day):
            self.keys.open(privacy_day)
        days = self.chain.days()
        before = [entry.body for entry in days if entry.privacy_day != day]
        earlier = next((entry.block("files") for entry in days if entry.privacy_day == day), {})
        # What the log says of the key is enough: a restart may have lost what lies in memory.
        key = key_log.stated_key(key_log.read(self.working.key_log.content()), privacy_day)
        if open_day:
            new = sorted(release.files_of(staged))
            earlier = {name: record for name, record in earlier.items() if name not in new}
            body = windows_entry(windows_record(self.inputs, key, state, staged, new), before, earlier)
            release.copy_into(directory, staged, new)
        else:
            release.copy_into(directory, staged, sorted(files.keys() - earlier.keys()))
            kept = {name: record for name, record in earlier.items() if name in files}
            body = day_entry(day_record(self.inputs, key, state, directory, files), before, kept)
        shared = told_files([*before, so_far(body, earlier)])
        stated = {ZONES: self.inputs.zones_geojson, EVENTS: stated_events(self.inputs)}
        release.write_shared(directory, {**stated, **shared})
        return self.chain.append(body, self.signing_key, self.working.key_log.content())
