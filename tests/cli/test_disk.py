"""What a user meets whose disk is full, or whose files this account may not read or write."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from anonymization.signing import signing_key
from tests.cli.command import Call, Ran, assert_refused, edit, identifiers, without_test_section
from tests.cli.small_disk import READ_ONLY
from tests.paths import ROOT

CONFIG = "hexaflux.toml"
NOBODY = 65534
# From a disk that takes no state at all to one that takes all but the last files of the release.
SIZES = ("8k", "64k", "160k")
ENOUGH = "64m"


def namespace() -> list[str]:
    """The start of a command that may mount a disk of its own; without such a right the test is skipped."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        try:
            tried = subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
        except FileNotFoundError:
            break
        if tried.returncode == 0:
            return words
    pytest.skip("a full disk needs a mount namespace (unshare --mount), which this account or system does not give")


@pytest.fixture(scope="module")
def outcomes(input_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What happened on each disk."""
    folder = Path(shutil.copytree(input_template, tmp_path_factory.mktemp("disks") / "input"))
    sizes = (*SIZES, ENOUGH, READ_ONLY)
    command = [*namespace(), sys.executable, "-m", "tests.cli.small_disk", str(folder / CONFIG), str(folder.parent)]
    done = subprocess.run([*command, *sizes], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, object]] = json.loads(done.stdout)
    return found


def ran(found: object) -> Ran:
    assert isinstance(found, list)
    return Ran(*found)


@pytest.mark.parametrize("size", [*SIZES, READ_ONLY])
def test_a_run_that_the_disk_stopped_goes_on_when_there_is_space(
    outcomes: dict[str, dict[str, object]], input_template: Path, size: str
) -> None:
    outcome = outcomes[size]
    first = ran(outcome["first"])
    reason = "Read-only file system" if size == READ_ONLY else "no space left on the disk"
    assert_refused(first, 4, reason, "run the same command again")
    assert [name for name in identifiers(input_template) if name in first.err] == []
    assert outcome["left"] in (["release.work"], ["release", "release.work"])
    assert ran(outcome["second"]).code == 0, outcome["second"]
    assert ran(outcome["audited"]).code == 0, outcome["audited"]
    assert ran(outcomes[ENOUGH]["first"]).code == 0
    assert outcome["tables"] == outcomes[ENOUGH]["tables"] != {}
    assert outcome["temporary"] == []


def test_a_release_below_a_file_cannot_be_written(hexaflux: Call, folder: Path) -> None:
    edit(folder / CONFIG, '"release"', '"cells.csv/release"')
    before = sorted(folder.iterdir())
    assert_refused(hexaflux("run", folder / CONFIG), 4, "cells.csv", "expected a folder, got a file")
    assert sorted(folder.iterdir()) == before


def test_a_file_in_the_place_of_the_working_directory_is_left_alone(hexaflux: Call, folder: Path) -> None:
    (folder / "release.work").write_bytes(b"years of work")
    assert_refused(hexaflux("run", folder / CONFIG), 4, "release.work", "expected a folder, got a file")
    assert (folder / "release.work").read_bytes() == b"years of work"


@pytest.fixture
def open_folder(input_template: Path, tmp_path: Path, hexaflux: Call) -> Iterator[Path]:
    """A good input folder in which any account may work."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder = Path(shutil.copytree(input_template, Path(place) / "input"))
        # One run beforehand imports everything: other accounts may not be able to read the interpreter's library.
        assert hexaflux("run", folder / CONFIG, "--release", tmp_path / "release").code == 0
        (folder / "signing_key.pem").unlink()
        folder.chmod(0o777)
        yield folder


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """As an account that owns nothing here: root may read and write everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        if not all(os.access(path, os.R_OK | os.X_OK, effective_ids=True) for path in (ROOT, folder)):
            pytest.skip("the account `nobody` cannot reach the repository or the folder of the test")
        yield
    finally:
        os.seteuid(0)


def test_a_folder_without_permission_to_write_is_a_system_failure(hexaflux: Call, open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with as_somebody_else(open_folder):
        failed = hexaflux("run", open_folder / CONFIG)
    assert_refused(failed, 4, "release.work", "Permission denied")
    assert not (open_folder / "release.work").exists()
    open_folder.chmod(0o777)


@pytest.mark.parametrize("name", ["subscribers.parquet", "cells.csv", "events/part-0001.parquet"])
def test_an_input_that_may_not_be_read_is_a_system_failure_to_go_on_from(
    hexaflux: Call, open_folder: Path, name: str
) -> None:
    (open_folder / name).chmod(0o000)
    with as_somebody_else(open_folder):
        failed = hexaflux("run", open_folder / CONFIG)
        assert_refused(failed, 4, Path(name).name, "Permission denied")
    (open_folder / name).chmod(0o644)
    assert hexaflux("run", open_folder / CONFIG).code == 0


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_signing_key_that_others_can_read_is_refused_before_the_work(hexaflux: Call, folder: Path, mode: int) -> None:
    key = folder / "signing_key.pem"
    signing_key(key)
    key.chmod(mode)
    assert_refused(hexaflux("run", folder / CONFIG), 4, "signing_key.pem", f"mode {mode:o}", "chmod 600")
    assert not (folder / "release").exists()
    assert not (folder / "release.work" / "keys").exists()
    key.chmod(0o600)
    assert hexaflux("run", folder / CONFIG).code == 0


def test_a_signing_key_that_is_none_is_not_replaced(hexaflux: Call, folder: Path) -> None:
    (folder / "signing_key.pem").write_bytes(b"not a key")
    (folder / "signing_key.pem").chmod(0o600)
    assert_refused(hexaflux("run", folder / CONFIG), 4, "signing_key.pem", "Ed25519", "restore the file")
    assert (folder / "signing_key.pem").read_bytes() == b"not a key"


def test_a_folder_in_the_place_of_the_register_of_publications_is_a_system_failure(
    hexaflux: Call, folder: Path
) -> None:
    without_test_section(folder)
    (folder / "publications.jsonl").mkdir()
    assert_refused(hexaflux("run", folder / CONFIG), 4, "publications.jsonl", "directory")
    assert not (folder / "release").exists()
    (folder / "publications.jsonl").rmdir()
    assert hexaflux("run", folder / CONFIG).code == 0


@pytest.mark.parametrize("what", ["key", "folder"])
def test_a_day_key_that_others_can_read_is_refused(hexaflux: Call, folder: Path, what: str) -> None:
    stopped_half_way(hexaflux, folder)
    keys = folder / "release.work" / "keys"
    key = next(keys.glob("*.key"))
    (key if what == "key" else keys).chmod(0o755)
    failed = hexaflux("run", folder / CONFIG)
    assert_refused(failed, 4, key.name if what == "key" else "keys", "got mode 0755", "chmod")
    (key if what == "key" else keys).chmod(0o600 if what == "key" else 0o700)
    assert hexaflux("run", folder / CONFIG).code == 0


def test_a_damaged_state_is_told_and_left_alone(hexaflux: Call, folder: Path) -> None:
    stopped_half_way(hexaflux, folder)
    (folder / "release.work" / "state.json").write_bytes(b"{}")
    assert_refused(hexaflux("run", folder / CONFIG), 4, "state.json", "the state of a run")
    assert (folder / "release.work" / "state.json").read_bytes() == b"{}"


def stopped_half_way(hexaflux: Call, folder: Path) -> None:
    """Leave a working directory with a day that is read and not published."""
    edit(folder / CONFIG, "[release]\n", '[release]\nsigning_key = "late/key.pem"\n')
    (folder / "late").write_bytes(b"")
    assert hexaflux("run", folder / CONFIG).code == 4
    (folder / "late").unlink()
