import json
from dataclasses import replace
from pathlib import Path

import h3
import pyarrow as pa
import pytest

from anonymization.audit import audit
from anonymization.entries import Body, canonical_json
from anonymization.report import to_html, to_json, to_text
from anonymization.signing import public_pem
from schemas.indicators import INDICATORS
from tests.anonymization import releases as r
from tests.anonymization.releases import (
    Draft,
    draft,
    failed,
    message,
    publish,
    replaced,
    rewrite,
    whole_draft,
    with_value,
    without_row,
)


def test_a_sound_release_passes(tmp_path: Path) -> None:
    report = audit(publish(tmp_path / "release", draft()))
    assert failed(report) == set()
    assert report.verdict
    assert report.release_id == "dijon"
    assert report.notes == (
        "key not pinned: the release vouches for itself; give the operator's key with --public-key",
    )


def test_a_sound_release_of_all_indicators_passes(tmp_path: Path) -> None:
    content = whole_draft()
    assert set(content.tables[r.SATURDAY]) == set(INDICATORS) - {"presence_by_spc", "attendance_by_age"}
    report = audit(publish(tmp_path / "release", content))
    assert failed(report) == set(), to_text(report)


def test_each_kind_of_part_has_its_own_design_effect(tmp_path: Path) -> None:
    # C|rest and rest are no whole zones, and have wider intervals.
    effects = {name: {"zone": 1.0, "hexagons": 9.0} for name in INDICATORS}
    content = replace(draft(), effects=effects)
    assert failed(audit(publish(tmp_path / "sound", content))) == set()
    swapped = {name: {"zone": 9.0, "hexagons": 1.0} for name in INDICATORS}
    rows = {name: r.with_intervals(table, effects=swapped[name]) for name, table in content.tables[r.SATURDAY].items()}
    content = replace(content, tables={**content.tables, r.SATURDAY: rows}, intervals=False)
    assert failed(audit(publish(tmp_path / "swapped", content))) == {"intervals"}


@pytest.mark.parametrize(("cells", "passes"), [([r.A, r.B, r.C, r.REST], True), ([r.A, r.B, r.REST], False)])
def test_the_territory_is_made_of_whole_zones_where_it_covers_them_all(
    cells: list[str], passes: bool, tmp_path: Path
) -> None:
    content = replace(draft(), effects={name: {"zone": 1.0, "hexagons": 9.0} for name in INDICATORS})
    content = replaced(content, "presence_by_age", lambda rows: rows[:0])
    rows = r.table("presence", [("10:30", "territory", cells, "", 145)])
    report = audit(publish(tmp_path / "release", replaced(content, "presence", lambda _: rows)))
    assert failed(report) == (set() if passes else {"intervals"}), to_text(report)


@pytest.mark.parametrize(
    ("night", "passes"), [(20, True), (25, True), (30, True), (35, False), (40, False), (45, True)]
)
def test_a_night_leaves_nobody_or_what_rounding_can_make_of_k(night: int, passes: bool, tmp_path: Path) -> None:
    # Of 45 residents; 30 leave 15, which can have been 15 + 8.
    content = replaced(whole_draft(), "nights", lambda rows: with_value(rows, 0, "devices", night))
    assert ("nesting" not in failed(audit(publish(tmp_path / "release", content)))) is passes


@pytest.mark.parametrize(("row", "visitors"), [(3, 100), (0, 80)], ids=["origin", "destination"])
@pytest.mark.parametrize(("left", "passes"), [(-5, True), (0, True), (5, True), (10, False), (15, True), (20, True)])
def test_a_flow_leaves_nobody_of_an_end_or_what_rounding_can_make_of_k(
    row: int, visitors: int, left: int, passes: bool, tmp_path: Path
) -> None:
    # 5 can have been nobody, and 15 can have been 15 + 8.
    content = replaced(whole_draft(), "flows", lambda rows: with_value(rows, row, "devices", visitors - left))
    report = audit(publish(tmp_path / "release", content))
    assert failed(report) == (set() if passes else {"movements"}), to_text(report)
    assert ("rows that leave a few visitors of an end" in message(report, "movements")) is not passes


