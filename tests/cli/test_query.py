"""`hexaflux query` as it is called: the streams, the formats and the exit codes."""

import csv
import io
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from dashboards.queries import QUERIES
from tests.anonymization.releases import draft, publish, whole_draft
from tests.cli.command import Call, assert_refused

DAY = "2026-06-20"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every indicator, made by hand."""
    return publish(tmp_path_factory.mktemp("sound") / "release", whole_draft())


def expected(release: Path) -> list[tuple]:
    return duckdb.sql(
        f"""SELECT zone_id, origin, devices, people FROM '{release}/attendance_by_origin/date={DAY}/*.parquet'
            WHERE zone_id = 'B' ORDER BY origin"""
    ).fetchall()


def test_an_answer_is_what_the_released_files_say(hexaflux: Call, sound: Path) -> None:
    ran = hexaflux("query", sound, "by_origin", "--zone", "B", "--day", DAY, "--json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    found = [(row["zone_id"], row["value"], row["devices"], row["people"]) for row in told["rows"]]
    assert found == expected(sound)
    assert (told["question"], told["parameters"]) == ("by_origin", {"day": DAY, "zone": "B"})
    assert (told["release_id"], told["test"]) == ("dijon", False)


def test_csv_and_table_say_the_same(hexaflux: Call, sound: Path) -> None:
    asked = ("query", sound, "by_origin", "--param", "zone=B", "--day", DAY, "--format")
    lines = list(csv.DictReader(io.StringIO(hexaflux(*asked, "csv").out)))
    assert [(row["zone_id"], row["value"], int(row["devices"])) for row in lines] == [
        row[:3] for row in expected(sound)
    ]
    table = [line.split() for line in hexaflux(*asked, "table").out.splitlines()]
    assert table == [list(lines[0]), *(list(row.values()) for row in lines)]


@pytest.mark.parametrize("arguments", [["--list", "--json"], ["RELEASE", "--json"]])
def test_without_a_name_the_questions_are_listed(hexaflux: Call, sound: Path, arguments: list[str]) -> None:
    ran = hexaflux("query", *(sound if each == "RELEASE" else each for each in arguments))
    assert (ran.code, ran.err) == (0, "")
    assert [each["name"] for each in json.loads(ran.out)] == list(QUERIES)


def test_the_list_is_in_french_too(hexaflux: Call) -> None:
    assert "De quel âge sont les personnes venues" in hexaflux("query", "--list", "--lang", "fr").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ("Missing argument 'RELEASE'", "--list")),
        (["nowhere", "flows"], ("nowhere: expected the folder of a release, found nothing",)),
        (["RELEASE", "atendance"], ("atendance: expected the name of a question", "did you mean attendance?")),
        (["RELEASE", "attendance", "--zone", "B"], ("attendance: expected day", "--day 2026-06-20")),
        (["RELEASE", "finest", "--zone", "B"], ("finest: zone is none of its parameters",)),
        (["RELEASE", "flows", "--day", "20-06-2026"], ("day: expected a day as YYYY-MM-DD, found '20-06-2026'",)),
        (["RELEASE", "flows", "--day", "2026-07-20"], ("day: expected a day of the release", "2026-06-20, 2026-06-21")),
        (["RELEASE", "coverage", "--zone", "Z"], ("zone: expected a zone of the release, found 'Z'", "21231")),
        (["RELEASE", "flows", "--param", "day"], ("--param day: expected NAME=VALUE",)),
        (["RELEASE", "flows", "--day", DAY, "--param", "day=2026-06-21"], ("day: expected one value, found two",)),
        (["RELEASE", "flows", "--day", DAY, "--format", "xml"], ("'xml' is not one of 'table', 'csv', 'json'",)),
    ],
)
def test_a_wrong_question_is_bad_usage(
    hexaflux: Call, sound: Path, arguments: list[str], words: tuple[str, ...]
) -> None:
    assert_refused(hexaflux("query", *(str(sound) if each == "RELEASE" else each for each in arguments)), 2, *words)


def test_a_release_that_does_not_verify_is_not_asked(hexaflux: Call, sound: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sound, tmp_path / "copy"))
    assert hexaflux("query", copy, "finest").code == 0
    path = copy / "transit" / f"date={DAY}" / "part-0.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    assert_refused(hexaflux("query", copy, "finest"), 1, "does not verify", f"transit/date={DAY}", "hexaflux audit")


def test_a_test_release_answers_with_a_note(hexaflux: Call, tmp_path: Path) -> None:
    content = draft()
    content.test = True
    release = publish(tmp_path / "release", content)
    ran = hexaflux("query", release, "finest", "--format", "csv")
    assert (ran.code, ran.out) == (0, "resolution\n9\n")
    assert ran.err.startswith("Note: Test release.")
    assert hexaflux("query", release, "finest", "--quiet").err == ""


def test_what_was_not_published_is_said_not_to_be_zero(hexaflux: Call, sound: Path) -> None:
    ran = hexaflux("query", sound, "transit", "--zone", "H", "--day", DAY)
    assert (ran.code, ran.out.split()[:3]) == (0, ["window_start", "clock", "zone_id"])
    assert ran.err == "Note: the release has no figure for this; it is not zero\n"


def test_a_folder_of_the_name_of_the_program_is_not_run(
    hexaflux: Call, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards" / "__init__.py").write_text("raise SystemExit('foreign')")
    monkeypatch.chdir(tmp_path)
    assert hexaflux("query", sound, "finest").code == 0
