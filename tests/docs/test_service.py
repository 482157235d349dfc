"""The unit for systemd and the container file say what the command does."""

import configparser
import os
import shlex
from dataclasses import fields
from pathlib import Path

import typer.main

from pipelines.cli import app
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.reports.settings import ReportsSettings
from schemas.errors import InputError, PrivacyRefusal, SystemFailure, UsageError
from tests.follow.delivered import QUIET, deliver, place, town
from tests.paths import ROOT

EXAMPLES = ROOT / "docs" / "examples"


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((EXAMPLES / "hexaflux.service").read_text(encoding="utf-8"))
    return unit["Service"]


def options_of(command: str) -> set[str]:
    found = typer.main.get_command(app)
    return {name for option in found.commands[command].params for name in option.opts}  # type: ignore[attr-defined]


def test_the_unit_calls_the_command_with_options_that_it_has() -> None:
    program, command, config, *options = shlex.split(service()["ExecStart"])
    assert program.endswith("/.venv/bin/hexaflux")
    assert command == "follow"
    assert config.endswith(".toml")
    assert {each for each in options if each.startswith("--")} <= options_of("follow")


def test_the_unit_stays_down_where_people_are_needed_and_starts_again_after_a_failure_of_the_machine() -> None:
    stays = {int(code) for code in service()["RestartPreventExitStatus"].split()}
    assert stays == {UsageError.exit_code, InputError.exit_code, PrivacyRefusal.exit_code}
    assert SystemFailure.exit_code not in stays
    assert service()["Restart"] == "on-failure"


def test_a_signal_to_stop_reaches_the_follower_and_not_its_key_service() -> None:
    assert service()["KillMode"] == "mixed"
    assert int(service()["TimeoutStopSec"]) >= 60


def test_what_the_unit_may_write_is_not_where_the_configuration_stands() -> None:
    config = shlex.split(service()["ExecStart"])[2]
    assert service()["ProtectSystem"] == "strict"
    assert not config.startswith(service()["ReadWritePaths"])


def test_the_unit_of_the_server_names_every_path_of_consultations_and_reports() -> None:
    told = (EXAMPLES / "hexaflux-server.service").read_text(encoding="utf-8")
    paths = {
        each.name for kind in (ConsultationSettings, ReportsSettings) for each in fields(kind) if each.type is Path
    }
    assert {"keys", "photos"} <= paths
    assert {name for name in paths if f"`{name}`" not in told} == set()


def test_under_the_mask_of_the_unit_others_read_the_release_and_nothing_beside_it(tmp_path: Path) -> None:
    given = town(tmp_path / "town", events=5_000)
    to = place(tmp_path / "place", given)
    deliver(to, given.events, "all")
    mask = os.umask(int(service()["UMask"], 8))
    try:
        run(load(to.config), QUIET)
    finally:
        os.umask(mask)
    released = [to.release, *to.release.rglob("*")]
    assert len(released) > 20
    assert {path.stat().st_mode & 0o777 for path in released if path.is_dir()} == {0o755}
    assert {path.stat().st_mode & 0o777 for path in released if path.is_file()} == {0o644}
    configuration = load(to.config)
    assert (to.folder / "release.work").stat().st_mode & 0o777 == 0o700
    assert configuration.release.signing_key.stat().st_mode & 0o777 == 0o600


def test_the_container_file_copies_all_packages_and_calls_the_command() -> None:
    text = (EXAMPLES / "Containerfile").read_text(encoding="utf-8")
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    copied = {line.split()[1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line}
    assert packages <= copied
    assert 'ENTRYPOINT ["hexaflux"]' in text
    assert "--ipc=host" in text
