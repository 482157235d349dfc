"""Nothing of a document is left in any file, in any form; and what is deleted is not in the database's files."""

import contextlib
import itertools
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from pipelines.server.consultations.answers import Answer, Answers
from pipelines.server.consultations.closing import close_consultation, open_consultation
from pipelines.server.consultations.definition import load
from pipelines.server.consultations.identity import canonical
from pipelines.server.consultations.mrz import read
from pipelines.server.consultations.tables import BOX, CLOSED, ROLL, TABLES
from pipelines.server.store import open_store
from schemas.errors import SystemFailure
from tests.privacy.haystack import pieces, search
from tests.privacy.needles import Needle, of_identifier
from tests.server import made as served
from tests.server.consultations.made import FILE, OVER, PLAYGROUND, changed, configuration, give_all, person, settings
from tests.server.consultations.people import card, old_card, passport
from tests.server.postgres import Postgres

NUMBERS = ("75XK90017", "Q4RTBPFW9", "940692318877")
FEW = 8
"""Bytes that are no coincidence."""


def texts(number: int) -> set[str]:
    """What documents of a person say: whole lines, names, numbers, and the canonical identity."""
    own = person(number)
    written = [passport(own, NUMBERS[0]), card(own, NUMBERS[1]), old_card(own, NUMBERS[2])]
    lines = {line for text in written for line in text.splitlines()}
    names = {f"{own.surname}<<{own.given}", f"{own.surname} {own.given}", canonical(read(written[0]))}
    return {*written, *lines, *NUMBERS, *names, *(text.replace("\n", "") for text in written)}


def needles() -> list[Needle]:
    """All forms of what documents of some people say; also in small letters, backwards, and hashed without a key."""
    said = set(itertools.chain.from_iterable(texts(number) for number in range(3)))
    cased = {form for text in said for form in (text, text.lower(), text[::-1])}
    return [needle for text in sorted(cased) for needle in of_identifier(text) if len(needle.pattern) >= FEW]


def found_in(folders: list[Path]) -> list[tuple[str, str]]:
    return search([piece for piece in pieces(folders) if piece[1]], needles())


def answer_all(config: Path, lines: list[dict[str, object]]) -> None:
    """Three people answer with each of three documents, and some of them wrongly."""
    with served.client(config, lines) as client:
        for number, written in itertools.product(range(3), (passport, card, old_card)):
            own = {"choice": "yes", "district": "north"}
            text = written(person(number), NUMBERS[(passport, card, old_card).index(written)])
            answered = client.post("/consultations/playground/answers", json=own | {"mrz": text})
            assert answered.status_code == 200
            for wrong in ({"mrz": text[:-1]}, {"mrz": text, "choice": "perhaps"}, {"mrz": text * 9}):
                refused = client.post("/consultations/playground/answers", json=own | wrong)
                assert refused.status_code == 400
                shown = client.post("/consultations/playground", data=own | wrong)
                assert person(number).surname not in refused.text + shown.text
            client.get("/consultations/playground", params={"lang": "fr"})


@pytest.fixture
def folder(tmp_path: Path, database: str) -> Path:
    """A folder in which a consultation is open, and people have answered; its log of access too."""
    config = configuration(tmp_path, database)
    store = open_store(database, tmp_path)
    store.create(TABLES)
    open_consultation(Answers(store), settings(tmp_path), PLAYGROUND, 11, test=False)
    lines: list[dict[str, object]] = []
    answer_all(config, lines)
    (tmp_path / "log.txt").write_text("\n".join(map(str, lines)), encoding="utf-8")
    return tmp_path


def searched(folder: Path, request: pytest.FixtureRequest) -> list[Path]:
    """Where the server may have written: its folder, and all files of PostgreSQL, also its log of changes."""
    if "postgresql" not in request.node.name:
        return [folder]
    server: Postgres = request.getfixturevalue("postgresql")
    return [folder, server.folder]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_no_file_holds_anything_of_a_document_before_or_after_closing(
    folder: Path, database: str, request: pytest.FixtureRequest
) -> None:
    assert found_in(searched(folder, request)) == []
    store = open_store(database, folder)
    close_consultation(Answers(store), settings(folder), PLAYGROUND.id, OVER)
    assert found_in(searched(folder, request)) == []
    store.close()


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    own = person(1)
    (tmp_path / "a.txt").write_text(f"x{own.surname}<<{own.given}".lower())
    (tmp_path / "b.bin").write_bytes(b"..." + NUMBERS[0].encode().hex().encode())
    assert {where for _, where in found_in([tmp_path])} == {"a.txt", "b.bin"}


