import contextlib
import hashlib
import multiprocessing
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.publications import Publication, enter, refuse_second_publication
from schemas.errors import PrivacyRefusal

FIRST = Publication(date(2026, 6, 13), ("s1", "s2"), "r1", "z1", "k1", "2026-06-13T03:00:00Z", "2026-06-14T03:00:00Z")


def on(day: date, **changes: Any) -> Publication:
    """The first publication, on another day."""
    start, end = (f"{each}T03:00:00Z" for each in (day, day + timedelta(days=1)))
    return replace(FIRST, day=day, start=start, end=end, **changes)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "publications.jsonl"


def refused(path: Path, *publications: Publication) -> bool:
    """Whether both the question and the entry refuse, and the register stays as it was."""
    before = path.read_bytes() if path.exists() else b""
    refusals = 0
    for attempt in (refuse_second_publication, enter):
        try:
            attempt(path, publications)
        except PrivacyRefusal:
            refusals += 1
            assert path.read_bytes() == before
    assert refusals in (0, 2)
    return refusals == 2


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def test_a_first_publication_is_entered_as_one_line(register: Path) -> None:
    refuse_second_publication(register, [FIRST])
    assert not register.exists()
    enter(register, [FIRST])
    assert register.read_text() == (
        '{"day":"2026-06-13","end":"2026-06-14T03:00:00Z","key_id":"k1",'
        '"previous":"0000000000000000000000000000000000000000000000000000000000000000",'
        '"release_id":"r1","sources":["s1","s2"],"start":"2026-06-13T03:00:00Z","zones_sha256":"z1"}\n'
    )


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        ("2026-06-12T15:00:00Z", "2026-06-13T15:00:00Z", True),
        ("2026-06-12T03:00:01Z", "2026-06-13T03:00:01Z", True),
        ("2026-06-12T03:00:00Z", "2026-06-13T03:00:00Z", False),
        ("2026-06-14T03:00:00Z", "2026-06-15T03:00:00Z", False),
        ("2026-06-14T02:59:59Z", "2026-06-15T02:59:59Z", True),
    ],
)
@pytest.mark.parametrize("release_id", ["r1", "r2"])
def test_a_day_that_begins_at_another_hour_is_refused_where_it_overlaps(
    register: Path, start: str, end: str, overlaps: bool, release_id: str
) -> None:
    enter(register, [FIRST])
    shifted = replace(FIRST, day=date(2026, 6, 12), start=start, end=end, release_id=release_id, key_id="k2")
    assert bool(refused(register, shifted)) is overlaps
    assert not refused(register, replace(shifted, sources=("another",)))


def test_the_same_publication_is_entered_once(register: Path) -> None:
    enter(register, [FIRST, FIRST])
    enter(register, [FIRST])
    assert len(lines(register)) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"release_id": "r2"}, "another release r1 (here r2)"),
        ({"zones_sha256": "z2"}, "another zone set z1 (here z2)"),
        ({"key_id": "k2"}, "another key k1 (here k2)"),
        ({"release_id": "r2", "key_id": "k2"}, "another release r1 (here r2), another key k1 (here k2)"),
        ({"sources": ("s2",), "release_id": "r2"}, "another release r1 (here r2)"),
        ({"sources": ("s3", "s1"), "release_id": "r2"}, "another release r1 (here r2)"),
    ],
)
def test_a_day_of_a_shared_source_is_not_published_otherwise(
    register: Path, change: dict[str, str], expected: str
) -> None:
    enter(register, [FIRST])
    second = replace(FIRST, **change)  # type: ignore[arg-type]
    assert refused(register, second)
    with pytest.raises(PrivacyRefusal) as refusal:
        enter(register, [second])
    message = str(refusal.value)
    assert refusal.value.exit_code == 3
    assert all(text in message for text in (str(register), "2026-06-13", "release r1", expected))
    assert "continue the first release, or use a new day" in refusal.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {
            "day": date(2026, 6, 14),
            "start": "2026-06-14T03:00:00Z",
            "end": "2026-06-15T03:00:00Z",
            "release_id": "r2",
            "zones_sha256": "z2",
            "key_id": "k2",
        },
        {"sources": ("s3",), "release_id": "r2", "zones_sha256": "z2", "key_id": "k2"},
        {"sources": ("s1",)},
        {"sources": ("s1", "s2", "s3")},
    ],
)
def test_another_day_another_source_or_the_same_release_is_entered(register: Path, change: dict[str, str]) -> None:
    enter(register, [FIRST])
    assert not refused(register, replace(FIRST, **change))  # type: ignore[arg-type]
    assert len(lines(register)) == 2


def test_a_source_stays_bound_by_each_of_its_entries(register: Path) -> None:
    enter(register, [replace(FIRST, sources=("s1",)), replace(FIRST, sources=("s2",), release_id="r2")])
    assert refused(register, FIRST)
    assert refused(register, replace(FIRST, release_id="r2"))


def test_one_refused_publication_keeps_the_others_out(register: Path) -> None:
    enter(register, [FIRST])
    other_day = on(date(2026, 6, 14))
    assert refused(register, other_day, replace(FIRST, key_id="k2"))
    assert len(lines(register)) == 1


def test_publications_entered_together_must_agree(register: Path) -> None:
    register.touch()
    assert refused(register, FIRST, replace(FIRST, release_id="r2"))


