"""The audit guide says what is there: files, tests, checks, commands and numbers."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from anonymization.audit import audit
from anonymization.entries import EVENTS, REGISTER, STATEMENTS, ZONES
from anonymization.manifest import CHAIN, HEAD, KEY_LOG, PUBLIC_KEY, read_chain
from anonymization.rounding import round_to_base
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from tests.anonymization.releases import followed_draft, publish, publish_followed, whole_draft
from tests.cli.command import events, good_input, replace_events
from tests.paths import ROOT

GUIDES = {"en": ROOT / "docs" / "audit-guide.md", "fr": ROOT / "docs" / "audit-guide.fr.md"}
FOLDERS = ("schemas/", "anonymization/", "pipelines/", "tests/", "docs/")
CRITERIA = {
    "integrity": "intégrité",
    "singling out": "individualisation",
    "linkability": "corrélation",
    "inference": "inférence",
}

guides = pytest.mark.parametrize("language", GUIDES)


def guide(language: str) -> str:
    return GUIDES[language].read_text(encoding="utf-8")


def prose(language: str) -> str:
    """The guide without its blocks of code, each paragraph as it wraps."""
    return re.sub(r"^```.*?^```$", "", guide(language), flags=re.DOTALL | re.MULTILINE)


def named(language: str) -> list[str]:
    """What stands in backticks."""
    return [" ".join(each.split()) for each in re.findall(r"`([^`]+)`", prose(language))]


def sections(language: str) -> dict[str, str]:
    """The text of each section by its anchor."""
    pieces = re.split(r'^<a id="([a-z0-9-]+)"></a>\n', guide(language), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of all tables, but of their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [at for at, row in enumerate(cells) if set("".join(row)) == {"-"}]
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def test_both_guides_have_the_same_sections_tables_and_evidence() -> None:
    english, french = (sections(language) for language in GUIDES)
    assert list(english) == list(french)
    assert len(english) >= 30
    for name in english:
        heads = [re.findall(r"^#+ [\d.]* ", each[name], re.MULTILINE) for each in (english, french)]
        assert len(heads[0]) == 1, name
        assert heads[0] == heads[1], name
        tables = [[len(row) for row in rows(each[name])] for each in (english, french)]
        assert tables[0] == tables[1], name
        bullets = [len(re.findall(r"^(?:- |\d+\. )", each[name], re.MULTILINE)) for each in (english, french)]
        assert bullets[0] == bullets[1], name
    paths = [sorted({each for each in named(language) if each.startswith(FOLDERS)}) for language in GUIDES]
    assert paths[0] == paths[1]


@guides
def test_every_link_within_a_guide_leads_to_a_section(language: str) -> None:
    targets = re.findall(r"\]\(#([a-z0-9-]+)\)", guide(language))
    assert len(targets) > 12
    assert set(targets) <= sections(language).keys()


@guides
def test_every_file_and_test_that_is_named_exists(language: str) -> None:
    wanted = [each for each in named(language) if each.startswith(FOLDERS)]
    tests = [each for each in wanted if "::" in each]
    assert len(tests) > 40
    assert len(wanted) - len(tests) > 30
    assert [each for each in wanted if not (ROOT / each.partition("::")[0]).exists()] == []
    missing = []
    for each in tests:
        path, _, test = each.partition("::")
        if not re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE):
            missing.append(each)
    assert missing == []


@guides
def test_every_other_document_that_is_linked_exists(language: str) -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", guide(language))
    assert len(linked) >= 2
    assert [each for each in linked if not (ROOT / "docs" / each).exists()] == []


@guides
def test_files_of_a_release_are_named_as_releases_have_them(language: str) -> None:
    known = {ZONES, EVENTS, REGISTER, *STATEMENTS.values(), f"{CHAIN}/", HEAD, KEY_LOG, PUBLIC_KEY}
    found = {each for each in named(language) if each.startswith("manifest/")}
    assert len(found) >= 5
    assert found <= known


@guides
def test_every_check_of_an_audit_is_explained_with_its_criterion(language: str, tmp_path: Path) -> None:
    publish(tmp_path / "release", whole_draft())
    explained = {row[0].strip("`"): row[1:] for row in rows(sections(language)["checks"])}
    for check in audit(tmp_path / "release").checks:
        criterion = CRITERIA[check.criterion] if language == "fr" else check.criterion
        assert check.name in explained, check.name
        assert explained[check.name][0] == criterion, check.name
        assert all(explained[check.name]), check.name


@guides
def test_files_of_the_reading_order_are_about_as_long_as_it_says(language: str) -> None:
    counted = rows(sections(language)["reading-order"])
    assert len(counted) == 11
    for _, _, listed, lines in counted:
        paths = [ROOT / name for name in re.findall(r"`([^`]+)`", listed)]
        files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.glob("*.py")))]
        length = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
        stated = int(re.sub(r"\D", "", lines))
        assert 0.7 * length < stated < 1.4 * length, f"{listed}: {length} lines"


@guides
def test_the_verification_by_hand_passes_a_sound_release_and_no_other(language: str, tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", guide(language), re.DOTALL | re.MULTILINE)
    release = tmp_path / "release"
    publish(release, whole_draft())

    def verify() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, str(release)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    done = verify()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"last entry {read_chain(release)[-1].sha256}"
    assert "presence/date=2026-06-20/part-0.parquet smallest 25" in done.stdout
    entry = release / CHAIN / "000001.json"
    sound = entry.read_bytes()
    entry.write_bytes(sound.replace(b'"k":20', b'"k":11'))
    assert "InvalidSignature" in verify().stderr
    entry.write_bytes(sound)
    last = release / CHAIN / "000004.json"
    kept = last.read_bytes()
    last.unlink()
    assert verify().stderr == "wrong: manifest/head.json\n"
    last.write_bytes(kept)
    for name in ("manifest/statement.en.md", "attendance/date=2026-06-20/part-0.parquet"):
        whole = (release / name).read_bytes()
        (release / name).write_bytes(whole + b"\0")
        changed = verify()
        assert (changed.returncode, changed.stderr) == (1, f"wrong: {name}\n")
        (release / name).write_bytes(whole)
    assert verify().returncode == 0


@guides
def test_the_verification_by_hand_passes_a_day_that_is_still_open(language: str, tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", guide(language), re.DOTALL | re.MULTILINE)
    release = publish_followed(tmp_path / "release", followed_draft(), compacted=True)
    command = [sys.executable, "-c", program, str(release)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "presence/date=2026-06-21/part-from-001.parquet smallest 25" in done.stdout


def test_after_closing_the_working_directory_holds_what_the_guide_says_is_kept(tmp_path: Path) -> None:
    good_input(tmp_path)
    table = events(tmp_path)
    lost = pa.array(["nowhere", *table["cell_id"].to_pylist()[1:]], table["cell_id"].type)
    replace_events(tmp_path, table.set_column(table.schema.get_field_index("cell_id"), "cell_id", lost))
    run(load(tmp_path / "hexaflux.toml"), Progress(Console(stderr=True), quiet=True))
    working = tmp_path / "release.work"
    left = {path.relative_to(working).as_posix() for path in working.rglob("*") if path.is_file()}
    assert left
    for language, word in (("en", "**kept after closing**"), ("fr", "**conservé après la clôture**")):
        stores = [row[0] for row in rows(sections(language)["stores"]) if word in row[3]]
        # What stands beside the working directory is the operator's to make.
        stores = [store for store in stores if not store.startswith("`RELEASE.faults/`")]
        kept = {store.strip("`").removeprefix("RELEASE.work/") for store in stores}
        assert {name for name in left if name not in kept and f"{name.partition('/')[0]}/" not in kept} == set()
        assert {store for store in kept if not (working / store).exists()} == set()


def bounds(classes: tuple[int, ...], n: int) -> tuple[int, int]:
    """The least and the most that the cross of classes of as many attributes can hold."""
    return max(0, sum(classes) - (len(classes) - 1) * n), min(classes)


@pytest.mark.parametrize("attributes", [2, 3])
def test_a_cross_of_published_classes_keeps_an_interval_of_k(attributes: int) -> None:
    for k, n in product((2, 3, 5), range(40)):
        # The other classes of each attribute are at least one, of at least k.
        for classes in product(range(k, n - k + 1), repeat=attributes):
            least, most = bounds(classes, n)
            assert most - least >= k
    # Without a second class of k there is nothing left to guess.
    assert bounds((20, 60), 60) == (20, 20)


def test_the_bounds_of_a_cross_are_attained() -> None:
    for n in range(1, 9):
        tables = [(a, b, c, n - a - b - c) for a, b, c in product(range(n + 1), repeat=3) if a + b + c <= n]
        for r, c in product(range(n + 1), repeat=2):
            crosses = [both for both, left, right, _ in tables if both + left == r and both + right == c]
            assert (min(crosses), max(crosses)) == bounds((r, c), n)


def test_a_printed_count_stands_for_2b_less_1_counts_and_for_b_where_the_draw_is_known() -> None:
    counts = np.arange(20, 60)
    draws = (np.arange(400) * (2**32 / 400)).astype(np.uint32)
    printed = np.array([round_to_base(counts, np.full(counts.size, draw, np.uint32), 5) for draw in draws])
    assert sorted({int(count) for row in printed for count in counts[row == 40]}) == list(range(36, 45))
    assert sorted({int(count) for row in printed for count in counts[row == 20]}) == list(range(20, 25))
    assert {int((row == 40).sum()) for row in printed} == {5}
