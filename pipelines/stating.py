"""What a run states of a privacy day in the manifest."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from anonymization.entries import PARTIAL_DAY, Json
from anonymization.happenings import Happening, events_json
from anonymization.key_log import StatedKey
from anonymization.records import DayRecord, FileRecord, InputRecord
from anonymization.row_digest import digest_of_file
from anonymization.statement import steps_taken
from anonymization.totals import totals_of_files
from pipelines.inputs import Inputs
from pipelines.software import software
from pipelines.state import DayFacts, State
from schemas.indicators import INDICATORS, stated_effects


def windows_record(inputs: Inputs, key: StatedKey, state: State, staged: Path, files: Iterable[str]) -> DayRecord:
    """The record of windows of an open day, whose `files` stand in the folder `staged`; its input is not over yet."""
    of_day = state.days[key.day.isoformat()].files
    told = {name: of_day[name] for name in files}
    record = replace(day_record(inputs, key, state, staged, told), input=InputRecord((), 0, 0, 0), widths={})
    record = replace(record, files={name: _with_rows(staged / name, file) for name, file in record.files.items()})
    begin = int(inputs.calendar.slots(key.day)[state.days[key.day.isoformat()].published])
    new = tuple(window for window in record.degraded if window.start >= begin)
    return replace(record, steps=_steps(inputs, of_day), degraded=new)


def _with_rows(path: Path, file: FileRecord) -> FileRecord:
    """What is said of a file of windows: the digest of its rows outlives it."""
    return replace(file, rows_sha256=digest_of_file(path, INDICATORS[path.parent.parent.name].table.schema))


def day_record(
    inputs: Inputs, key: StatedKey, state: State, folder: Path, files: Mapping[str, tuple[str, int]]
) -> DayRecord:
    """The record of the day of a key, whose `files`, SHA-256 and rows of each, stand in a folder."""
    configuration, policy, known = inputs.configuration, inputs.policy, state.days[key.day.isoformat()]
    guarantee = inputs.guarantee(key.day)
    factor = inputs.one_factor if guarantee else inputs.stated_factor
    effects: dict[str, Json] = {name: {**each} for name, each in stated_effects().items()}
    # Under differential privacy no number may follow from who is there, not even a rounded one.
    partial = [PARTIAL_DAY] if known.facts.notice and not guarantee else []
    return DayRecord(
        release_id=state.release_id,
        test=policy.test,
        privacy_day=key.day,
        policy=policy.as_json(),
        timezone=configuration.area.timezone,
        slot_minutes=_minutes(configuration.time.slot),
        privacy_day_starts=_clock(configuration.time.privacy_day_starts),
        estimation={
            "confidence": configuration.estimation.confidence,
            "design_effects": effects,
            "people_per_device": factor,
        },
        unit=inputs.unit,
        files={name: FileRecord(sha256, rows) for name, (sha256, rows) in files.items()},
        zones_sha256=inputs.digests["zones"],
        events_sha256=hashlib.sha256(stated_events(inputs)).hexdigest(),
        flags=(*policy.flags(), *partial),
        key_id=key.key_id,
        key_commitment=key.commitment,
        key_created_at=key.created_at,
        software=software(),
        created_at=datetime.now(UTC),
        input=InputRecord((), 0, 0, 0) if guarantee else _input(known.facts, state.accounting.late),
        register=inputs.register is not None,
        steps=_steps(inputs, files, dp=guarantee is not None),
        indicators=totals_of_files(folder, files),
        widths={**known.facts.widths},
        dp=guarantee.stated(inputs.one_factor) if guarantee else None,
        degraded=known.degraded,
    )


def stated_events(inputs: Inputs) -> bytes:
    """The events of the configuration as the release carries them, but for those in a zone that it does not have.

    A privacy day keeps the zones that it began with: one that is new comes with the next day.
    """
    zones = {zone.zone_id for zone in inputs.zones.zones}
    there = {event.name: event for event in inputs.configuration.event if event.zone in zones}
    return events_json(
        Happening(name, event.zone, event.start, event.end, event.previous if event.previous in there else None)
        for name, event in there.items()
    )


def _steps(inputs: Inputs, files: Iterable[str], *, dp: bool = False) -> tuple[str, ...]:
    """The steps that were taken, as far as files of indicators show."""
    return steps_taken(
        sorted({name.split("/")[0] for name in files}),
        rounding=inputs.policy.rounding,
        objections=inputs.register is not None and inputs.register.objections,
        nested=any(zone.parent >= 0 for zone in inputs.areas),
        sensitive=any(zone.sensitive for zone in inputs.areas),
        dp=dp,
    )


def _input(facts: DayFacts, late: int) -> InputRecord:
    return InputRecord(tuple(sorted(facts.files.values())), facts.events, facts.devices, late)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
