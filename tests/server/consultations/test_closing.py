"""Closing destroys the key, publishes once, and removes roll and box; killed anywhere, it is run again."""

import csv
import io
import json
from pathlib import Path

import frictionless
import numpy as np
import pytest

from anonymization import atomic
from pipelines.server.consultations import answers as module_of_answers
from pipelines.server.consultations import closing, publication
from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.closing import close_consultation, open_consultation
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import BOX, PUBLISHED, ROLL
from pipelines.server.consultations.words import WORDS
from schemas.errors import PrivacyRefusal, UsageError
from tests.server.consultations.made import OVER, PLAYGROUND, TODAY, changed, give_all, settings

ID = PLAYGROUND.id
COUNTS = np.array([[14, 25, 0], [12, 20, 0], [0, 3, 0]])


@pytest.fixture
def chosen(tmp_path: Path) -> ConsultationSettings:
    return settings(tmp_path)


@pytest.fixture
def opened(answers: Answers, chosen: ConsultationSettings) -> Answers:
    open_consultation(answers, chosen, PLAYGROUND, 11, test=False)
    give_all(answers, COUNTS)
    return answers


def left(answers: Answers) -> list[int]:
    """The rows of roll and box."""
    with answers.store.reading() as connection:
        return [len(connection.execute(table.select()).all()) for table in (ROLL, BOX)]


def test_closing_publishes_destroys_the_key_and_removes_roll_and_box(
    opened: Answers, chosen: ConsultationSettings, tmp_path: Path
) -> None:
    assert chosen.held().exists(PLAYGROUND)
    folder = close_consultation(opened, chosen, ID, OVER)
    assert sorted(path.name for path in folder.iterdir()) == [
        "proof.txt",
        "results.csv",
        "results.json",
        "results.schema.json",
    ]
    assert not chosen.held().exists(PLAYGROUND)
    assert not list(tmp_path.rglob("*.key"))
    assert left(opened) == [0, 0]
    kept = opened.kept(ID)
    assert kept is not None
    assert kept.state == PUBLISHED
    told = json.loads((folder / "results.json").read_text())
    assert (told["status"], told["people"], told["k"], told["suppressed"]) == ("closed", 74, 11, False)
    districts = [(row["members"], row["choices"], row["people"]) for row in told["rows"][:4]]
    assert districts == [
        (["centre"], ["yes"], 14),
        (["centre"], ["no", "none"], 12),
        (["north", "south"], ["yes"], 25),
        (["north", "south"], ["no", "none"], 23),
    ]
    assert told["proof"][-1] == "holds: no unpublished cell can be worked out"


def test_the_csv_is_what_its_table_schema_says_and_what_the_json_tells(
    opened: Answers, chosen: ConsultationSettings
) -> None:
    folder = close_consultation(opened, chosen, ID, OVER)
    schema = frictionless.Schema.from_descriptor(json.loads((folder / "results.schema.json").read_text()))
    with frictionless.system.use_context(trusted=True):
        assert frictionless.Resource(path=str(folder / "results.csv"), schema=schema).validate().valid
    rows = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text())))
    told = json.loads((folder / "results.json").read_text())["rows"]
    assert [row["members"].split("|") for row in rows] == [row["members"] for row in told]
    assert [int(row["people"]) for row in rows] == [row["people"] for row in told]


def test_fewer_people_than_k_are_told_as_fewer_than_k(answers: Answers, chosen: ConsultationSettings) -> None:
    open_consultation(answers, chosen, PLAYGROUND, 11, test=False)
    give_all(answers, np.array([[10, 0, 0], [0, 0, 0], [0, 0, 0]]))
    told = json.loads((close_consultation(answers, chosen, ID, OVER) / "results.json").read_text())
    assert (told["people"], told["suppressed"], told["rows"]) == (None, True, [])
    assert "10" not in (chosen.publications / ID / "proof.txt").read_text()


def test_a_consultation_that_goes_on_is_closed_early_only_if_asked(
    opened: Answers, chosen: ConsultationSettings
) -> None:
    with pytest.raises(UsageError, match="goes on until"):
        close_consultation(opened, chosen, ID, PLAYGROUND.closes)
    assert chosen.held().exists(PLAYGROUND)
    assert close_consultation(opened, chosen, ID, TODAY, early=True).is_dir()


def test_nothing_is_published_twice_or_opened_again(opened: Answers, chosen: ConsultationSettings) -> None:
    close_consultation(opened, chosen, ID, OVER)
    with pytest.raises(UsageError, match="one that is published"):
        close_consultation(opened, chosen, ID, OVER)
    with pytest.raises(UsageError, match="expected a new consultation"):
        open_consultation(opened, chosen, PLAYGROUND, 11, test=False)