def test_a_sound_release_passes_with_the_pinned_key_and_without_a_note(tmp_path: Path) -> None:
    (tmp_path / "operator.pem").write_bytes(public_pem(r.KEY))
    report = audit(publish(tmp_path / "release", draft()), tmp_path / "operator.pem")
    assert report.verdict
    assert report.notes == ()


def test_a_release_without_any_figure_passes(tmp_path: Path) -> None:
    assert audit(publish(tmp_path / "release", replace(draft(), tables={r.SATURDAY: {}}, key_ids=("0a",)))).verdict


def test_a_table_without_rows_passes(tmp_path: Path) -> None:
    content = replaced(draft(), "dwell", lambda rows: rows.slice(0, 0))
    assert audit(publish(tmp_path / "release", content)).verdict


def test_a_release_signed_by_another_fails_only_against_the_pinned_key(tmp_path: Path) -> None:
    (tmp_path / "operator.pem").write_bytes(public_pem(r.KEY))
    release = publish(tmp_path / "release", draft(), r.OTHER_KEY)
    assert audit(release).verdict
    assert failed(audit(release, tmp_path / "operator.pem")) == {"chain"}


def test_what_is_no_release_fails(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"")
    for path in ("empty", "file", "absent"):
        report = audit(tmp_path / path)
        assert {"structure", "chain", "schema", "k"} <= failed(report)
        assert to_html(report)
        assert to_json(report)["verdict"] is False


def test_a_test_release_passes_where_it_is_allowed(tmp_path: Path) -> None:
    content = replace(draft(), test=True, policy=r.policy(k=5, max_share=0.8, rounding=0), flags=("test release",))
    report = audit(publish(tmp_path / "release", content), allow_test=True)
    assert report.verdict
    assert "flag: test release" in report.notes
    assert "k is 5, below the usual 20 and below 11" in report.notes
    assert any(note.startswith("rounding is off") for note in report.notes)


def test_rounding_to_one_and_a_share_of_all_are_noted_as_no_protection(tmp_path: Path) -> None:
    content = replace(draft(), policy=r.policy(k=20, max_share=1.0, rounding=1))
    notes = audit(publish(tmp_path / "release", content)).notes
    assert any(note.startswith("rounding is off") for note in notes)
    assert any(note.startswith("no limit on one class") for note in notes)


def test_without_rounding_sums_are_exact(tmp_path: Path) -> None:
    content = replace(draft(), policy=r.policy(k=20, max_share=0.8, rounding=0))
    assert audit(publish(tmp_path / "sound", content)).verdict
    off = replaced(content, "dwell", lambda rows: with_value(rows, 0, "devices", 61))
    assert failed(audit(publish(tmp_path / "off", off))) == {"nesting"}


@pytest.mark.parametrize(("devices", "passes"), [(47, False), (48, True), (72, True), (73, False)])
def test_rounded_rows_sum_within_what_rounding_allows(devices: int, passes: bool, tmp_path: Path) -> None:
    # Two rows and the plain count: three figures, each within 4 of the exact one.
    content = replace(draft(), policy=r.policy(k=20, max_share=0.8, rounding=5))
    content = replaced(content, "dwell", lambda rows: with_value(rows, 0, "devices", devices))
    assert ("nesting" not in failed(audit(publish(tmp_path / "release", content)))) is passes


@pytest.mark.parametrize(("k", "least"), [(20, 20), (22, 20), (25, 25)])
def test_the_smallest_printed_count_is_k_rounded_down(k: int, least: int, tmp_path: Path) -> None:
    content = replace(draft(), policy=r.policy(k=k, max_share=0.8, rounding=5))
    report = audit(publish(tmp_path / "release", content))
    assert ("k" in failed(report)) is (least > 20)


