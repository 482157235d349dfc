import json
import subprocess
import sys
from pathlib import Path

import pytest

from anonymization.__main__ import main
from anonymization.manifest import read_chain
from anonymization.signing import public_pem
from tests.anonymization import releases as r
from tests.anonymization.releases import draft, publish, whole_draft

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"pipelines", "apache_beam", "dashboards", "pandas", "duckdb"}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
from anonymization.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("sound") / "release", whole_draft())


def alone(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_verifier_runs_where_nothing_else_of_the_project_can_be_imported(sound: Path) -> None:
    found = alone(sound, "--format", "json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["verdict"] is True


def test_the_blocked_import_is_really_blocked(sound: Path) -> None:
    code = BLOCKED.replace("from anonymization.__main__ import main", "import pipelines")
    found = subprocess.run([sys.executable, "-c", code, str(sound)], capture_output=True, text=True, check=False)
    assert "ImportError: pipelines" in found.stderr


def test_it_runs_as_a_module(sound: Path) -> None:
    command = [sys.executable, "-m", "anonymization", str(sound), "--lang", "fr"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert found.returncode == 0
    assert found.stdout.splitlines()[-1].startswith("CONFORME")


def test_damage_ends_in_1(sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (publish(tmp_path / "release", draft()) / "manifest/statement.en.md").unlink()
    assert main([str(tmp_path / "release")]) == 1
    assert "manifest/statement.en.md is listed but not there" in capsys.readouterr().out


def test_a_test_release_passes_only_where_it_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = draft()
    content.test = True
    release = str(publish(tmp_path / "release", content))
    assert main([release]) == 1
    assert main([release, "--allow-test"]) == 0
    assert capsys.readouterr().out


def test_the_key_is_pinned(sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, key, code in (("own", r.KEY, 0), ("other", r.OTHER_KEY, 1)):
        (tmp_path / name).write_bytes(public_pem(key))
        assert main([str(sound), "--public-key", str(tmp_path / name)]) == code
    assert "key not pinned" not in capsys.readouterr().out


def test_an_entry_seen_before_must_still_be_there(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = read_chain(sound)[-1].sha256
    assert main([str(sound), "--head", last]) == 0
    assert main([str(sound), "--head", last.upper()]) == 0
    assert main([str(sound), "--head", "0" * 64]) == 1
    assert "no entry has the SHA-256 that was seen before" in capsys.readouterr().out


@pytest.mark.parametrize("head", ["", "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n", "\uff10" * 64])
def test_what_is_no_sha256_ends_in_2(sound: Path, head: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sound), "--head", head]) == 2
    assert "--head: expected 64 hexadecimal digits" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["absent"], [".", "--public-key", "absent.pem"]])
def test_what_cannot_be_read_ends_in_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_an_unknown_option_ends_in_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["x", "--lang", "de"])
    assert stopped.value.code == 2
    assert "--lang" in capsys.readouterr().err


def test_the_page_is_one_document(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sound), "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
