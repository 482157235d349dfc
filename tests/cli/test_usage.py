"""What the command line says of itself, on which stream, and how it takes a wrong command."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipelines.exports.formats import FORMATS
from pipelines.ingest import Ingestion
from tests.cli.command import Call, Ran, assert_refused, without_census

CONFIG = "hexaflux.toml"
ESCAPE = "\x1b"
COMMANDS = ("run", "simulate", "audit", "score", "export", "dashboard", "query", "demo", "doctor")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], ("Missing argument 'CONFIG'", "hexaflux run --help")),
        (["audit"], ("Missing argument 'RELEASE'", "hexaflux audit --help")),
        (["run", "a.toml", "b.toml"], ("b.toml", "hexaflux run --help")),
        (["run", "--nope"], ("No such option: --nope", "hexaflux run --help")),
        (["run", "a.toml", "--release"], ("'--release' requires an argument",)),
        (["audit", ".", "--format", "xml"], ("'xml' is not one of 'text', 'json', 'html'", "hexaflux audit --help")),
        (["publish"], ("No such command 'publish'", "hexaflux --help")),
        (["--nope"], ("No such option: --nope", "hexaflux --help")),
        (["audit", "nowhere"], ("nowhere: expected the folder of a release, found nothing", "manifest/")),
        (["audit", "pyproject.toml"], ("expected the folder of a release, found a file",)),
        (["audit", ".", "--public-key", "nowhere.pem"], ("nowhere.pem", "public.pem")),
        (["audit", ".", "--head", "12ab"], ("--head: expected 64 hexadecimal digits, found '12ab'",)),
        (["score", "."], ("Missing option '--truth'", "hexaflux score --help")),
        (["score", "nowhere", "--truth", "."], ("nowhere: expected the folder of a release, found nothing",)),
        (["score", ".", "--truth", ".", "--market-share", "2"], ("--market-share", "hexaflux score --help")),
        (["export", ".", "--format", "csv"], ("Missing option '--out'", "hexaflux export --help")),
        (["export", ".", "--out", "new"], ("Missing option '--format'", "hexaflux export --help")),
        (["export", "nowhere", "--format", "csv", "--out", "new"], ("nowhere: expected the folder of a release",)),
        (["export", "tests", "--format", "pdf", "--out", "new"], ("--format pdf: expected one of csv, xlsx, ",)),
    ],
)
def test_a_wrong_command_is_bad_usage(
    hexaflux: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert_refused(hexaflux(*arguments), 2, *words)


def test_a_report_that_cannot_be_written_is_a_system_failure(hexaflux: Call, folder: Path) -> None:
    ran = hexaflux("audit", folder, "--report", folder.parent / "nowhere" / "report.html")
    assert_refused(ran, 4, "nowhere/report.html: the report cannot be written")


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_the_commands_and_the_exit_codes(hexaflux: Call, arguments: list[str]) -> None:
    ran = hexaflux(*arguments)
    assert (ran.code, ran.err) == (0, "")
    said = " ".join(ran.out.split())
    assert all(f" {command} " in said for command in COMMANDS)
    for code in ("0 done", "1 a check failed", "2 usage or bad input", "3 refused for privacy", "130 interrupted"):
        assert code in said


def test_help_of_run_says_what_becomes_of_a_stopped_run(hexaflux: Call) -> None:
    ran = hexaflux("run", "--help")
    said = " ".join(ran.out.replace("│", " ").split())
    assert (ran.code, ran.err) == (0, "")
    for words in ("CONFIG", "goes on where it stopped", "not where the configuration says", "--json", "--quiet"):
        assert words in said


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "score",
            ("RELEASE", "--truth", "--event", "--market-share", "--bounds", "--json", "exit code is 1 if a figure"),
        ),
        ("export", ("RELEASE", "--format", "--out", *FORMATS, "not exported; the exit code is then 1")),
    ],
)
def test_help_of_a_command_names_its_options_and_when_it_ends_with_1(
    hexaflux: Call, command: str, words: tuple[str, ...]
) -> None:
    ran = hexaflux(command, "--help")
    said = " ".join(ran.out.replace("│", " ").split())
    assert (ran.code, ran.err) == (0, "")
    assert [word for word in words if word not in said] == []


def test_the_version_is_one_line(hexaflux: Call) -> None:
    ran = hexaflux("--version")
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"hexaflux \d+\.\d+\.\d+\n", ran.out)


def test_results_are_on_stdout_and_warnings_on_stderr(hexaflux: Call, folder: Path) -> None:
    without_census(folder)
    ran = hexaflux("run", folder / CONFIG)
    assert ran.code == 0
    assert ran.err.splitlines() == ["Warning: people follow one stated factor: 1 per device"]
    assert ran.out.startswith("Rows in 1,000 = accepted ")
    assert "Warning" not in ran.out
    assert f"Verify it with: hexaflux audit {folder / 'release'} --allow-test" in ran.out


def test_quiet_leaves_the_results_alone(hexaflux: Call, folder: Path) -> None:
    without_census(folder)
    ran = hexaflux("run", folder / CONFIG, "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Rows in 1,000 = accepted ")


def test_json_is_all_there_is_on_stdout_and_the_same_on_a_complete_release(hexaflux: Call, folder: Path) -> None:
    first = hexaflux("run", folder / CONFIG, "--json")
    again = hexaflux("run", folder / CONFIG, "--json", "--quiet")
    values, known = json.loads(first.out), json.loads(again.out)
    assert (first.code, again.code, again.err) == (0, 0, "")
    assert values.pop("changed") is True
    assert known.pop("changed") is False
    assert values == known
    parts = (values["accepted"], values["duplicates"], values["rejected"], values["late"])
    assert values["rows_in"] == sum(parts) == 1000
    assert sum(values["rejected_by_reason"].values()) == values["rejected"]


def test_a_path_with_brackets_and_colons_is_printed_as_it_is(hexaflux: Call, folder: Path) -> None:
    release = folder / "[bold]a:smile:[/nothing]"
    ran = hexaflux("run", folder / CONFIG, "--release", release)
    assert ran.code == 0
    assert f"Release: {release}\n" in ran.out


def test_doctor_says_what_is_installed(hexaflux: Call) -> None:
    ran, values = hexaflux("doctor"), json.loads(hexaflux("doctor", "--json").out)
    assert (ran.code, ran.err) == (0, "")
    assert "[engine] workers" in ran.out
    assert {"name", "found", "fine", "remark"} == set(values[0])
    assert {"python", "apache-beam", "memory", "engine", "flink"} <= {finding["name"] for finding in values}


def test_an_interrupted_run_says_how_to_go_on_and_does(
    hexaflux: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ingestion, "ingest", interrupted)
        # The command leaves without waiting for its threads, and would take the tests along.
        patch.setattr(os, "_exit", sys.exit)
        assert_refused(hexaflux("run", folder / CONFIG), 130, "interrupted", "run the same command again")
    assert hexaflux("run", folder / CONFIG).code == 0


def test_an_error_that_nobody_foresaw_is_told_without_its_text(
    hexaflux: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise ValueError("208011234567890")

    monkeypatch.setattr(Ingestion, "ingest", failing)
    ran = hexaflux("run", folder / CONFIG)
    assert_refused(ran, 4, "unexpected ValueError", "HEXAFLUX_DEBUG=1")
    assert "208011234567890" not in ran.err


def terminal(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """What a command writes to a terminal, its two streams in one."""
    ours, theirs = os.openpty()
    done = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:
        pass  # Linux tells the end of a terminal so.
    os.close(ours)
    assert done.wait(120) == 0
    return b"".join(pieces).decode()


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.slow
def test_colour_is_for_terminals_that_want_it(folder: Path, colour: bool) -> None:
    command = [str(Path(sys.executable).with_name("hexaflux")), "run", CONFIG]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        environment.pop(name, None)
    written = terminal(command, folder, environment if colour else environment | {"NO_COLOR": "1"})
    coloured = re.search(rf"{ESCAPE}\[[0-9;]*3[0-9]", written) is not None
    assert coloured == colour
    assert ("Reading events" in written) == colour
    assert (ESCAPE in written) == colour
    assert "Rows in 1,000 = accepted" in written


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["doctor", "--quiet"]])
def test_without_colour_no_escape_is_written_to_a_terminal(tmp_path: Path, arguments: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("hexaflux")), *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "NO_COLOR": "1"}
    written = terminal(command, tmp_path, environment)
    assert ESCAPE not in written
    assert written


def test_an_audit_shows_that_it_works_unless_it_is_to_be_quiet(hexaflux: Call, folder: Path) -> None:
    assert hexaflux("run", folder / CONFIG, "--quiet").code == 0
    command = [str(Path(sys.executable).with_name("hexaflux")), "audit", "release", "--allow-test"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    assert "Verifying" in terminal(command, folder, environment)
    assert "Verifying" not in terminal([*command, "--quiet"], folder, environment)


def test_a_process_of_its_own_writes_no_escape_to_a_pipe(folder: Path) -> None:
    without_census(folder)
    command = [str(Path(sys.executable).with_name("hexaflux")), "run", CONFIG]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert ran.code == 0
    assert ESCAPE not in ran.out + ran.err
    assert ran.err.splitlines() == ["Warning: people follow one stated factor: 1 per device"]
