"""Values that have the right type and are impossible all the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from operator import attrgetter
from pathlib import Path
from zoneinfo import available_timezones

from anonymization.happenings import LONGEST_NAME, NO_EVENT, is_name
from pipelines.configuration_errors import Location, refusal, shown, unknown, write
from pipelines.configuration_kafka import check_source, is_address
from schemas.configuration import DRIVERS, Configuration, Event
from schemas.tables import INPUTS

_SLOTS = frozenset(timedelta(minutes=minutes) for minutes in (5, 10, 15, 20, 30, 60))
_UP_TO_4096 = "a whole number from 1 to 4096"
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True)
class Rule:
    """What one key has to meet."""

    section: str
    key: str
    holds: Callable[[Configuration], bool]
    expected: str


RULES = (
    Rule("area", "domestic_mcc", lambda c: len(c.area.domestic_mcc) > 0, "at least one mobile country code"),
    Rule(
        "area",
        "domestic_mcc",
        lambda c: all(200 <= code <= 799 for code in c.area.domestic_mcc),
        "mobile country codes from 200 to 799",
    ),
    Rule(
        "area",
        "base_resolution",
        lambda c: 0 <= c.area.base_resolution <= 15,
        "an H3 resolution from 0 to 15",
    ),
    Rule(
        "area",
        "base_resolution",
        lambda c: c.area.base_resolution <= 10,
        "at most 10, as finer hexagons are smaller than the footprint of any cell",
    ),
    Rule(
        "area",
        "coarsest_resolution",
        lambda c: 0 <= c.area.coarsest_resolution <= c.area.base_resolution,
        "an H3 resolution from 0 to base_resolution",
    ),
    Rule("area", "crossing", lambda c: c.area.crossing in ("refuse", "clip"), '"refuse" or "clip"'),
    Rule("time", "slot", lambda c: c.time.slot in _SLOTS, "5, 10, 15, 20, 30 or 60 minutes"),
    Rule("time", "lateness", lambda c: c.time.lateness <= timedelta(hours=24), "at most 24 hours"),
    Rule(
        "time",
        "privacy_day_starts",
        lambda c: c.time.privacy_day_starts.second == c.time.privacy_day_starts.microsecond == 0,
        "a local time of whole minutes",
    ),
    Rule("policy", "k", lambda c: 1 <= c.policy.k <= 1_000_000, "a whole number from 1 to 1000000"),
    Rule("policy", "max_share", lambda c: 0.5 < c.policy.max_share <= 1, "a number above 0.5 and at most 1"),
    Rule("policy", "rounding", lambda c: 0 <= c.policy.rounding <= 1000, "a whole number from 0 to 1000"),
    Rule(
        "policy.dp", "epsilon", lambda c: not c.policy.dp or 0 < c.policy.dp.epsilon <= 10, "a number up to 10, above 0"
    ),
    Rule(
        "policy.dp",
        "budget_epsilon",
        lambda c: not c.policy.dp or c.policy.dp.epsilon <= c.policy.dp.budget_epsilon <= 1000,
        "a number from epsilon, which one day may cost, to 1000",
    ),
    Rule(
        "policy.dp",
        "delta",
        lambda c: not c.policy.dp or 1e-15 <= c.policy.dp.delta <= 1e-5,
        "a number from 1e-15 to 1e-5, far below one in the number of devices",
    ),
    Rule(
        "policy.dp",
        "contributions",
        lambda c: not c.policy.dp or 2 <= c.policy.dp.contributions <= 1000,
        "a whole number from 2 to 1000",
    ),
    Rule(
        "policy.dp",
        "resolution",
        lambda c: not c.policy.dp or 0 <= c.policy.dp.resolution <= c.area.base_resolution,
        "an H3 resolution from 0 to base_resolution",
    ),
    Rule(
        "estimation",
        "people_per_device",
        lambda c: c.estimation.people_per_device is None or 1 <= c.estimation.people_per_device <= 1000,
        "a number from 1 to 1000",
    ),
    Rule("estimation", "confidence", lambda c: 0.5 < c.estimation.confidence < 1, "a number between 0.5 and 1"),
    Rule("engine", "driver", lambda c: c.engine.driver in DRIVERS, '"embedded" or "flink"'),
    Rule("engine", "shards", lambda c: 1 <= c.engine.shards <= 4096, _UP_TO_4096),
    Rule("engine", "step_rows", lambda c: 1 <= c.engine.step_rows <= 10**9, "a whole number from 1 to 10^9"),
    Rule("engine", "workers", lambda c: 1 <= c.engine.workers <= 256, "a whole number from 1 to 256"),
    Rule("engine.flink", "address", lambda c: is_address(c.engine.flink.address), "host:port"),
    Rule("engine.flink", "parallelism", lambda c: 1 <= c.engine.flink.parallelism <= 4096, _UP_TO_4096),
    Rule("engine.flink", "readers", lambda c: 1 <= c.engine.flink.readers <= 4096, _UP_TO_4096),
    Rule(
        "engine.flink",
        "checkpoint_every",
        lambda c: timedelta(seconds=1) <= c.engine.flink.checkpoint_every <= timedelta(hours=1),
        "a duration from 1 second to 1 hour",
    ),
    Rule("release", "key_service", lambda c: c.release.key_service != (), "a command, each word in quotes"),
    Rule("test", "day_key", lambda c: c.test is None or _is_key(c.test.day_key), "64 hexadecimal digits"),
    Rule(
        "test",
        "day_key",
        lambda c: not (c.release.key_service and c.test and c.test.day_key),
        "none beside [release] key_service, which keeps keys of its own",
    ),
)


def check(configuration: Configuration) -> None:
    """Raise UsageError for the first value that is impossible; instants have their offset already."""
    for rule in RULES:
        if not rule.holds(configuration):
            value = attrgetter(f"{rule.section}.{rule.key}")(configuration)
            location = (rule.section, rule.key)
            raise refusal(location, rule.expected, shown(value, secret=rule.section == "test"), write(location))
    check_source(configuration.input)
    _check_columns(configuration)
    _check_release(configuration)
    _check_events(configuration)


def _is_key(key: str | None) -> bool:
    return key is None or (len(key) == 64 and set(key) <= _HEXADECIMAL)


def check_timezone(name: str) -> None:
    """Raise UsageError for a time zone that does not exist."""
    names = available_timezones()
    if name in names:
        return
    by_city = {known.rpartition("/")[2].lower(): known for known in names}
    close = get_close_matches(name, names, n=1) or [
        by_city[city] for city in get_close_matches(name.rpartition("/")[2].lower(), by_city, n=1)
    ]
    hint = f'did you mean "{close[0]}"?' if close else write(("area", "timezone"))
    raise refusal(("area", "timezone"), "the name of an IANA time zone", shown(name), hint)


def _check_columns(configuration: Configuration) -> None:
    for name, columns in configuration.input.columns.items():
        if name not in INPUTS:
            raise unknown(("input", "columns", name), INPUTS, "table")
        for ours in columns:
            if ours not in INPUTS[name].names:
                raise unknown(("input", "columns", name, ours), INPUTS[name].names, "column")


def _check_release(configuration: Configuration) -> None:
    """Whatever stands in the release is published with it."""
    directory = configuration.release.directory
    for location, path in _files(configuration):
        if path is not None and path.is_relative_to(directory):
            expected = "a path outside the release, whose whole content is published"
            hint = 'give the release a directory of its own, for example: directory = "release"'
            raise refusal(location, expected, shown(str(path)), hint)


def _files(configuration: Configuration) -> Iterator[tuple[tuple[str, str], Path | None]]:
    for key in INPUTS:
        yield ("input", key), getattr(configuration.input, key)
    if configuration.input.kafka:
        yield ("input.kafka", "schemas"), configuration.input.kafka.schemas
    for key in ("register", "signing_key"):
        yield ("release", key), getattr(configuration.release, key)


def _check_events(configuration: Configuration) -> None:
    starts: dict[str, datetime] = {}
    for place, event in enumerate(configuration.event):
        if event.name in starts:
            hint = "rename one of them"
            raise refusal(("event", place, "name"), "a name of its own", f"{shown(event.name)} twice", hint)
        _check_event(place, event)
        starts[event.name] = event.start.astimezone(UTC)
    for place, event in enumerate(configuration.event):
        if event.previous is not None:
            _check_previous(("event", place, "previous"), event.previous, starts[event.name], starts)


def _check_event(place: int, event: Event) -> None:
    """What the manifest states of an event is read on one line, and its times to the second."""
    if not is_name(event.name):
        expected = f"a name of at most {LONGEST_NAME} characters in one line, other than {NO_EVENT}"
        raise refusal(("event", place, "name"), expected, shown(event.name), write(("event", "name")))
    for key, instant in (("start", event.start), ("end", event.end)):
        if instant.microsecond or not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
            expected = f"a time to the second, from the year {_FIRST_YEAR} to {_LAST_YEAR}"
            raise refusal(("event", place, key), expected, shown(instant), write(("event", key)))
    # Clocks that are put back or forward in between do not change which is first.
    if event.end.astimezone(UTC) <= event.start.astimezone(UTC):
        expected = f"a time after its start, {event.start.isoformat()}"
        raise refusal(("event", place, "end"), expected, shown(event.end), "exchange start and end")


def _check_previous(location: Location, previous: str, start: datetime, starts: dict[str, datetime]) -> None:
    close = get_close_matches(previous, [name for name in starts if starts[name] < start], n=1)
    hint = f"did you mean {close[0]}?" if close else "add an [[event]] of that name, or remove previous"
    if previous not in starts:
        raise refusal(location, "the name of another [[event]]", shown(previous), hint)
    if starts[previous] >= start:
        raise refusal(location, "the name of an earlier [[event]]", f"{shown(previous)}, not earlier", hint)
