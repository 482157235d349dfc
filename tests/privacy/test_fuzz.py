"""Damage of every kind to sound releases: all of it is refused by a check that names it, and nothing ends in an error.

`HYPOTHESIS_EXAMPLES` multiplies the number of examples: `HYPOTHESIS_EXAMPLES=20 pytest tests/privacy/test_fuzz.py`.
"""

import json
import os
import resource
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymization.audit import audit
from anonymization.entries import DAY, ZONES, Json
from anonymization.guarantee import guarantee
from anonymization.manifest import KEY_LOG
from anonymization.report import to_html, to_json, to_text
from anonymization.signing import public_pem
from anonymization.verdict import Report, printable
from schemas.configuration import DifferentialPrivacy
from tests.anonymization import releases as r
from tests.privacy.damages import Damage, Files, damaged, lines_damaged, made, replayed, write
from tests.privacy.odd import edited, values
from tests.privacy.row_damages import bytes_of, released, rows_damaged, rule_broken, table_of
from tests.privacy.signed_again import bodies_of, signed_again

MORE = float(os.environ.get("HYPOTHESIS_EXAMPLES", "1"))
SECONDS = 30.0
MEMORY = 400 << 20
"""What one audit of these small releases may take at most, whatever is in them."""

PROMISE = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 96, 3).stated(2.0)
INSTANTS = ("2026-99-99T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-06-20T24:00:00Z")

Test = TypeVar("Test", bound=Callable[..., None])