def test_no_publication_leaves_an_empty_register(register: Path) -> None:
    enter(register, [])
    assert register.read_bytes() == b""


def test_a_publication_without_a_source_cannot_be_stated() -> None:
    with pytest.raises(ValueError, match="names no source"):
        replace(FIRST, sources=())


def test_a_torn_last_line_is_ignored_and_healed_at_every_byte(register: Path) -> None:
    enter(register, [FIRST])
    whole = register.read_bytes()
    other = on(date(2026, 6, 14), release_id="r2")
    for cut in range(1, len(whole) - 1):
        register.write_bytes(whole + whole[:cut])
        assert refused(register, replace(FIRST, release_id="r2"))
        enter(register, [other])
        assert register.read_bytes().startswith(whole)
        assert len(lines(register)) == 2
        assert refused(register, replace(other, release_id="r1"))


def test_a_whole_last_line_without_its_end_counts(register: Path) -> None:
    enter(register, [FIRST])
    register.write_bytes(register.read_bytes().rstrip())
    assert refused(register, replace(FIRST, release_id="r2"))
    enter(register, [on(date(2026, 6, 14))])
    assert len(lines(register)) == 2
    assert register.read_bytes().endswith(b"\n")


@pytest.mark.parametrize(
    "damage",
    [
        b"\n",
        b"[]\n",
        b"null\n",
        b"\xff\n",
        b'{"day":"2026-06-13"}\n',
        b'{"day":"2026-06-31","key_id":"k","release_id":"r","sources":["s"],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":20260613,"key_id":"k","release_id":"r","sources":["s"],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":"2026-06-13","key_id":1,"release_id":"r","sources":["s"],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":"2026-06-13","key_id":"k","release_id":"r","sources":"s","zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":"2026-06-13","key_id":"k","release_id":"r","sources":[],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":"2026-06-13","key_id":"k","release_id":"r","sources":[1],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b'{"day":"2026-06-13","key_id":"k","more":1,"release_id":"r","sources":["s"],"zones_sha256":"z","start":"a","end":"b","previous":"PREVIOUS"}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_any_other_damaged_line_refuses_every_publication(register: Path, damage: bytes) -> None:
    enter(register, [FIRST])
    whole = register.read_bytes()
    after = damage.replace(b"PREVIOUS", hashlib.sha256(whole.rstrip()).hexdigest().encode())
    for place, content in ((2, whole + after), (1, damage.replace(b"PREVIOUS", b"0" * 64) + whole)):
        register.write_bytes(content)
        assert refused(register, on(date(2027, 1, 1)))
        with pytest.raises(PrivacyRefusal, match=f"line {place}: expected a publication that follows the line before"):
            enter(register, [FIRST])


@pytest.mark.parametrize("place", [0, 1])
def test_a_line_that_was_taken_away_refuses_every_publication(register: Path, place: int) -> None:
    for day in (13, 14, 15):
        enter(register, [on(date(2026, 6, day))])
    kept = [line for number, line in enumerate(lines(register)) if number != place]
    register.write_bytes(b"\n".join(kept) + b"\n")
    with pytest.raises(PrivacyRefusal, match=f"line {place + 1}: expected a publication that follows"):
        enter(register, [on(date(2027, 1, 1))])


def enter_each_day(path: Path, release_id: str, together: Barrier, won: "Queue[list[date]]") -> None:
    days = []
    for day in range(1, 29):
        together.wait()
        publication = on(date(2026, 2, day), release_id=release_id)
        with contextlib.suppress(PrivacyRefusal):
            enter(path, [publication])
            days.append(publication.day)
    won.put(days)


def test_of_processes_that_enter_a_day_under_different_releases_exactly_one_wins(register: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together, won = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=enter_each_day, args=(register, release_id, together, won))
        for release_id in ("r1", "r2")
    ]
    for process in processes:
        process.start()
    days = won.get(timeout=60) + won.get(timeout=60)
    for process in processes:
        process.join()
    assert sorted(days) == [date(2026, 2, day) for day in range(1, 29)]
    assert len(lines(register)) == 28


def test_a_missing_directory_reaches_the_caller_as_it_is(tmp_path: Path) -> None:
    refuse_second_publication(tmp_path / "none" / "register", [FIRST])
    with pytest.raises(FileNotFoundError):
        enter(tmp_path / "none" / "register", [FIRST])


publications = st.builds(
    Publication,
    st.dates(date(2026, 1, 1), date(2026, 1, 2)),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True).map(tuple),
    st.sampled_from(["r1", "r2"]),
    st.sampled_from(["z1", "z2"]),
    st.sampled_from(["k1", "k2"]),
)


@given(st.lists(publications, max_size=8))
def test_no_two_entries_ever_publish_one_day_of_one_source_differently(
    tmp_path_factory: pytest.TempPathFactory, offers: list[Publication]
) -> None:
    path = tmp_path_factory.mktemp("register") / "publications.jsonl"
    entered: list[Publication] = []
    for offer in offers:
        if not refused(path, offer):
            entered.append(offer)
    bound: dict[tuple[date, str], tuple[str, str, str]] = {}
    for entry in entered:
        for source in entry.sources:
            facts = (entry.release_id, entry.zones_sha256, entry.key_id)
            assert bound.setdefault((entry.day, source), facts) == facts
