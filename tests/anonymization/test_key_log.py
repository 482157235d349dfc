import dataclasses
import hashlib
import multiprocessing
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization import key_log
from anonymization.key_log import (
    FIRST,
    Head,
    Line,
    StatedKey,
    encode,
    head,
    late_destructions,
    life_of,
    open_keys,
    problems,
    read,
    stated_key,
)
from anonymization.key_log_file import HeldLog, KeyLog, log_beside, not_its_own
from anonymization.key_service import Storage
from anonymization.keys import MasterKey
from schemas.errors import InputError

STORAGE = Storage("file", "memory", "provable: for a test")
A, B = "a" * 16, "b" * 16


def lines_of(*events: tuple[str, str, str, str]) -> list[Line]:
    """A chained log of (event, key_id, day, at)."""
    lines: list[Line] = []
    for event, key_id, day, at in events:
        pinned = head(lines)
        named = (STORAGE.service, STORAGE.storage, STORAGE.erasure)
        lines.append(
            Line(pinned.entries + 1, pinned.sha256, event, day, key_id, key_id * 4, f"2026-06-{at}:00Z", *named, "why")
        )
    return lines


GOOD = lines_of(
    ("created", A, "2026-06-13", "13T03:00"),
    ("created", B, "2026-06-14", "13T03:10"),
    ("last_used", A, "2026-06-13", "14T04:00"),
    ("last_used", A, "2026-06-13", "14T04:00"),
    ("destroyed", A, "2026-06-13", "14T04:01"),
    ("destroyed", B, "2026-06-14", "14T04:02"),
)


def content(lines: list[Line]) -> bytes:
    return b"".join(map(encode, lines))


def test_what_is_written_is_read_and_sound() -> None:
    assert list(read(content(GOOD))) == GOOD
    assert list(problems(GOOD)) == []
    assert read(b"") == ()


def test_of_a_log_that_has_grown_only_what_is_new_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    read(content(GOOD[:4]))
    decode, parsed = key_log._decode, list[bytes]()
    monkeypatch.setattr(key_log, "_decode", lambda text: parsed.append(text) or decode(text))
    assert list(read(content(GOOD))) == list(read(content(GOOD))) == GOOD
    assert parsed == list(map(encode, GOOD[4:]))


def test_a_log_is_parsed_anew_where_a_former_line_changed_or_is_gone() -> None:
    read(content(GOOD))
    assert list(read(content(GOOD[:3]))) == GOOD[:3]
    assert list(read(content(GOOD[1:]))) == GOOD[1:]
    other = [dataclasses.replace(GOOD[0], reason="other"), *GOOD[1:]]
    assert list(read(content(other))) == other
    for number in range(1, len(GOOD) + 1):
        read(content(GOOD))
        torn = [encode(line)[: -2 if at == number else None] for at, line in enumerate(GOOD, 1)]
        with pytest.raises(InputError, match=f"line {number}:"):
            read(b"".join(torn))


def test_the_line_of_an_addition_that_is_damaged_is_named() -> None:
    read(content(GOOD[:4]))
    with pytest.raises(InputError, match="line 6:"):
        read(content(GOOD[:5]) + b"{}\n")


def test_the_head_is_the_count_and_the_sha256_of_the_last_line_and_every_prefix_has_one() -> None:
    assert head([]) == Head(0, FIRST)
    for count in range(1, len(GOOD) + 1):
        assert head(GOOD[:count]) == Head(count, hashlib.sha256(encode(GOOD[count - 1])).hexdigest())
    assert len({head(GOOD[:count]).sha256 for count in range(len(GOOD) + 1)}) == len(GOOD) + 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1],
        lambda text: text + b"\n",
        lambda text: text.replace(b'"reason":"why"', b'"reason":"why","extra":"1"', 1),
        lambda text: text.replace(b',"reason":"why"', b"", 1),
        lambda text: text.replace(b'"sequence":1', b'"sequence":"1"', 1),
        lambda text: text.replace(b'"sequence":1', b'"sequence":true', 1),
        lambda text: text.replace(b'{"at"', b'{ "at"', 1),
        lambda text: text.replace(b"why", b"w\xe9y", 1),
        lambda text: text.replace(b"why", b"w" * 121, 1),
        lambda text: text.replace(b"T03:00:00Z", b"T03:00:00", 1),
        lambda text: b"[" * 5000 + b"\n" + text,
    ],
)
def test_another_form_than_that_of_the_log_is_bad_input(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InputError, match=r"key_log\.jsonl, line \d: expected an event in the life of a key"):
        read(damage(content(GOOD)))


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_a_line_that_is_changed_or_taken_away_breaks_the_chain(number: int) -> None:
    changed = [*GOOD]
    changed[number] = dataclasses.replace(GOOD[number], reason="another")
    assert any("the chain is broken" in problem for problem in problems(changed)) == (number < len(GOOD) - 1)
    assert head(changed) != head(GOOD) or number < len(GOOD) - 1
    without = [line for at, line in enumerate(GOOD) if at != number]
    assert any("the chain is broken" in problem for problem in problems(without)) == (number < len(GOOD) - 1)


