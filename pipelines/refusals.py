"""What a run refuses, or warns of, before it goes on: each is judged on the state and the input alone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipelines.dead_letters import UNLISTED
from pipelines.lateness import BUCKET
from pipelines.publish import DayGrid
from pipelines.state import Accounting, DayState, State, name_of_terms
from pipelines.stays import HOLD
from schemas.configuration import Configuration
from schemas.errors import InputError, PrivacyRefusal, UsageError

FIXED: Final = ("area", "shards", "test", "time")
"""Terms that no privacy day may begin with while another is open: all open days are counted alike."""

Mark = tuple[int, int]
"""What tells that a file has changed: its size and its time of modification in nanoseconds."""


def mark_of(path: Path) -> Mark:
    """The mark of a file."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def see_that_there_are_files(configuration: Configuration) -> None:
    """Raise UsageError where events come from a topic, which has no end."""
    if configuration.input.kafka:
        raise UsageError(
            f"{configuration.path}: expected files in [input] events, found a topic in [input.kafka]",
            "publish a topic with hexaflux follow",
        )


def changed_terms(state: State, current: Mapping[str, str]) -> list[str]:
    """The names of what is not as it was when the last privacy day was begun."""
    return sorted(name for name in current if state.digests.get(name) != current[name])


def resumed(state: State, current: Mapping[str, str], configuration: Path, working: Path) -> State:
    """The state of a run under the terms of now: they may change between privacy days, not within one.

    Raises PrivacyRefusal where a day is about to be published, UsageError where one is being counted.
    """
    changed, unfinished = changed_terms(state, current), unfinished_days(state)
    if not changed and any(state.days[day].terms not in ("", name_of_terms(current)) for day in unfinished):
        raise UsageError(
            f"{configuration}: expected privacy days that began with the inputs of now, got {', '.join(unfinished)}, "
            "which keep former ones",
            "end them with hexaflux follow, which has what they began with",
        )
    if not changed or not (unfinished or state.unread):
        return replace(state, digests=dict(current), terms="")
    message = f"{configuration}: {', '.join(changed)} changed since this release was begun"
    if state.published:
        raise PrivacyRefusal(
            f"{message}; privacy days that were begun under the old terms are not finished",
            "restore what they began with and run again; then change it for the privacy days to come",
        )
    raise UsageError(message, f"restore it, or remove {working} to begin again")


def driven(state: State, driver: str, configuration: Path) -> State:
    """The state under the driver of now; raises UsageError where another has begun a day: it has what it counted."""
    unfinished = unfinished_days(state)
    if state.driver != driver and (unfinished or state.unread):
        raise UsageError(
            f"{configuration}: [engine] driver: expected {state.driver}, which counts privacy day "
            f"{', '.join(unfinished) or 'to come'}, got {driver}",
            f'write driver = "{state.driver}" until the open days are published, or publish to another release',
        )
    return replace(state, driver=driver)


def unfinished_days(state: State) -> list[str]:
    """The privacy days that are not published as a whole."""
    return [day for day, known in state.days.items() if known.status != "closed"]


def followed(state: State, current: Mapping[str, str], configuration: Path) -> State:
    """The state of a follower under the terms of now, which hold for the privacy days that begin from now on.

    A day that is unfinished keeps what it began with. Raises UsageError, or PrivacyRefusal once something is published,
    for what decides where a privacy day ends and how devices are counted in it, and where nothing is kept of a day.
    """
    changed, unfinished = changed_terms(state, current), unfinished_days(state)
    unkept = [day for day in unfinished if not state.days[day].terms]
    fixed = changed if unkept or state.unread else [name for name in changed if name in FIXED]
    if fixed and (unfinished or state.unread):
        refusal = PrivacyRefusal if state.published else UsageError
        raise refusal(
            f"{configuration}: expected {', '.join(fixed)} as when privacy day {', '.join(unfinished)} began, "
            "which is open; got other terms",
            "restore it and start again; to change it, end the open days with hexaflux run, which takes an inbox to "
            "its end, or begin another release with the next privacy day",
        )
    name = name_of_terms(current)
    # What a run began, or a former version, began under the terms of now.
    days = {day: replace(known, terms=name) if day in unkept else known for day, known in state.days.items()}
    return replace(state, digests=dict(current), terms=name, days=days)


def refuse_changed_files(state: State, marks: Mapping[str, Mark]) -> None:
    """A file that is read in part must not change; one that was read whole must not grow or shrink."""
    in_part = {name.rpartition("#")[0] for name in state.unread}
    for name, mark in marks.items():
        compared = len(mark) if name in in_part else 1
        if state.inputs.get(name, mark)[:compared] != mark[:compared]:
            raise InputError(
                f"{name}: expected the file that was read before, got another size or time",
                "restore it, and deliver new events in a new file",
            )


def refuse_missing_files(state: State, found: Iterable[str]) -> None:
    """What was found when the release was begun must all be read: its privacy days are published once."""
    there = set(found)
    for name in state.unread:
        if name not in there:
            raise InputError(
                f"{name.rpartition('#')[0]}: expected the rest of a file that was there before, got no such file",
                "restore it: what is published without its events cannot be published again",
            )


def refuse_useless_events(counted: Accounting, events: Path) -> None:
    """Events of which none can be used are the wrong ones, or are read under the wrong names."""
    if counted.all_rejected < counted.rows_in or not counted.rejected.keys() - set(UNLISTED):
        return
    reasons = ", ".join(f"{reason}: {rows:,}" for reason, rows in counted.rejected.items())
    raise InputError(
        f"{events}: expected events, got {counted.rows_in:,} rows of which every one is rejected ({reasons})",
        "check that events and cells name cells alike, and the names of columns in [input.columns.events]",
    )


def left_out(known: DayState, grid: DayGrid) -> tuple[int, int] | None:
    """When the events of a day begin and end, where a day that is about to be published lacks hours at either end."""
    if known.status != "open" or known.bucket or not known.waiting:
        return None
    first, last = (int(grid.slots[0]) + bucket * BUCKET for bucket in (min(known.waiting), max(known.waiting) + 1))
    return None if first - grid.slots[0] <= HOLD and grid.slots[-1] - last <= HOLD else (first, last)