def examples(count: int) -> Callable[[Test], Test]:
    """So many examples, times the number that the environment gives."""
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(
        max_examples=max(1, round(count * MORE)), deadline=None, suppress_health_check=slow, derandomize=MORE == 1
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def pinned(folder: Path) -> Path:
    path = folder / "operator.pem"
    path.write_bytes(public_pem(r.KEY))
    return path


@pytest.fixture(scope="module")
def run_before() -> None:
    """A run draws at random, which no strategy may."""
    made("run")


def audited(folder: Path, files: Files, pinned: Path | None = None, *, own: bool = False) -> Report:
    """The report on these files, with what holds for every report."""
    release = write(folder / ("own" if own else "release"), files)
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    report = audit(release, pinned, allow_test=True)
    assert time.monotonic() - begin < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < MEMORY
    told = [to_text(report), to_text(report, "fr"), to_html(report), json.dumps(to_json(report), ensure_ascii=False)]
    for text in told:
        assert "could not be looked at" not in text, text
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"}
        assert not odd, odd
    return report


def messages(report: Report) -> str:
    return "; ".join(check.message for check in report.checks if not check.passed)


def assert_refused(report: Report, damage: Damage, also: str = "") -> None:
    """Refused, and a message names one of the files that differ, or says `also`; sound where nothing differs."""
    if not damage.paths:
        assert report.verdict, messages(report)
        return
    assert not report.verdict
    said = messages(report)
    named = any(printable(name) in said for path in damage.paths for name in names_of(path))
    assert named or (also and also in said), said


def names_of(path: str) -> list[str]:
    """How a message may name a file: by its path or its name; an entry that is gone or another, by what it breaks."""
    name = path.rpartition("/")[2]
    if not path.startswith("manifest/chain/") or not name[:6].isdigit():
        return [path, name]
    number = int(name[:6])
    return [name, f"{number + 1:06d}.json does not follow", f"where entry {number} belongs", "manifest/head.json"]


@st.composite
def done_to(draw: st.DrawFn, *bases: str, by: Callable[[Files], st.SearchStrategy[Files]]) -> Damage:
    """Damage to one of some releases, which are made when they are first needed."""
    before = made(draw(st.sampled_from(bases)))
    return Damage(before, draw(by(before)))


HAND_MADE = ("two", "three", "whole")


@examples(50)
@given(damage=done_to(*HAND_MADE, by=damaged))
def test_damage_without_the_key_is_refused_and_named(folder: Path, damage: Damage) -> None:
    assert_refused(audited(folder, damage.after), damage)


@examples(20)
@given(damage=done_to(*HAND_MADE, by=rows_damaged))
def test_other_rows_and_other_forms_of_files_are_refused_and_named(folder: Path, damage: Damage) -> None:
    assert_refused(audited(folder, damage.after), damage)


@examples(8)
@given(damage=done_to("run", by=lambda files: st.one_of(damaged(files), rows_damaged(files))))
def test_damage_to_the_release_of_a_run_is_refused_and_named(run_before: None, folder: Path, damage: Damage) -> None:
    assert_refused(audited(folder, damage.after, own=True), damage)


@examples(12)
@given(damage=done_to("three", by=lambda files: replayed(files, made("two"))))
def test_what_a_release_was_earlier_put_back_over_it_is_refused(folder: Path, damage: Damage) -> None:
    # A manifest that was put back whole does not know the files of the last day.
    assert_refused(audited(folder, damage.after), damage, also="date=2026-06-22/part-0.parquet is not listed")


@examples(6)
@given(damage=done_to("three", "whole", by=lambda files: st.one_of(st.just(files), rows_damaged(files))))
def test_what_another_signed_is_refused_under_the_pinned_key(folder: Path, pinned: Path, damage: Damage) -> None:
    after = signed_again(damage.after, key=r.OTHER_KEY)
    report = audited(folder, after, pinned)
    assert not report.verdict
    assert "manifest/public.pem is not the pinned key" in messages(report)
    own = {**after, "manifest/public.pem": damage.before["manifest/public.pem"]}
    for key in (None, pinned):
        report = audited(folder, own, key)
        assert not report.verdict
        assert "000001.json is not signed with" in messages(report)


@examples(25)
@given(damage=done_to(*HAND_MADE, by=lambda files: rows_damaged(files).map(signed_again)))
def test_rows_that_are_changed_and_signed_again_never_end_in_an_error(
    folder: Path, pinned: Path, damage: Damage
) -> None:
    failed = r.failed(audited(folder, damage.after, pinned))
    assert "structure" not in failed
    assert "chain" not in failed


@examples(25)
@given(broken=st.sampled_from(HAND_MADE).flatmap(lambda base: rule_broken(made(base))))
def test_rows_that_break_a_rule_are_refused_by_it_though_all_is_signed(
    folder: Path, pinned: Path, broken: tuple[str, Files]
) -> None:
    check, files = broken
    failed = r.failed(audited(folder, signed_again(files), pinned))
    assert check in failed
    assert not {"structure", "chain", "keys"} & failed


@st.composite
def entries_changed(draw: st.DrawFn, files: Files) -> Files:
    """One or two entries changed and signed again."""
    bodies = bodies_of(files)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(bodies) - 1))
        if draw(st.booleans()) and "dp" in bodies[at]:
            bodies[at] = {**bodies[at], "dp": PROMISE}
        _, changed = draw(edited(bodies[at]))
        bodies[at] = changed if isinstance(changed, dict) else {"kind": changed}
    return signed_again(files, bodies)


@st.composite
def zones_changed(draw: st.DrawFn, files: Files) -> Files:
    """The zones changed and signed again."""
    _, changed = draw(edited(json.loads(files[ZONES])))
    # Escaped, so that anything can stand in it; half a character, too.
    text = json.dumps(changed).replace("Zone", draw(st.sampled_from(["Zone", "\\ud800"])))
    name = draw(st.sampled_from(['"A"', '"kind"', '"B"']))
    return signed_again({**files, ZONES: text.replace(name, draw(st.sampled_from([name, '"\\ud800"']))).encode()})


