"""Files of a manifest that claim to be huge: sparse, so that they take no disk, and refused before they are read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from anonymization import limits
from anonymization.audit import audit
from anonymization.checks.french import in_french
from anonymization.manifest import HEAD, KEY_LOG, PUBLIC_KEY
from anonymization.signing import load_public, public_pem
from tests.anonymization import releases as r
from tests.anonymization.releases import draft, failed, message, publish
from tests.paths import ROOT

LARGE = 200 << 20
NEW_ENTRY = "manifest/chain/000005.json"
CHECK = {NEW_ENTRY: "chain", "manifest/chain/000001.json": "chain", HEAD: "chain", PUBLIC_KEY: "chain", KEY_LOG: "keys"}


def make_large(path: Path, size: int = LARGE) -> None:
    path.touch()
    os.truncate(path, size)


@pytest.mark.parametrize("name", CHECK)
def test_a_file_of_the_manifest_that_is_too_large_fails_its_check_unread(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = publish(tmp_path / "release", draft())
    make_large(release / name)
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"" if path == release / name else read(path))
    report = audit(release)
    assert CHECK[name] in failed(report)
    assert limits.message(name) in message(report, CHECK[name])
    assert in_french(limits.message(name)) == f"{name} dépasse les 64 Mo que peut avoir un fichier du manifeste"


def test_an_audit_of_large_files_takes_less_memory_than_they_would(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    for name in CHECK:
        make_large(release / name)
    program = f"""
import resource, sys
from pathlib import Path
from anonymization.audit import audit
resource.setrlimit(resource.RLIMIT_DATA, ({LARGE}, {LARGE}))
print(*(check.message for check in audit(Path(sys.argv[1])).checks), sep="\\n")
"""
    command = [sys.executable, "-c", program, str(release)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "MemoryError" not in ran.stdout
    # The head and the key come after the first problems of the chain, which alone are told.
    assert [name for name in CHECK if limits.message(name) not in ran.stdout] == [HEAD, PUBLIC_KEY]


@pytest.mark.parametrize(("size", "fits"), [(-1, True), (0, True), (1, False)])
def test_the_limit_is_the_largest_size_that_is_read(
    size: int, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LARGEST", 1000)
    make_large(tmp_path / "file", 1000 + size)
    if fits:
        assert limits.read(tmp_path / "file", "file") == b"\0" * (1000 + size)
    else:
        with pytest.raises(limits.TooLarge, match="file is larger"):
            limits.read(tmp_path / "file", "file")


def test_what_gives_more_than_its_size_is_not_read_to_its_end() -> None:
    with pytest.raises(limits.TooLarge):
        limits.read(Path("/dev/zero"), "zero")


def test_a_public_key_of_an_auditor_has_the_same_limit(tmp_path: Path) -> None:
    (tmp_path / "operator.pem").write_bytes(public_pem(r.KEY))
    assert public_pem(load_public(tmp_path / "operator.pem")) == public_pem(r.KEY)
    make_large(tmp_path / "operator.pem")
    with pytest.raises(limits.TooLarge, match=r"operator\.pem is larger than the 64 MB"):
        load_public(tmp_path / "operator.pem")


@pytest.mark.parametrize("target", ["/dev/zero", "elsewhere"])
def test_a_log_of_keys_that_is_a_link_is_not_followed(target: str, tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    (release / KEY_LOG).rename(tmp_path / "elsewhere")
    (release / KEY_LOG).symlink_to(tmp_path / target)
    report = audit(release)
    assert failed(report) == {"structure", "keys"}
    assert message(report, "keys") == f"{KEY_LOG} is not there"
