"""The first answer of a person counts, once, apart from who gave it; on both databases."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql

from pipelines.server.consultations.answers import COMPANY, Answer, Answers, company
from pipelines.server.consultations.nullifiers import Keys
from pipelines.server.consultations.tables import BOX, ROLL
from schemas.errors import CheckFailed, SystemFailure, UsageError
from tests.server.consultations.made import PLAYGROUND, answer, changed, person
from tests.server.consultations.people import DOCUMENTS, card, old_card, passport

ID = PLAYGROUND.id


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    found = Keys(tmp_path / "keys", on_disk=True)
    found.create(PLAYGROUND)
    return found


@pytest.fixture
def opened(answers: Answers) -> Iterator[Answers]:
    answers.open(PLAYGROUND, 20, test=False)
    return answers


def counted(answers: Answers, consultation: str = ID) -> dict[tuple[str, str, str], int]:
    """What the box has counted."""
    with answers.store.reading() as connection:
        rows = connection.execute(sql.select(BOX).where(BOX.c.consultation == consultation, BOX.c.people > 0)).all()
    return {(row.choice, row.district, row.age_band): row.people for row in rows}


def on_roll(answers: Answers, consultation: str = ID) -> list[bytes]:
    """The roll as the database gives it."""
    with answers.store.reading() as connection:
        return list(
            connection.execute(sql.select(ROLL.c.nullifier).where(ROLL.c.consultation == consultation)).scalars()
        )


def test_all_documents_of_a_person_count_once_and_the_first_answer_stands(opened: Answers, keys: Keys) -> None:
    given = [
        opened.give(ID, answer(keys, written(person(1)), choice))
        for written, choice in zip(DOCUMENTS, ("yes", "no", "no", "none"), strict=True)
    ]
    assert given == [True, False, False, False]
    assert counted(opened) == {("yes", "centre", "40-59"): 1}
    assert len(on_roll(opened)) == 1


def test_another_person_counts_too(opened: Answers, keys: Keys) -> None:
    assert [opened.give(ID, answer(keys, passport(person(number)))) for number in (1, 2, 1)] == [True, True, False]
    assert len(on_roll(opened)) == sum(counted(opened).values()) == 2


def test_two_consultations_share_no_nullifier_and_no_count(opened: Answers, keys: Keys) -> None:
    other = changed(id="library")
    keys.create(other)
    opened.open(other, 20, test=False)
    first, second = (keys.person(each, passport(person(1))).nullifier for each in (PLAYGROUND, other))
    assert first != second
    assert opened.give(ID, Answer(first, "yes", "north", "25-39")) is True
    assert opened.give(other.id, Answer(second, "no", "south", "25-39")) is True
    assert (on_roll(opened), on_roll(opened, other.id)) == ([first], [second])
    assert counted(opened) == {("yes", "north", "25-39"): 1}
    assert counted(opened, other.id) == {("no", "south", "25-39"): 1}


def test_of_50_answers_of_one_person_at_once_one_counts(opened: Answers, keys: Keys) -> None:
    offered = [answer(keys, card(person(1)), ("yes", "no", "none")[number % 3]) for number in range(50)]
    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(lambda each: opened.give(ID, each), offered))
    assert sorted(given) == [False] * 49 + [True]
    assert sum(counted(opened).values()) == len(on_roll(opened)) == 1


def test_50_people_who_answer_at_once_all_count(opened: Answers, keys: Keys) -> None:
    offered = [answer(keys, old_card(person(number))) for number in range(50)]
    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(lambda each: opened.give(ID, each), offered))
    assert given == [True] * 50
    assert sum(counted(opened).values()) == len(on_roll(opened)) == 50


def test_a_closed_or_unknown_consultation_takes_no_answer(opened: Answers, keys: Keys) -> None:
    own = answer(keys, passport(person(1)))
    opened.close(ID)
    assert opened.give(ID, own) is None
    assert opened.give("unknown", own) is None
    assert on_roll(opened) == []


def test_without_its_key_nobody_is_known(keys: Keys) -> None:
    first = keys.person(PLAYGROUND, passport(person(1))).nullifier
    keys.destroy(PLAYGROUND)
    assert not keys.exists(PLAYGROUND)
    with pytest.raises(SystemFailure):
        keys.person(PLAYGROUND, passport(person(1)))
    keys.create(PLAYGROUND)
    assert keys.person(PLAYGROUND, passport(person(1))).nullifier != first


def test_a_key_in_memory_leaves_nothing_on_the_disk_and_is_gone_with_its_destruction(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.create(PLAYGROUND)
    (link,) = (tmp_path / "keys").rglob("keys")
    where = link.resolve()
    assert [path.name for path in where.iterdir()] == [f"{PLAYGROUND.opens}.key"]
    keys.destroy(PLAYGROUND)
    assert not where.exists()
    assert [path.name for path in (tmp_path / "keys").rglob("*") if path.is_file()] == ["key_log.jsonl"]


def test_a_consultation_is_opened_once(opened: Answers) -> None:
    with pytest.raises(UsageError, match="expected a new consultation"):
        opened.open(PLAYGROUND, 20, test=False)


def test_the_box_of_an_open_consultation_is_not_told(opened: Answers) -> None:
    with pytest.raises(UsageError, match="expected a closed consultation"):
        opened.box(ID, PLAYGROUND)


def test_a_box_of_another_size_than_the_roll_is_refused(opened: Answers, keys: Keys) -> None:
    opened.give(ID, answer(keys, passport(person(1))))
    with opened.store.writing() as connection:
        connection.execute(ROLL.delete())
    opened.close(ID)
    with pytest.raises(CheckFailed, match="as many answers as the roll"):
        opened.box(ID, PLAYGROUND)


def test_neither_roll_nor_box_has_a_column_of_time_or_order() -> None:
    assert [column.name for column in ROLL.columns] == ["consultation", "nullifier"]
    assert [column.name for column in BOX.columns] == ["consultation", "choice", "district", "age_band", "people"]


def dumped(answers: Answers) -> list[tuple[object, ...]]:
    """All rows as the database gives them where no order is asked for."""
    with answers.store.reading() as connection:
        return [tuple(row) for table in (ROLL, BOX) for row in connection.execute(sql.text(f"SELECT * FROM {table}"))]


def test_the_order_of_arrival_does_not_change_what_is_dumped(answers: Answers, keys: Keys) -> None:
    offered = [answer(keys, passport(person(number)), ("yes", "no")[number % 2]) for number in range(12)]
    found = []
    for seed in range(3):
        random.Random(seed).shuffle(offered)
        if seed:
            answers.forget(ID)
            with answers.store.writing() as connection:
                connection.execute(sql.text("DELETE FROM consultations"))
        answers.open(PLAYGROUND, 20, test=False)
        for each in offered:
            answers.give(ID, each)
        found.append(dumped(answers))
    rolls = [[row for row in each if len(row) == 2] for each in found]
    assert rolls[0] == rolls[1] == rolls[2] != []
    # Where PostgreSQL puts the counters, which are written all alike, is its own affair.
    assert set(found[0]) == set(found[1]) == set(found[2])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite keeps no such number in a row.
def test_all_counters_are_of_the_last_transaction_and_a_new_name_is_among_others(opened: Answers, keys: Keys) -> None:
    for number in range(50):
        opened.give(ID, answer(keys, passport(person(number))))
    with opened.store.reading() as connection:
        counters = connection.execute(sql.text("SELECT DISTINCT xmin::text FROM consultation_box")).all()
        last = connection.execute(
            sql.text("SELECT count(*) FROM consultation_roll WHERE xmin::text = :last"), {"last": counters[0][0]}
        ).scalar_one()
    assert len(counters) == 1
    assert last >= COMPANY // 2


def test_a_name_is_at_any_place_among_at_least_16_that_are_written_with_it(opened: Answers) -> None:
    names = [bytes([number, *range(31)]) for number in range(200)]
    with opened.store.writing() as connection:
        connection.execute(ROLL.insert(), [{"consultation": ID, "nullifier": each} for each in names])
        written = [company(connection, ID, each) for each in names]
    assert min(len(each) for each in written) >= COMPANY // 2
    # How many of the names next before it are written too, in a ring: 0 to 15 alike, so one in 16 is the first.
    before = [
        next(count for count in range(200) if names[number - count - 1] not in each)
        for number, each in enumerate(written)
    ]
    assert set(range(16)) <= set(before)
    assert before.count(0) < 40


def test_an_answer_that_does_not_count_writes_what_one_that_counts_writes(opened: Answers, keys: Keys) -> None:
    seen: list[list[str]] = []
    sql.event.listen(opened.store.engine, "before_cursor_execute", lambda *given: seen[-1].append(given[2]))
    for _ in range(2):
        seen.append([])
        opened.give(ID, answer(keys, passport(person(1))))
    assert seen[0] == seen[1]
    assert any("UPDATE consultation_box" in statement for statement in seen[0])