def test_with_another_database_the_register_still_knows(opened: Answers, chosen: ConsultationSettings) -> None:
    close_consultation(opened, chosen, ID, OVER)
    with opened.store.writing() as connection:
        for table in reversed(BOX.metadata.sorted_tables):
            connection.execute(table.delete())
    for definition in (PLAYGROUND, changed(youngest=18)):
        with pytest.raises(PrivacyRefusal, match="not opened before"):
            open_consultation(opened, chosen, definition, 11, test=False)
    assert not chosen.held().exists(PLAYGROUND)


def test_a_consultation_for_trying_says_so_in_its_results_and_is_not_in_the_register(
    answers: Answers, chosen: ConsultationSettings
) -> None:
    open_consultation(answers, chosen, PLAYGROUND, 2, test=True)
    give_all(answers, COUNTS)
    folder = close_consultation(answers, chosen, ID, OVER)
    assert (folder / "proof.txt").read_text().splitlines()[:2] == [WORDS["test"].en, WORDS["test"].fr]
    assert json.loads((folder / "results.json").read_text())["test"] is True
    assert json.loads((folder / "results.schema.json").read_text())["description"].startswith("TEST: ")
    assert not chosen.register.exists()
    assert left(answers) == [0, 0]


def test_a_consultation_that_counts_says_nothing_of_trying(opened: Answers, chosen: ConsultationSettings) -> None:
    folder = close_consultation(opened, chosen, ID, OVER)
    assert not [path.name for path in folder.iterdir() if "TEST" in path.read_text()]
    assert len(chosen.register.read_text().splitlines()) == 3


def test_a_consultation_for_trying_and_one_that_counts_have_names_of_their_own(
    opened: Answers, chosen: ConsultationSettings
) -> None:
    trial = changed(id="trial")
    open_consultation(opened, chosen, trial, 2, test=True)
    close_consultation(opened, chosen, trial.id, OVER)
    close_consultation(opened, chosen, ID, OVER)
    with opened.store.writing() as connection:
        for table in reversed(BOX.metadata.sorted_tables):
            connection.execute(table.delete())
    for definition, test in ((trial, False), (trial, True), (PLAYGROUND, True)):
        with pytest.raises(UsageError, match="a name that no other consultation had"):
            open_consultation(opened, chosen, definition, 11, test=test)
    assert "trial" not in chosen.register.read_text()


def test_a_closing_for_trying_that_breaks_off_before_its_end_is_run_again(
    answers: Answers, chosen: ConsultationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_consultation(answers, chosen, PLAYGROUND, 2, test=True)
    give_all(answers, COUNTS)

    def broken(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module_of_answers, "_compact", broken)
        with pytest.raises(KeyboardInterrupt):
            close_consultation(answers, chosen, ID, OVER)
    assert left(answers) == [0, 0]
    folder = close_consultation(answers, chosen, ID, OVER)
    assert json.loads((folder / "results.json").read_text())["people"] == 74


STEPS = (
    (closing.register, "enter"),
    (ConsultationSettings, "held"),
    (closing, "files_of"),
    (closing, "publish"),
    (publication.os, "rename"),
    (atomic, "write_bytes"),
    (Answers, "forget"),
)


@pytest.mark.parametrize(("module", "name"), STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("after", [False, True])
def test_a_closing_that_breaks_off_is_run_again_to_the_same_results(
    opened: Answers,
    chosen: ConsultationSettings,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    after: bool,
) -> None:
    called = getattr(module, name)

    def broken(*given: object, **named: object) -> None:
        if after:
            called(*given, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        with pytest.raises(KeyboardInterrupt):
            close_consultation(opened, chosen, ID, OVER)
    folder = chosen.publications / ID
    if not after or name != "forget":
        close_consultation(opened, chosen, ID, OVER)
    assert json.loads((folder / "results.json").read_text())["people"] == 74
    assert left(opened) == [0, 0]
    assert not chosen.held().exists(PLAYGROUND)
    assert len(chosen.register.read_text().splitlines()) == 3


def test_results_that_somebody_changed_are_not_replaced(opened: Answers, chosen: ConsultationSettings) -> None:
    (chosen.publications / ID).mkdir(parents=True)
    (chosen.publications / ID / "results.json").write_text("{}")
    with pytest.raises(PrivacyRefusal, match="found others"):
        close_consultation(opened, chosen, ID, OVER)
    assert left(opened) != [0, 0]