def test_after_closing_no_nullifier_is_in_the_files_of_sqlite(tmp_path: Path) -> None:
    config = configuration(tmp_path, str(tmp_path / "server.db"))
    store = open_store("server.db", tmp_path)
    store.create(TABLES)
    chosen = settings(tmp_path)
    open_consultation(Answers(store), chosen, PLAYGROUND, 11, test=False)
    nullifiers = [chosen.held().person(PLAYGROUND, passport(person(number))).nullifier for number in range(3)]
    answer_all(config, [])
    assert all(any(each in data for _, data in pieces([tmp_path])) for each in nullifiers)
    close_consultation(Answers(store), chosen, PLAYGROUND.id, OVER)
    assert not any(each in data for each in nullifiers for _, data in pieces([tmp_path]))
    store.close()


def impatient(connection: DBAPIConnection, _: object) -> None:
    connection.cursor().execute("PRAGMA busy_timeout = 50")


def test_a_closing_while_somebody_reads_the_log_of_sqlite_fails_and_is_repeated(tmp_path: Path) -> None:
    store = open_store("server.db", tmp_path)
    event.listen(store.engine, "connect", impatient)
    store.close()
    store.create(TABLES)
    answers, chosen = Answers(store), settings(tmp_path)
    open_consultation(answers, chosen, PLAYGROUND, 11, test=False)
    nullifier = chosen.held().person(PLAYGROUND, passport(person(1))).nullifier
    answers.give(PLAYGROUND.id, Answer(nullifier, "yes", "north", "40-59"))
    with contextlib.closing(sqlite3.connect(tmp_path / "server.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM consultation_box").fetchone()
        with pytest.raises(SystemFailure, match="expected nobody who reads it"):
            close_consultation(answers, chosen, PLAYGROUND.id, OVER)
    kept = answers.kept(PLAYGROUND.id)
    assert kept is not None
    assert kept.state == CLOSED
    close_consultation(answers, chosen, PLAYGROUND.id, OVER)
    assert not any(nullifier in data for _, data in pieces([tmp_path]))
    store.close()


def kept_by_the_planner(answers: Answers) -> list[tuple[str, str]]:
    """The columns of roll and box of which PostgreSQL keeps values, once it has looked at them."""
    with answers.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        found = connection.execute(text("SELECT tablename, attname FROM pg_stats"))
        return [tuple(row) for row in found if row.tablename in (ROLL.name, BOX.name)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite keeps none unless it is asked.
@pytest.mark.parametrize("asked", [False, True], ids=["as made", "asked for"])
def test_the_planner_of_postgresql_keeps_no_nullifier_and_no_counter(
    answers: Answers, tmp_path: Path, asked: bool
) -> None:
    open_consultation(answers, settings(tmp_path), PLAYGROUND, 11, test=False)
    open_consultation(answers, settings(tmp_path), changed(id="library"), 11, test=False)
    if asked:
        with answers.store.writing() as connection:
            for column in (*ROLL.columns, *BOX.columns):
                connection.execute(text(f"ALTER TABLE {column.table} ALTER {column.name} SET STATISTICS 100"))
    give_all(answers, np.array([[14, 25, 0], [12, 20, 0], [0, 3, 0]]))
    give_all(answers, np.array([[3, 0, 0], [0, 5, 0], [0, 0, 0]]), changed(id="library"))
    assert bool(kept_by_the_planner(answers)) == asked
    close_consultation(answers, settings(tmp_path), PLAYGROUND.id, OVER)
    assert kept_by_the_planner(answers) == []


def test_the_file_of_a_consultation_is_what_the_tests_ask(tmp_path: Path) -> None:
    (tmp_path / "playground.toml").write_text(FILE, encoding="utf-8")
    assert load(tmp_path / "playground.toml") == PLAYGROUND
