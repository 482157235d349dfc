"""Flags of degraded parts: they have one form, name rows that are published with them, and are not taken back."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.checks.rule import instant
from anonymization.degraded import Degraded, read_degraded, stated
from anonymization.entries import Body, Json, days_of
from anonymization.manifest import read_chain
from anonymization.released import open_release
from anonymization.verdict import Report
from tests.anonymization import releases as r
from tests.anonymization.releases import failed, followed_draft, message, publish_followed, rewrite

HALF_PAST, QUARTER_TO = (
    int(datetime(2026, 6, 20, 8, minute, tzinfo=UTC).timestamp()) * 1_000_000 for minute in (30, 45)
)
"""10:30 and 10:45 in Paris."""


def part(zone_id: str, *cells: str) -> tuple[str, str]:
    return zone_id, f"{min(int(cell, 16) for cell in cells):x}"


A, B = part("A", r.A), part("B", r.B)
FIRST = Degraded("presence", HALF_PAST, (A, B))
SECOND = Degraded("presence", QUARTER_TO, (A,))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entries 1 to 3: windows of 10:30, of 10:45, and the whole of Saturday; 4: the end of its key; 5, 6: of Sunday."""
    return publish_followed(tmp_path_factory.mktemp("followed") / "release", followed_draft())


@pytest.fixture
def release(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "release")


def audited(release: Path, flags: dict[int, Json], **others: Json) -> Report:
    """The report on a release in which some entries, counted from 1, state these flags, and other values."""

    def change(bodies: list[Body]) -> list[Body]:
        return [{**body, "degraded": flags[at], **others} if at in flags else body for at, body in enumerate(bodies, 1)]

    rewrite(release, change)
    return audit(release)


def test_flags_of_published_rows_pass_and_are_noted_and_read(release: Path) -> None:
    report = audited(release, {1: stated([FIRST]), 2: stated([SECOND]), 3: stated([FIRST, SECOND])})
    assert failed(report) == set()
    assert next(check.found for check in report.checks if check.name == "degraded") == "6 flags"
    note = "privacy day 2026-06-20: 3 figures are degraded: the network was silent or out, and people may be missing"
    assert note in report.notes
    saturday, sunday = open_release(release).days
    assert (saturday.degraded, sunday.degraded) == ((FIRST, SECOND), ())


def test_a_day_may_flag_more_parts_than_its_windows_did(release: Path) -> None:
    early = Degraded("presence", HALF_PAST, (B,))
    report = audited(release, {1: stated([early]), 3: stated([FIRST, SECOND])})
    assert failed(report) == set()


def test_of_an_open_day_the_flags_of_all_its_windows_are_read(release: Path) -> None:
    rewrite(
        release,
        lambda bodies: [
            body | {"degraded": stated([flag])} for body, flag in zip(bodies, (FIRST, SECOND), strict=False)
        ],
    )
    (day,) = days_of(read_chain(release))
    assert read_degraded(day.body["degraded"]) == (FIRST, SECOND)


NOT_THERE = Degraded("presence", HALF_PAST, (part("A", r.B),))
OF_NEXT = Degraded("presence", QUARTER_TO, (B,))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({3: stated([NOT_THERE])}, f"presence from {instant(HALF_PAST)}: 1 flags name no published part"),
        ({1: stated([SECOND])}, f"presence from {instant(QUARTER_TO)}: 1 flags name no published part"),
        ({3: stated([OF_NEXT])}, f"presence from {instant(QUARTER_TO)}: 1 flags name no published part"),
        ({3: stated([Degraded("presence", HALF_PAST, (B, A))])}, "flags are double or not in the order of the rows"),
        ({3: stated([Degraded("presence", HALF_PAST, (A, A))])}, "flags are double or not in the order of the rows"),
        ({3: stated([Degraded("dwell", HALF_PAST, (A,))])}, "flags parts of dwell"),
        ({1: stated([FIRST])}, f"does not flag presence from {instant(HALF_PAST)} as before"),
        (
            {1: stated([FIRST]), 3: stated([Degraded("presence", HALF_PAST, (A,))])},
            f"does not flag presence from {instant(HALF_PAST)} as before",
        ),
        ({3: []}, "degraded is not a list of windows with their parts"),
        ({3: None}, "degraded is not a list of windows with their parts"),
    ],
)
def test_a_flag_that_names_no_published_part_or_is_taken_back_fails(
    flags: dict[int, Json], said: str, release: Path
) -> None:
    report = audited(release, flags)
    assert "degraded" in failed(report)
    assert said in message(report, "degraded")


def test_a_flag_of_a_day_under_differential_privacy_fails(release: Path) -> None:
    report = audited(release, {3: stated([FIRST])}, dp={})
    assert "flags parts under differential privacy" in message(report, "degraded")


def test_the_end_of_a_key_has_no_flags(release: Path) -> None:
    report = audited(release, {4: stated([FIRST])})
    assert "the fields are not those of a known kind of entry" in message(report, "chain")


# Form

WINDOW: dict[str, Json] = {"indicator": "presence", "window_start": "2026-06-20T08:30:00Z", "parts": [["A", A[1]]]}


def test_what_is_stated_reads_as_it_was() -> None:
    assert stated([Degraded("presence", HALF_PAST, (A,))]) == [WINDOW]
    assert read_degraded(stated([SECOND, FIRST])) == (FIRST, SECOND)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        [None],
        [WINDOW, WINDOW],
        [{**WINDOW, "devices": 20}],
        [{**WINDOW, "parts": []}],
        [{**WINDOW, "parts": [["A"]]}],
        [{**WINDOW, "parts": [["A", A[1], "cell T1"]]}],
        [{**WINDOW, "parts": [["A", A[1].upper()]]}],
        [{**WINDOW, "parts": [[1, A[1]]]}],
        [{**WINDOW, "window_start": "2026-06-20T08:30:00+00:00"}],
        [{**WINDOW, "window_start": "2026-6-20T08:30:00Z"}],
        [{**WINDOW, "window_start": 1}],
        [{**WINDOW, "indicator": None}],
        [{**WINDOW, "window_start": "2026-06-20T08:45:00Z"}, WINDOW],
    ],
)
def test_any_other_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match="degraded"):
        read_degraded(value)