def test_a_line_with_another_number_breaks_the_chain() -> None:
    first = dataclasses.replace(GOOD[0], sequence=2)
    assert list(problems([first])) == ["key_log.jsonl, line 1: the chain is broken"]


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([("destroyed", A, "2026-06-13", "13T03:00")], f"key {A} is destroyed before it is created"),
        ([("last_used", A, "2026-06-13", "13T03:00")], f"key {A} is last_used before it is created"),
        (
            [("created", A, "2026-06-13", "13T03:00"), ("created", A, "2026-06-13", "13T03:00")],
            f"key {A} is created twice",
        ),
        (
            [("created", A, "2026-06-13", "13T03:00"), ("exported", A, "2026-06-13", "13T03:00")],
            "unknown event exported",
        ),
        (
            [("created", A, "2026-06-13", "13T03:00"), ("created", B, "2026-06-13", "13T03:00")],
            "privacy day 2026-06-13 has a second key",
        ),
        (
            [("created", A, "2026-06-13", "13T03:01"), ("last_used", A, "2026-06-13", "13T03:00")],
            "earlier than it is created",
        ),
        (
            [("created", A, "2026-06-13", "13T03:00"), ("last_used", A, "2026-06-14", "13T03:00")],
            f"key {A} has another day or commitment",
        ),
        ([("created", A, "2026-06-13", "31T03:00")], "2026-06-31T03:00:00Z is no time"),
    ],
)
def test_what_no_key_lives_through_is_a_problem(events: list[tuple[str, str, str, str]], problem: str) -> None:
    found = list(problems(lines_of(*events)))
    assert any(problem in one for one in found), found


@pytest.mark.parametrize("event", ["last_used", "destroyed"])
def test_a_destroyed_key_has_no_more_events(event: str) -> None:
    life = [("created", "03:00"), ("destroyed", "03:01"), (event, "03:02")]
    found = list(problems(lines_of(*((name, A, "2026-06-13", f"13T{at}") for name, at in life))))
    assert found == [f"key_log.jsonl, line 3: key {A} is {event} after it is destroyed"]


def test_a_day_may_have_another_key_only_after_one_that_was_never_used() -> None:
    unused = [("created", A, "2026-06-13", "13T03:00"), ("destroyed", A, "2026-06-13", "13T03:01")]
    again = ("created", B, "2026-06-13", "13T03:02")
    assert list(problems(lines_of(*unused, again))) == []
    used = [unused[0], ("last_used", A, "2026-06-13", "13T03:01"), unused[1], again]
    assert list(problems(lines_of(*used))) == ["key_log.jsonl, line 4: privacy day 2026-06-13 has a second key"]


def test_a_key_that_lives_longer_than_a_day_after_its_day_is_found() -> None:
    end = datetime(2026, 6, 13, 4, 1, tzinfo=UTC)
    assert late_destructions(GOOD, {"2026-06-13": end}) == []
    assert late_destructions(GOOD, {"2026-06-13": end.replace(second=0, minute=0)}) == [GOOD[4]]
    assert late_destructions(GOOD, {}) == []


def test_the_life_of_a_key_and_the_keys_that_are_open() -> None:
    assert life_of(GOOD, A) == {"created": GOOD[0], "last_used": GOOD[3], "destroyed": GOOD[4]}
    assert open_keys(GOOD[:5]) == {"2026-06-14": GOOD[1]}
    assert open_keys(GOOD[:4], ["external"]) == {}
    assert set(open_keys(GOOD[:4], ["file"])) == {"2026-06-13", "2026-06-14"}


def test_what_may_be_told_of_a_key_is_known_when_it_is_gone() -> None:
    again = lines_of(
        *[("created", A, "2026-06-13", "13T03:00"), ("destroyed", A, "2026-06-13", "13T03:01")],
        ("created", B, "2026-06-13", "13T03:02"),
    )
    assert stated_key(GOOD, date(2026, 6, 13)) == StatedKey(date(2026, 6, 13), A, A * 4, "2026-06-13T03:00:00Z")
    assert stated_key(again, date(2026, 6, 13)).key_id == B
    with pytest.raises(InputError, match="privacy day 2026-06-15, got none"):
        stated_key(GOOD, date(2026, 6, 15))


# Whose a key is


