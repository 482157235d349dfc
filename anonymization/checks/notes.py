"""Notes: what a reader should know of a release that passes, and that does not fail it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from anonymization import key_log
from anonymization.checks.evidence import Evidence
from anonymization.checks.keys import lines_of
from anonymization.checks.outcome import Unsound
from anonymization.checks.terms import terms_of
from anonymization.degraded import DEGRADED, read_degraded
from anonymization.entries import KEY_DESTROYED, WINDOWS, Entry, Json
from anonymization.key_log import CREATED, DESTROYED
from anonymization.policy import SMALLEST_K, USUAL_K
from anonymization.verdict import printable
from schemas.errors import InputError

_COMPARED = ("policy", "dp", "time", "estimation", "unit", "register", "steps", "software", "zones_sha256")


def notes(evidence: Evidence, *, pinned: bool) -> tuple[str, ...]:
    """The notes on a release."""
    written = [
        *_key(pinned),
        *_flags(evidence),
        *_weak_policy(evidence),
        *_drift(evidence),
        *_former_zones(evidence),
        *_open_days(evidence),
        *_degraded(evidence),
        *_open_keys(evidence),
        *_ends_of_keys(evidence),
    ]
    return tuple(printable(note) for note in dict.fromkeys(written))


def _key(pinned: bool) -> Iterator[str]:
    if not pinned:
        yield "key not pinned: the release vouches for itself; give the operator's key with --public-key"


def _flags(evidence: Evidence) -> Iterator[str]:
    """What the operator flagged, with the first day on which each flag stands."""
    for entry in evidence.days:
        flags = entry.body.get("flags")
        for flag in flags if isinstance(flags, list) else []:
            yield f"flag: {flag}"
    if any(entry.body.get("unit") == "SIMs" for entry in evidence.days):
        yield "k counts SIMs, not holders: one person may count more than once"


def _weak_policy(evidence: Evidence) -> Iterator[str]:
    for entry in evidence.days:
        policy = entry.block("policy")
        k = policy.get("k")
        if isinstance(k, int) and k < USUAL_K:
            yield f"k is {k}, below the usual {USUAL_K}" + (f" and below {SMALLEST_K}" if k < SMALLEST_K else "")
        rounding, max_share = policy.get("rounding"), policy.get("max_share")
        if isinstance(rounding, int) and rounding <= 1:
            yield "rounding is off: the change between two figures may be of few people"
        if isinstance(max_share, int | float) and max_share >= 1:
            yield "no limit on one class: being in a part may tell the class of a person"


def _drift(evidence: Evidence) -> Iterator[str]:
    """What changed from one published day to the next; of an open day, some steps are still to come."""
    for before, after in pairwise(evidence.days):
        still_open = WINDOWS in (before.kind, after.kind)
        for name in _COMPARED:
            old, new = before.body.get(name), after.body.get(name)
            if old != new and not (still_open and name == "steps"):
                yield f"{name} changed with privacy day {after.privacy_day}{_change(old, new)}"


def _former_zones(evidence: Evidence) -> Iterator[str]:
    """Days under other zones than those of the release now, which are the last day's."""
    for entry in evidence.days[:-1]:
        if entry.body.get("zones_sha256") != evidence.days[-1].body.get("zones_sha256"):
            yield f"zones of {entry.privacy_day} are not in the release: its parts were not compared with zones"


def _ends_of_keys(evidence: Evidence) -> Iterator[str]:
    """Keys that lived long, or whose destruction is worth less than it seems."""
    try:
        lines = lines_of(evidence)
    except (InputError, OSError):
        return
    ends: dict[str, datetime] = {}
    for entry in evidence.days:
        with contextlib.suppress(Unsound):
            ends[str(entry.privacy_day)] = datetime.fromtimestamp(terms_of(entry).end / 1e6, UTC)
    # Events of a day long past are counted under a key that was made when they came.
    for line in lines:
        if line.event == CREATED and line.day in ends:
            # The check of the keys tells of an impossible time.
            with contextlib.suppress(ValueError):
                ends[line.day] = max(ends[line.day], datetime.fromisoformat(line.at))
    for line in key_log.late_destructions(lines, ends):
        yield f"key of {line.day} destroyed more than 24 h after its day and its making, at {line.at}"
    for line in lines:
        if line.event == DESTROYED and not line.erasure.startswith("provable"):
            yield f"key of {line.day}: erasure {line.erasure}"


def _change(old: Json, new: Json) -> str:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return ""
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return ": " + ", ".join(f"{name} from {old.get(name)} to {new.get(name)}" for name in names)


def _open_days(evidence: Evidence) -> Iterator[str]:
    """Days of which windows are published, and that are not over."""
    for day in (entry.privacy_day for entry in evidence.days if entry.kind == WINDOWS):
        windows = sum(_presence_windows(entry) for entry in evidence.entries if entry.privacy_day == day)
        yield f"privacy day {day} is still open: {windows} windows of presence so far"


def _degraded(evidence: Evidence) -> Iterator[str]:
    """Days with figures during which radio cells were silent; what is wrong with the flags is for their own check."""
    for entry in evidence.days:
        with contextlib.suppress(ValueError):
            parts = sum(len(flag.parts) for flag in read_degraded(entry.body.get(DEGRADED)))
            if parts == 1:
                yield (
                    f"privacy day {entry.privacy_day}: one figure is degraded: "
                    "the network was silent or out, and people may be missing"
                )
            else:
                yield (
                    f"privacy day {entry.privacy_day}: {parts} figures are degraded: "
                    "the network was silent or out, and people may be missing"
                )


def _presence_windows(entry: Entry) -> int:
    """How many windows of presence an entry states that it publishes."""
    totals = entry.block("indicators").get("presence")
    windows = totals.get("windows") if isinstance(totals, dict) else None
    return windows if isinstance(windows, int) else 0


def _open_keys(evidence: Evidence) -> Iterator[str]:
    """Keys of days that are over; that of an open day is in use."""
    destroyed = {str(entry.privacy_day) for entry in evidence.entries if entry.kind == KEY_DESTROYED}
    for entry in evidence.days:
        if entry.kind != WINDOWS and str(entry.privacy_day) not in destroyed:
            yield f"key of {entry.privacy_day} not yet destroyed"
