"""Degraded: each flag names a row that is published with it, once, and a day keeps those of its windows."""

from collections.abc import Iterator
from itertools import pairwise

from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.rule import instant
from anonymization.checks.tables import cell_counts, cell_values, read_batches
from anonymization.degraded import DEGRADED, Degraded, read_degraded
from anonymization.entries import OF_DAYS, WINDOWS, Entry
from anonymization.verdict import INTEGRITY, Check
from schemas.indicators import INDICATORS

FLAGGED = ("presence", "attendance")
"""The indicators of which parts are flagged."""

Window = tuple[str, int]
"""An indicator and when a window of it begins, in microseconds."""


def check(evidence: Evidence) -> Check:
    """The check of the degraded parts that all entries state."""
    problems: list[str] = []
    published: dict[str, dict[Window, Degraded]] = {}
    parts = 0
    for entry in evidence.entries:
        if entry.kind not in OF_DAYS:
            continue
        flags, wrong = _read(entry)
        # Of windows whose rows stand in the files of their day, that day flags the same.
        named = () if entry.name in evidence.compacted else _named(evidence, entry, flags)
        problems += [f"{entry.name}: {problem}" for problem in (*wrong, *named)]
        before = published.setdefault(str(entry.privacy_day), {})
        lost = [window for window, flag in before.items() if entry.kind != WINDOWS and _lost(flag, flags.get(window))]
        problems += [f"{entry.name} does not flag {name} from {instant(start)} as before" for name, start in lost]
        if entry.kind == WINDOWS:
            before |= flags
        parts += sum(len(flag.parts) for flag in flags.values())
    return check_of(
        "degraded",
        problems,
        found=f"{parts} flags",
        threshold="flags of parts that are published, in one form, and those of windows again with their day",
        criterion=INTEGRITY,
    )


def _lost(before: Degraded, now: Degraded | None) -> bool:
    """Whether a part is flagged no more; more parts may be, as outages are confirmed later."""
    return now is None or not set(before.parts) <= set(now.parts)


def _read(entry: Entry) -> tuple[dict[Window, Degraded], tuple[str, ...]]:
    """The flags of an entry by window, or what is wrong with their form."""
    if DEGRADED not in entry.body:
        return {}, ()
    if entry.body.get("dp") is not None:
        return {}, ("flags parts under differential privacy, where no flag may follow from who is there",)
    try:
        found = read_degraded(entry.body[DEGRADED])
    except ValueError:
        return {}, ("degraded is not a list of windows with their parts, as it must be written",)
    if wrong := sorted({flag.indicator for flag in found} - set(FLAGGED)):
        return {}, (f"flags parts of {', '.join(wrong)}",)
    return {(flag.indicator, flag.start): flag for flag in found}, ()


def _named(evidence: Evidence, entry: Entry, flags: dict[Window, Degraded]) -> Iterator[str]:
    """Each flag names one row of the files that the entry lists, in the order of the rows."""
    for indicator in sorted({name for name, _ in flags}):
        wanted = {start: flag.parts for (name, start), flag in flags.items() if name == indicator}
        rows = _rows(evidence, entry, indicator, wanted)
        for start, parts in sorted(wanted.items()):
            places = [rows.get((start, *part), -1) for part in parts]
            if -1 in places:
                yield f"{indicator} from {instant(start)}: {places.count(-1)} flags name no published part"
            elif any(after <= before for before, after in pairwise(places)):
                yield f"{indicator} from {instant(start)}: flags are double or not in the order of the rows"


def _rows(
    evidence: Evidence, entry: Entry, indicator: str, wanted: dict[int, tuple[tuple[str, str], ...]]
) -> dict[tuple[int, str, str], int]:
    """The place of each row of the wanted windows, by its window, its zone and the first of its cells."""
    found: dict[tuple[int, str, str], int] = {}
    for path, record in sorted(listed(entry).items()):
        if (place_of(path) or ("",))[0] != indicator or not evidence.intact(path, record):
            continue
        try:
            for batch in read_batches(evidence.inventory.root / path, INDICATORS[indicator]):
                counts = cell_counts(batch)
                first = cell_values(batch)[counts.cumsum() - counts].tolist()
                starts, zones = batch["window_start"].cast("int64").to_pylist(), batch["zone_id"].to_pylist()
                for start, zone_id, cell in zip(starts, zones, first, strict=True):
                    if start in wanted:
                        found[(start, zone_id, f"{cell:x}")] = len(found)
        # The check of the form of tables tells what is wrong with the file.
        except Unsound:
            continue
    return found
