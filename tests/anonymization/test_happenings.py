"""The events that a release states: one form, and nothing else in it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.checks.french import in_french
from anonymization.entries import EVENTS, Body
from anonymization.happenings import LONGEST_NAME, NO_EVENT, Happening, events_json, read_events
from anonymization.released import open_release
from anonymization.verdict import Report
from tests.anonymization.releases import draft, failed, message, publish, rewrite

FIRST = Happening("Fête", "A", datetime(2026, 6, 6, 16, tzinfo=UTC), datetime(2026, 6, 6, 22, tzinfo=UTC))
SECOND = Happening(
    "Festival", "A", datetime(2026, 6, 20, 12, tzinfo=UTC), datetime(2026, 6, 20, 23, tzinfo=UTC), "Fête"
)
BESIDE = replace(FIRST, name="Brocante", zone_id="V")


def test_events_are_written_in_one_form_in_the_order_of_start_and_name() -> None:
    data = events_json([SECOND, FIRST, BESIDE])
    assert data.decode().startswith(
        '{"events":[{"end":"2026-06-06T22:00:00Z","name":"Brocante","previous":null,"start":"2026-06-06T16:00:00Z",'
        '"zone_id":"V"},{"end":"2026-06-06T22:00:00Z","name":"Fête",'
    )
    assert read_events(data) == (BESIDE, FIRST, SECOND)
    assert events_json(read_events(data)) == data


def test_no_events_are_a_file_too() -> None:
    assert events_json([]) == b'{"events":[]}\n'
    assert read_events(b'{"events":[]}\n') == ()


def test_an_instant_is_written_in_utc() -> None:
    paris = timezone(timedelta(hours=2))
    local = replace(FIRST, start=FIRST.start.astimezone(paris), end=FIRST.end.astimezone(paris))
    assert events_json([local]) == events_json([FIRST])


def changed(**values: object) -> bytes:
    """The file of two events, with values of the second changed or added, in the one form otherwise."""
    content = json.loads(events_json([FIRST, SECOND]))
    content["events"][1] |= values
    return (json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def test_the_longest_name_is_read_and_a_longer_one_is_refused() -> None:
    assert read_events(changed(name="x" * LONGEST_NAME))[1].name == "x" * LONGEST_NAME
    with pytest.raises(ValueError, match="name"):
        read_events(changed(name="x" * (LONGEST_NAME + 1)))


def test_no_event_is_called_what_stands_for_none_in_an_address() -> None:
    with pytest.raises(ValueError, match="name"):
        read_events(changed(name=NO_EVENT))


SOUND = events_json([FIRST, SECOND])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]\n",
        b"[" * 100_000,
        b'{"events":{}}\n',
        b'{"events":[1]}\n',
        b'{"events":[],"more":1}\n',
        b'{"events": []}\n',
        b'{"events":[]}',
        SOUND + b" ",
        SOUND.replace(b'{"end"', b'{"end":"2026-06-06T22:00:00Z","end"', 1),
        SOUND.replace("ê".encode(), b"\\u00ea"),
        events_json([SECOND, FIRST]).replace(b"Festival", b"\xff"),
        changed(devices=7),
        changed(name=""),
        changed(name=" "),
        changed(name="a\nb"),
        changed(name=7),
        changed(name="Fête"),
        changed(zone_id=None),
        changed(start="2026-06-20T14:00:00+02:00"),
        changed(start="2026-06-20T12:00:00.5Z"),
        changed(start="2026-6-20T12:00:00Z"),
        changed(start=1_781_956_800),
        changed(start="2026-06-01T12:00:00Z"),
        changed(end="2026-06-20T12:00:00Z"),
        changed(end="2026-06-20T11:59:59Z"),
        changed(previous="Foire"),
        changed(previous="Festival"),
        changed(previous=1),
        changed(start="2026-06-06T16:00:00Z"),
    ],
)
def test_what_is_written_in_another_way_or_cannot_be_is_refused(data: bytes) -> None:
    assert read_events(SOUND) == (FIRST, SECOND)
    with pytest.raises(ValueError):  # noqa: PT011 - a sentence for each would test the words alone
        read_events(data)


def test_a_release_gives_the_events_that_its_last_day_states(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", replace(draft(), events=events_json([SECOND, FIRST])))
    assert open_release(release).events() == (FIRST, SECOND)


def audited(release: Path, data: bytes) -> Report:
    """The report on a release that states this of events, with all signed again."""
    return audit(publish(release, replace(draft(), events=data)))


def test_events_in_zones_of_the_release_pass(tmp_path: Path) -> None:
    report = audited(tmp_path / "release", events_json([FIRST, SECOND, BESIDE]))
    assert failed(report) == set()
    assert next(check.found for check in report.checks if check.name == "events") == "3 events"
    assert failed(audited(tmp_path / "none", events_json([]))) == set()


def test_an_event_in_a_zone_that_is_not_there_fails_though_all_is_signed(tmp_path: Path) -> None:
    report = audited(tmp_path / "release", events_json([FIRST, replace(SECOND, zone_id="21231")]))
    assert failed(report) == {"events"}
    assert message(report, "events") == (
        "manifest/events.json: 1 events are in a zone that zones.geojson does not have (first: Festival)"
    )


@pytest.mark.parametrize(
    "data", [changed(devices=7), changed(end="2026-06-20T12:00:00Z"), SOUND + b" ", changed(name="x" * 101), b"\xff"]
)
def test_more_than_events_fails_though_all_is_signed(data: bytes, tmp_path: Path) -> None:
    report = audited(tmp_path / "release", data)
    assert failed(report) == {"events"}
    expected = "manifest/events.json is not a list of events that can be, as it must be written"
    assert message(report, "events") == expected
    assert in_french(expected).startswith("manifest/events.json n’est pas une liste")


def test_events_that_are_not_those_of_the_last_day_are_not_looked_at(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    (release / EVENTS).write_bytes(SOUND)
    report = audit(release)
    assert failed(report) == {"structure", "events"}
    assert message(report, "events") == "events not checked: manifest/events.json is not there as listed"


def test_a_release_of_before_events_were_stated_verifies_and_has_none(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    assert len(open_release(release).events()) == 1
    rewrite(release, lambda bodies: [_without_events(body) for body in bodies])
    assert failed(audit(release)) == {"structure"}, "a file that is there has to be listed"
    (release / EVENTS).unlink()
    assert failed(audit(release)) == set()
    assert open_release(release).events() == ()


def _without_events(body: Body) -> Body:
    shared = body.get("shared")
    return body | {"shared": {path: each for path, each in shared.items() if path != EVENTS}} if shared else body
