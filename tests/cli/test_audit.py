"""Where `hexaflux audit` may write its report, and which entry it is told to look for."""

from pathlib import Path

import pytest

from anonymization.manifest import read_chain
from tests.anonymization.releases import draft, publish
from tests.cli.command import Call, assert_refused


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    (tmp_path / "link").symlink_to(publish(tmp_path / "release", draft()))
    (tmp_path / "head.json").symlink_to(tmp_path / "release" / "manifest" / "head.json")
    (tmp_path / "new").symlink_to(tmp_path / "release" / "new.html")
    return tmp_path / "release"


def content(release: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in release.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("release", "report"),
    [
        ("release", "release/manifest/head.json"),
        ("release", "release/new.html"),
        ("release", "release/absent/new.html"),
        ("release", "release"),
        ("release", "absent/../release/new.html"),
        ("release", "link/new.html"),
        ("link", "release/manifest/head.json"),
        ("release", "head.json"),
        ("release", "new"),
    ],
)
@pytest.mark.parametrize("how", [["--format", "html"], ["--dpia"]])
def test_a_report_is_not_written_into_the_release(
    hexaflux: Call, sound: Path, release: str, report: str, how: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sound.parent)
    before = content(sound)
    assert_refused(hexaflux("audit", release, "--report", report, *how), 2, "--report", "outside of the release")
    assert content(sound) == before
    assert (sound.parent / "head.json").is_symlink()


def test_a_link_inside_the_release_is_not_replaced(hexaflux: Call, sound: Path) -> None:
    (sound / "out.html").symlink_to(sound.parent / "elsewhere.html")
    assert_refused(hexaflux("audit", sound, "--report", sound / "out.html"), 2, "outside of the release")
    assert (sound / "out.html").is_symlink()


@pytest.mark.parametrize("name", ["report.html", "release.html", "release-2.txt"])
def test_a_report_is_written_beside_the_release(hexaflux: Call, sound: Path, name: str) -> None:
    ran = hexaflux("audit", sound, "--report", sound.parent / name, "--quiet")
    assert (ran.code, ran.out.startswith("passed")) == (0, True)
    assert (sound.parent / name).read_text(encoding="utf-8").startswith("Release dijon")


def test_an_entry_that_was_seen_is_found_in_either_case(hexaflux: Call, sound: Path) -> None:
    last = read_chain(sound)[-1].sha256
    assert hexaflux("audit", sound, "--head", last, "--quiet").code == 0
    assert hexaflux("audit", sound, "--head", last.upper(), "--quiet").code == 0
    assert hexaflux("audit", sound, "--head", "0" * 64, "--quiet").code == 1


@pytest.mark.parametrize("head", ["", "0" * 63, "0" * 65, "z" * 64])
def test_what_is_no_sha256_is_bad_usage(hexaflux: Call, sound: Path, head: str) -> None:
    assert_refused(hexaflux("audit", sound, "--head", head), 2, "--head: expected 64 hexadecimal digits")