@pytest.mark.parametrize(("devices", "passes"), [(100, True), (105, False)])
def test_a_class_may_exceed_the_share_by_what_rounding_allows(devices: int, passes: bool, tmp_path: Path) -> None:
    # 100 and 20 can have been 96 and 24, which is 80 %; 105 and 20 cannot have been anything below.
    content = replaced(draft(), "attendance_by_spc", lambda rows: with_value(rows, 3, "devices", devices))
    assert ("homogeneity" not in failed(audit(publish(tmp_path / "release", content)))) is passes


def test_a_key_that_is_not_yet_destroyed_is_noted(tmp_path: Path) -> None:
    report = audit(publish(tmp_path / "release", replace(draft(), open_keys=1)))
    assert report.verdict, to_text(report)
    assert "key of 2026-06-21 not yet destroyed" in report.notes


def test_a_changed_policy_is_noted(tmp_path: Path) -> None:
    content = replace(draft(), last_policy=r.policy(k=15, max_share=0.8, rounding=5))
    report = audit(publish(tmp_path / "release", content))
    assert report.verdict
    changed = "k from 20 to 15, nested_least from 20 to 15, pool_target from 39 to 29"
    assert f"policy changed with privacy day 2026-06-21: {changed}" in report.notes


def test_a_day_under_former_zones_is_noted_and_not_compared_with_the_zones_of_now(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    first = release / "manifest/chain/000001.json"
    body = json.loads(first.read_bytes())
    former = {"zones_sha256": "ab", "shared": body["shared"] | {"manifest/zones.geojson": "ab"}}
    first.write_bytes(canonical_json(body | former))
    report = audit(release)
    assert failed(report) == {"chain"}
    assert "zones of 2026-06-20 are not in the release: its parts were not compared with zones" in report.notes


def test_sims_instead_of_holders_are_noted(tmp_path: Path) -> None:
    report = audit(publish(tmp_path / "release", replace(draft(), unit="SIMs")))
    assert any(note.startswith("k counts SIMs") for note in report.notes)


def test_a_row_group_beyond_a_million_rows_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymization.checks.tables.LARGEST_ROW_GROUP", 5)
    assert "schema" in failed(audit(publish(tmp_path / "release", draft())))


def test_strange_file_names_do_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    (release / "\x1b[31m<script>\n").write_bytes(b"")
    report = audit(release)
    assert "\x1b" not in to_text(report)
    assert "<script>" not in to_html(report)


def test_a_part_that_misses_a_row_is_found_by_its_absence(tmp_path: Path) -> None:
    content = replaced(draft(), "attendance_by_spc", lambda rows: without_row(rows, 5))
    assert failed(audit(publish(tmp_path / "release", content))) == {"nesting"}


def hours_out_of_order(rows: pa.Table) -> pa.Table:
    """Transit, the second hour first: each hour is in canonical order by itself."""
    return rows.take([3, 0, 1, 2])


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_hours_out_of_order_are_found_wherever_a_file_is_cut(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymization.checks.tables.ROWS_AT_ONCE", at_once)
    report = audit(publish(tmp_path / "release", replaced(whole_draft(), "transit", hours_out_of_order)))
    assert "2026-06-20 transit: rows are not in canonical order" in message(report, "schema")
    assert "not checked: 2026-06-20 transit" in message(report, "k")


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_sound_release_passes_wherever_its_files_are_cut(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymization.checks.tables.ROWS_AT_ONCE", at_once)
    report = audit(publish(tmp_path / "release", whole_draft()))
    assert report.verdict, to_text(report)
    assert message(report, "schema") == ""


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_a_double_row_is_found_wherever_a_file_is_cut(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymization.checks.tables.ROWS_AT_ONCE", at_once)
    content = replaced(whole_draft(), "transit", lambda rows: rows.take([0, 1, 2, 3, 3]))
    report = audit(publish(tmp_path / "release", content))
    assert "rows that are double or not in canonical order" in message(report, "schema")


def test_every_row_is_looked_at_once(tmp_path: Path) -> None:
    content = whole_draft()
    report = audit(publish(tmp_path / "release", content))
    rows = sum(table.num_rows for tables in content.tables.values() for table in tables.values())
    found = {check.name: check.found for check in report.checks}
    assert found["schema"] == f"{rows} rows"
    assert found["intervals"] == f"{rows} intervals worked out again"
    assert found["movements"] == "8 rows of flows"
    # Of a day: 3 parts by age, 5 by class, origin, category and dwell, 5 classes of dwell, 7 of category.
    assert found["nesting"] == f"{2 * (3 + 4 * 5 + 5 + 7)} rows split by an attribute"


def test_another_number_of_rows_than_is_listed_fails(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    path = "dwell/date=2026-06-20/part-0.parquet"

    def change(bodies: list[Body]) -> list[Body]:
        files = bodies[0]["files"]
        assert isinstance(files, dict)
        record = files[path]
        assert isinstance(record, dict)
        record["rows"] = 4
        return bodies

    rewrite(release, change)
    assert f"{path} has 5 rows, but another number is listed" in message(audit(release), "schema")


def test_a_file_that_is_missing_is_not_checked(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", draft())
    (release / "dwell/date=2026-06-20/part-0.parquet").unlink()
    report = audit(release)
    for name in ("schema", "k", "nesting"):
        assert "not checked: dwell/date=2026-06-20/part-0.parquet is not there as listed" in message(report, name)


def with_ward(content: Draft) -> Draft:
    """A ward inside the hospital, which nobody marked as sensitive, and another zone inside the ward."""
    cells = [h3.cell_to_children(r.HOSPITAL, resolution)[0] for resolution in (10, 11)]
    zones = [r.zone("W", "ward", [cells[0]], "H"), r.zone("X", "room", [cells[1]], "W")]
    features = content.zones["features"]
    assert isinstance(features, list)
    return replace(content, zones={**content.zones, "features": [*features, *zones]})


@pytest.mark.parametrize(("zone", "resolution"), [("W", 10), ("X", 11)])
def test_a_zone_inside_a_sensitive_one_is_sensitive(zone: str, resolution: int, tmp_path: Path) -> None:
    cell = h3.cell_to_children(r.HOSPITAL, resolution)[0]
    content = with_ward(draft())
    assert audit(publish(tmp_path / "sound", content)).verdict
    rows = r.table("presence", [r.PRESENCE[0], ("10:30", zone, [cell], "", 40), *r.PRESENCE[2:]])
    report = audit(publish(tmp_path / "presence", replaced(content, "presence", lambda _: rows)))
    assert "rows show a sensitive zone in less than a day" in message(report, "zones")
    day = ("05:00", zone, [cell], "", 20)
    content = replaced(content, "attendance", lambda _: r.table("attendance", [*r.ATTENDANCE, day]))
    split = r.table("dwell", [*r.DWELL, ("05:00", zone, [cell], "2-4 h", 20)])
    report = audit(publish(tmp_path / "split", replaced(content, "dwell", lambda _: split)))
    assert "rows split the day total of a sensitive zone" in message(report, "nesting")


def test_a_sensitive_zone_around_a_venue_may_be_in_a_ring(tmp_path: Path) -> None:
    # Parents that go round in circles must not stop the audit.
    content = draft()
    zones = json.loads(json.dumps(content.zones))
    for feature in zones["features"]:
        if feature["properties"]["zone_id"] in ("A", "V"):
            feature["properties"]["parent"] = {"A": "V", "V": "A"}[feature["properties"]["zone_id"]]
    report = audit(publish(tmp_path / "release", replace(content, zones=zones)))
    assert "could not be looked at" not in to_text(report)
