"""Events: what the last day states of events has one form, so that nothing travels in it, and names zones there are."""

from collections.abc import Iterator

from anonymization import limits
from anonymization.checks.evidence import Evidence
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.zone_map import ZoneMap
from anonymization.entries import EVENTS
from anonymization.happenings import Happening, read_events
from anonymization.verdict import INTEGRITY, Check
from schemas.errors import InputError


def check(evidence: Evidence, zones: ZoneMap | str) -> Check:
    """The check of the events; `zones`: those of the release, or why they cannot be read."""
    events, problems = _events(evidence)
    return check_of(
        "events",
        (*problems, *_elsewhere(events, zones)),
        found=f"{len(events)} events",
        threshold="events with a name, a zone of the release, a time and an earlier edition, in one form",
        criterion=INTEGRITY,
    )


def _events(evidence: Evidence) -> tuple[tuple[Happening, ...], tuple[str, ...]]:
    """The events of the last day, or what is wrong with their form."""
    shared = evidence.days[-1].block("shared") if evidence.days else {}
    if EVENTS not in shared:
        return (), ()
    if not evidence.intact(EVENTS, {"sha256": shared[EVENTS]}):
        return (), (f"events not checked: {EVENTS} is not there as listed",)
    try:
        return read_events(limits.read(evidence.inventory.root / EVENTS, EVENTS)), ()
    except InputError as error:
        raise Unsound(error.message) from None
    except ValueError:
        return (), (f"{EVENTS} is not a list of events that can be, as it must be written",)


def _elsewhere(events: tuple[Happening, ...], zones: ZoneMap | str) -> Iterator[str]:
    if isinstance(zones, str):
        if events:
            yield f"zones of events not checked: {zones}"
        return
    if names := [event.name for event in events if event.zone_id not in zones.zones]:
        yield f"{EVENTS}: {len(names)} events are in a zone that zones.geojson does not have (first: {names[0]})"
