"""`export` as a whole: what it refuses, and what stands beside every export."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from anonymization.released import Release
from pipelines.exports import command
from pipelines.exports.command import export
from pipelines.exports.formats import FORMATS
from schemas.errors import CheckFailed, UsageError
from tests.anonymization.releases import draft, publish
from tests.exports.handmade import DAY, TABLES, release
from tests.exports.opened import of_csv, of_release


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A release that passes its audit."""
    return publish(tmp_path / "release", draft())


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch, handmade: Release) -> Release:
    """Any release passes, so that rows by hand can be exported as a whole."""
    monkeypatch.setattr(command, "open_release", lambda root: handmade)
    return handmade


def test_a_sound_release_is_exported_and_its_files_are_returned(sound: Path, tmp_path: Path) -> None:
    files = export(sound, "csv", tmp_path / "new" / "out")
    assert files == sorted((tmp_path / "new" / "out").iterdir())
    assert of_csv(tmp_path / "new" / "out") == of_release(sound)


def test_an_unknown_format_names_those_there_are(sound: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected one of csv, xlsx, geojson, geoparquet, omx, fluxvision"):
        export(sound, "pdf", tmp_path / "out")


def _flip_a_byte(root: Path) -> None:
    path = next(root.glob("attendance/*/*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_flip_a_byte, "attendance"),
        (lambda root: next(root.glob("presence/*/*.parquet")).unlink(), "presence"),
        (lambda root: (root / "manifest" / "chain" / "000001.json").unlink(), "chain"),
        (lambda root: (root / "notes.txt").write_text("hello"), "notes.txt"),
    ],
    ids=["a changed byte", "a missing file", "a missing entry", "a file too many"],
)
def test_a_damaged_release_is_refused_with_the_reason(
    sound: Path, tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    damage(sound)
    with pytest.raises(CheckFailed, match=told) as refused:
        export(sound, "csv", tmp_path / "out")
    assert refused.value.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_a_file_that_changes_after_the_audit_is_refused(handmade: Release, tmp_path: Path) -> None:
    changing = release(tmp_path / "changing", {DAY: {"attendance": TABLES["attendance"]}})
    _flip_a_byte(changing.root)
    with pytest.raises(CheckFailed, match="is not as it was published"):
        changing.table("attendance", changing.days[0])


@pytest.mark.parametrize("format", FORMATS)
def test_a_test_release_says_so_in_both_languages(format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = release(tmp_path / "release", test=True)
    monkeypatch.setattr(command, "open_release", lambda root: made)
    export(made.root, format, tmp_path / "out")
    assert (tmp_path / "out" / "README.txt").read_text(encoding="utf-8").startswith("TEST RELEASE: ")
    assert "PUBLICATION D'ESSAI" in (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("format", FORMATS)
def test_another_release_does_not_say_that_it_is_a_test(format: str, unverified: Release, tmp_path: Path) -> None:
    export(unverified.root, format, tmp_path / "out")
    told = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "TEST" not in told
    assert "test release / publication d'essai: no / non" in told


def test_the_readme_names_release_k_unit_days_and_what_the_interval_leaves_out(
    unverified: Release, tmp_path: Path
) -> None:
    export(unverified.root, "csv", tmp_path / "out")
    told = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    for words in (
        "release / publication: dijon",
        unverified.head,
        "k / k: 20",
        "holders",
        "2026-10-24, 2026-10-25",
        "do not cover a wrong market share, nor a bias of the positions",
        "ni une part de marché fausse, ni un biais des positions",
    ):
        assert words in told


def test_the_statements_of_the_release_stand_beside_every_export(unverified: Release, tmp_path: Path) -> None:
    export(unverified.root, "geojson", tmp_path / "out")
    for name in ("statement.en.md", "statement.fr.md"):
        assert (tmp_path / "out" / name).read_bytes() == (unverified.root / "manifest" / name).read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_release_gives_the_same_bytes(format: str, unverified: Release, tmp_path: Path) -> None:
    digests = []
    for name in ("first", "second"):
        files = export(unverified.root, format, tmp_path / name)
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    assert digests[0] == digests[1]


def test_a_folder_that_holds_something_is_refused_and_left_alone(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"found mine\.txt"):
        export(sound, "csv", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_second_export_to_the_same_folder_is_refused(sound: Path, tmp_path: Path) -> None:
    export(sound, "csv", tmp_path / "out")
    with pytest.raises(UsageError, match="expected a new or an empty folder"):
        export(sound, "csv", tmp_path / "out")


def test_an_empty_folder_and_what_a_killed_export_left_are_taken(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / ".hexaflux-export").mkdir(parents=True)
    (tmp_path / "out" / ".hexaflux-export" / "half.csv").write_text("half")
    names = {path.name for path in export(sound, "csv", tmp_path / "out")}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert "half.csv" not in names


def test_a_file_in_the_place_of_the_folder_is_refused(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="found a file"):
        export(sound, "csv", tmp_path / "out")


@pytest.mark.parametrize("inside", ["", "export", "manifest/export"])
def test_a_folder_inside_the_release_is_refused(sound: Path, inside: str) -> None:
    before = sorted(sound.rglob("*"))
    with pytest.raises(UsageError, match="outside the release"):
        export(sound, "csv", sound / inside)
    assert sorted(sound.rglob("*")) == before


def test_after_an_error_nothing_stands_in_the_folder(
    unverified: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Release) -> dict[str, bytes]:
        raise OSError("no space left")

    monkeypatch.setattr(Release, "statements", fail)
    (tmp_path / "there").mkdir()
    for name in ("there", "new"):
        with pytest.raises(OSError, match="no space"):
            export(unverified.root, "csv", tmp_path / name)
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "new").exists()