@pytest.mark.parametrize(
    ("lines", "day", "key_id", "commitment", "expected"),
    [
        ([], 13, A, A * 4, ""),
        (GOOD[:2], 13, A, A * 4, ""),
        (GOOD[:4], 15, "c" * 16, "c" * 64, ""),
        (GOOD, 13, "c" * 16, "c" * 64, ""),
        (GOOD[:2], 15, A, "c" * 64, "gave it the key_id of the key of 2026-06-13"),
        (GOOD[:2], 15, "c" * 16, B * 4, "gave it the commitment of the key of 2026-06-14"),
        (GOOD[:2], 14, A, A * 4, "gave it the key_id of the key of 2026-06-13"),
        (GOOD, 15, A, A * 4, "gave it the key_id of the key of 2026-06-13"),
        (GOOD[:2], 13, A, "c" * 64, "gave another key than the one that the log has for it"),
        (GOOD[:2], 13, "c" * 16, A * 4, "gave another key than the one that the log has for it"),
        (GOOD, 13, A, A * 4, "gave it the key_id of a key that was destroyed"),
        (GOOD, 13, "c" * 16, A * 4, "gave it the commitment of a key that was destroyed"),
    ],
)
def test_a_key_has_a_name_and_a_commitment_that_the_log_has_for_no_other(
    lines: list[Line], day: int, key_id: str, commitment: str, expected: str
) -> None:
    given = MasterKey(date(2026, 6, day), key_id, commitment, "2026-06-13T03:00:00Z", bytes(32))
    assert not_its_own(lines, given) == expected


# The file


def key(day: int, key_id: str, at: str = "2026-06-13T03:00:00Z") -> MasterKey:
    return MasterKey(date(2026, 6, day), key_id, key_id * 4, at, bytes(32))


@pytest.fixture
def log(tmp_path: Path) -> KeyLog:
    return log_beside(tmp_path / "keys")


@given(events=st.lists(st.tuples(st.sampled_from(["created", "used", "destroyed"]), st.integers(1, 3)), max_size=12))
def test_whatever_is_asked_in_order_makes_a_sound_log(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int]]
) -> None:
    log = KeyLog(tmp_path_factory.mktemp("log") / "key_log.jsonl")
    alive: dict[int, MasterKey] = {}
    for number, (event, day) in enumerate(events):
        with log.held() as held:
            if event == "created" and not any(line.day == f"2026-06-{day:02d}" for line in held.lines):
                alive[day] = key(day, f"{number:016x}", "2100-01-01T00:00:00Z")
                held.created(alive[day], STORAGE)
                held.created(alive[day], STORAGE)
            elif event == "used" and day in alive:
                held.used(alive[day], STORAGE)
            elif event == "destroyed":
                held.destroyed(f"2026-06-{day:02d}", STORAGE, "why")
                held.destroyed(f"2026-06-{day:02d}", STORAGE, "why")
                alive.pop(day, None)
            assert held.open_days() == {f"2026-06-{day:02d}" for day in alive}
    assert list(problems(read(log.content()))) == []


@pytest.mark.parametrize("torn", [1, 40, -1])
def test_a_line_that_a_killed_writer_left_unfinished_is_removed(log: KeyLog, torn: int) -> None:
    with log.held() as held:
        held.created(key(13, A), STORAGE)
    whole = log.content()
    log.path.write_bytes(whole + whole[:torn])
    assert log.content() == whole
    with log.held() as held:
        held.destroyed("2026-06-13", STORAGE, "why")
    assert log.content().startswith(whole)
    assert [line.event for line in read(log.content())] == ["created", "destroyed"]
    assert list(problems(read(log.content()))) == []


def test_a_damaged_log_is_bad_input_and_stays_as_it_is(log: KeyLog) -> None:
    log.path.write_text("notes\n")
    with pytest.raises(InputError), log.held():
        pass
    assert log.path.read_text() == "notes\n"


def test_the_log_is_of_its_owner_alone_and_no_link(log: KeyLog, tmp_path: Path) -> None:
    with log.held():
        pass
    assert log.path.stat().st_mode & 0o777 == 0o600
    log.path.rename(tmp_path / "elsewhere")
    log.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"), log.held():
        pass


def add(path: Path, day: int) -> None:
    with KeyLog(path).held() as held:
        held.created(key(day, f"{day:016x}"), STORAGE)


def test_writers_that_come_at_once_make_one_chain(log: KeyLog) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=add, args=(log.path, day)) for day in range(1, 9)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    lines = read(log.content())
    assert sorted(line.day for line in lines) == [f"2026-06-{day:02d}" for day in range(1, 9)]
    assert list(problems(lines)) == []


def test_a_log_that_was_removed_while_somebody_waited_for_it_is_begun_anew(log: KeyLog) -> None:
    with log.held() as held:
        held.created(key(13, A), STORAGE)
        log.remove()
    with log.held() as held:
        assert isinstance(held, HeldLog)
        assert held.lines == []
        held.created(key(13, B), STORAGE)
    assert [line.key_id for line in read(log.content())] == [B]