@st.composite
def log_changed(draw: st.DrawFn, files: Files) -> Files:
    """The log of the keys changed, and all that states it signed again."""
    if draw(st.booleans()):
        return signed_again(draw(lines_damaged(files)))
    lines = files[KEY_LOG].splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    _, changed = draw(edited(json.loads(lines[at]), st.one_of(st.sampled_from(INSTANTS), values)))
    text = json.dumps(changed, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    return signed_again({**files, KEY_LOG: b"".join([*lines[:at], text, *lines[at + 1 :]])})


@examples(30)
@given(damage=done_to(*HAND_MADE, by=entries_changed))
def test_entries_that_are_changed_and_signed_again_never_end_in_an_error(
    folder: Path, pinned: Path, damage: Damage
) -> None:
    audited(folder, damage.after, pinned)


@examples(20)
@given(damage=done_to(*HAND_MADE, by=zones_changed))
def test_zones_that_are_changed_and_signed_again_never_end_in_an_error(
    folder: Path, pinned: Path, damage: Damage
) -> None:
    audited(folder, damage.after, pinned)


@examples(15)
@given(damage=done_to(*HAND_MADE, by=log_changed))
def test_logs_that_are_changed_and_signed_again_never_end_in_an_error(
    folder: Path, pinned: Path, damage: Damage
) -> None:
    audited(folder, damage.after, pinned)


def zones_with(files: Files, old: str, new: str) -> Files:
    return signed_again({**files, ZONES: files[ZONES].decode().replace(old, new).encode()})


def body_with(files: Files, number: int, block: str, **changes: Json) -> Files:
    """The files with an entry of which a block is changed, signed again."""
    bodies = bodies_of(files)
    bodies[number] = {**bodies[number], block: {**bodies[number][block], **changes}}
    return signed_again(files, bodies)


def log_with(files: Files, old: str, new: str) -> Files:
    return signed_again({**files, KEY_LOG: files[KEY_LOG].decode().replace(old, new, 1).encode()})


def column_with_metadata(files: Files, inner: bool) -> Files:
    """A file of which a column, or what its lists hold, carries a word that nobody declared."""
    path = released(files)[0]
    rows = table_of(files[path])
    place = rows.schema.get_field_index("cells")
    own = rows.schema.field(place).metadata
    word = {"note": "imsi-1"}
    kind = pa.list_(pa.field("element", pa.uint64(), metadata=word if inner else None))
    field = pa.field("cells", kind, metadata=own if inner else {**own, **word})
    return signed_again({**files, path: bytes_of(rows.set_column(place, field, rows["cells"].cast(kind)))})


FOUND: dict[str, tuple[str, Callable[[Files], Files]]] = {
    "half a character as a zone": ("zones", lambda f: zones_with(f, '"zone_id": "B"', '"zone_id": "\\ud800"')),
    "half a character as a kind": ("zones", lambda f: zones_with(f, '"kind": "venue"', '"kind": "\\ud800"')),
    "half a character as a parent": ("zones", lambda f: zones_with(f, '"parent": "A"', '"parent": "\\udfff"')),
    "an end of a key that is no text": ("keys", lambda f: body_with(f, 2, "key", destroyed_at={"a": []})),
    "a key that is no text": ("keys", lambda f: body_with(f, 0, "key", key_id=[])),
    "a making of a key at no time": (
        "keys",
        lambda f: log_with(f, f'"at":"{r.MORNING}"', '"at":"2026-99-99T99:99:99Z"'),
    ),
    "metadata of a column": ("schema", lambda f: column_with_metadata(f, inner=False)),
    "metadata of what a list holds": ("schema", lambda f: column_with_metadata(f, inner=True)),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_long_runs_found_stays_refused(case: str, folder: Path, pinned: Path) -> None:
    name, damage = FOUND[case]
    after = damage(made("two"))
    assert after != made("two")
    report = audited(folder, after, pinned)
    assert r.failed(report) >= {name}, messages(report)
    assert not {"structure", "chain"} & r.failed(report)


def test_a_promise_of_noise_that_keeps_no_slot_is_refused_by_the_statement(folder: Path, pinned: Path) -> None:
    promising = [
        {**body, "dp": {**PROMISE, "slots_kept": 0}} if body["kind"] == DAY else body for body in bodies_of(made("two"))
    ]
    assert "statement" in r.failed(audited(folder, signed_again(made("two"), promising), pinned))


def test_a_release_that_is_signed_again_as_it_is_passes(run_before: None, folder: Path, pinned: Path) -> None:
    for base in ("two", "three", "whole"):
        again = signed_again(made(base))
        assert again == made(base)
        assert audited(folder, again, pinned).verdict
    assert audited(folder, made("run"), own=True).verdict
    assert all(table_of(data).num_rows for path, data in made("two").items() if path.endswith(".parquet"))
