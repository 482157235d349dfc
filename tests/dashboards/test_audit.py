import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
import streamlit as st

from anonymization import passed
from anonymization.audit import audit
from anonymization.guarantee import Guarantee
from anonymization.manifest import read_chain
from anonymization.own_folder import usual_folder
from anonymization.zcdp import epsilon_of
from dashboards import queries
from dashboards.proof.counts import below_minimum
from dashboards.proof.facts import keys_of, spent
from dashboards.store import Store, open_store
from pipelines.attacks.command import keep
from pipelines.attacks.finding import Finding
from schemas.attack_report import attack_report
from tests.anonymization.releases import draft, publish
from tests.attacks.findings import BROKEN, HELD, IDLE, KNOWN, PARTIAL, SKIPPED, attacked, finding
from tests.dashboards.opened import CHANGE_OF_CLOCKS, Opened, asked, open_page

HOW = "hexaflux attack release --truth DIR"


@pytest.fixture(autouse=True)
def alone(release: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The release, without a report of another test beside it."""
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    yield
    path = attack_report(release)
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)


def opened(release: Path, language: str) -> Opened:
    return open_page(release, "audit", zone="21171", day=CHANGE_OF_CLOCKS, lang=language)


def told(page: Opened) -> str:
    """All that the page says, in one line."""
    boxes = [each.value for each in (*page.app.success, *page.app.markdown)]
    return " ".join("\n".join([page.text, *boxes]).split())


def commands(page: Opened) -> list[str]:
    return [each.value for each in page.app.code]


def report(release: Path, *findings: Finding) -> None:
    """Write what was found in the release as it stands."""
    found = attacked(*findings)
    keep(replace(found, head=read_chain(release)[-1].sha256), release)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "No check of this release found anything wrong",
                "Singling out",
                "smallest count 20",
                "flag: test release",
            ),
        ),
        (
            "fr",
            (
                "Aucun contrôle de cette publication",
                "Individualisation",
                "plus petit effectif 20",
                "signalement : essai",
            ),
        ),
    ],
)
def test_the_page_tells_every_check_and_note_of_the_audit(release: Path, language: str, words: tuple[str, ...]) -> None:
    text = told(opened(release, language)).replace("\\", "")
    assert [each for each in words if each not in text] == []
    assert text.count("sha256sum") >= 1


def test_the_page_shows_the_audit_of_the_start_and_repeats_it_only_when_asked(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = usual_folder()
    assert folder is not None
    monkeypatch.setenv("HEXAFLUX_VERIFIED", passed.verified_head(release, folder))
    at = datetime(2026, 10, 26, 8, 5, tzinfo=UTC)
    state = passed._state(release)
    assert state is not None
    passed._remember(release, folder, state, replace(passed.verified(release, folder), at=at))
    st.cache_data.clear()
    with mock.patch.object(passed, "audit", wraps=audit) as audited:
        page = opened(release, "en")
        assert audited.call_count == 0
        assert "These checks were carried out on 26 October 2026 at 09:05" in page.text
        (again,) = (button for button in page.app.button if button.label == "Verify again now")
        again.click().run()
        assert audited.call_count == 1
    assert "26 October 2026 at 09:05" not in page.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_checks_say_as_code_is_shown_as_code(release: Path, language: str) -> None:
    html = opened(release, language).html
    assert "<code>all</code>" in html
    assert "`" not in html


@pytest.mark.parametrize(("language", "word"), [("en", "pass"), ("fr", "conforme")])
def test_each_check_has_a_verdict_in_the_language_of_the_page(release: Path, language: str, word: str) -> None:
    page = opened(release, language)
    assert page.text.split().count(word) >= 17
    assert "Text(" not in page.text


@pytest.mark.parametrize(("language", "name"), [("en", "statement.en.md"), ("fr", "statement.fr.md")])
def test_the_page_has_the_statement_of_the_release(release: Path, language: str, name: str) -> None:
    statement = (release / "manifest" / name).read_text(encoding="utf-8").strip()
    assert [each.value for each in opened(release, language).app.markdown].count(statement) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "No report of the attack battery"), ("fr", "Aucun rapport")])
def test_without_a_report_the_page_says_how_to_attack(release: Path, language: str, words: str) -> None:
    page = opened(release, language)
    assert words in told(page)
    assert HOW in commands(page)


def test_the_battery_stands_by_criterion_with_its_verdicts(release: Path) -> None:
    report(release, HELD, KNOWN, SKIPPED)
    page = opened(release, "en")
    text = told(page)
    assert HOW not in commands(page)
    assert "The release held against every attack" in text
    for words in (
        "Singling out: held",
        "held T1 Attack T1 what of T1 knowledge of T1 rows below k: 0, at most 0 a weakened release reaches 76,775 "
        "1 of 1 broken no threshold: k = 1",
        "Linkability: nothing to attack",
        "nothing to attack T4 Attack T4 what of T4 knowledge of T4 nobody was there",
        "Inference: known shortfall",
        "mean AUC: 0.700, at most 0.650 known to reach 0.750: decision 0024-open",
    ):
        assert words in text


def test_the_battery_is_told_in_french(release: Path) -> None:
    report(release, HELD, KNOWN)
    text = told(opened(release, "fr"))
    assert "tient T1 Attaque T1" in text
    assert "AUC moyenne : 0,700, au plus 0,650 connu jusqu’à 0,750 : décision 0024-open" in text
    assert "1 sur 1 cassées sans seuil : k = 1" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "rows of other devices: 0, at most 0 untested: no weakened release goes beyond this level (at most 0), "
                "so that it shows nothing",
                "risk over all days: nothing to attack (there is one day)",
                "systems that no devices explain: 0, at most 0 a check of the attack itself",
                "1 of 1 broken no threshold: k = 1",
                "Levels that no weakened release goes beyond: 1 of 2",
            ),
        ),
        (
            "fr",
            (
                "non éprouvé : aucune publication affaiblie ne dépasse ce niveau (au plus 0), il ne montre donc rien",
                "risque sur tous les jours : rien à attaquer (il n'y a qu'un jour)",
                "un contrôle de l’attaque elle-même",
                "Niveaux qu’aucune publication affaiblie ne dépasse : 1 sur 2",
            ),
        ),
    ],
)
def test_the_battery_says_what_each_level_is_worth(release: Path, language: str, words: tuple[str, ...]) -> None:
    report(release, PARTIAL)
    text = told(opened(release, language))
    assert [each for each in words if each not in text] == []


def test_a_weak_release_without_a_number_is_not_said_to_be_broken(release: Path) -> None:
    report(release, finding("T1", "inference", 0, (float("nan"),)))
    text = told(opened(release, "en"))
    assert "NO EVIDENCE T1" in text
    assert "0 of 1 broken" in text
    assert "untested: no weakened release gives a number, so that it shows nothing" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "T18, the still night of T16) measure releases that are rebuilt"), ("fr", "publications reconstruites")],
)
def test_the_page_says_which_attacks_rebuild_releases(release: Path, language: str, words: str) -> None:
    report(release, HELD)
    captions = " ".join(each.value for each in opened(release, language).app.caption)
    assert words in captions


@pytest.mark.parametrize(
    ("finding", "words"),
    [(BROKEN, "BROKEN T3"), (IDLE, "NO EVIDENCE T5")],
)
def test_a_battery_that_failed_is_shown_as_failed(release: Path, finding: Finding, words: str) -> None:
    report(release, HELD, finding)
    page = opened(release, "en")
    assert words in told(page)
    assert "An attack went beyond its level" in page.app.error[0].value


def test_a_report_of_another_state_of_the_release_is_not_shown(release: Path) -> None:
    keep(attacked(HELD), release)
    page = opened(release, "en")
    assert "another state of this release" in told(page)
    assert "Attack T1" not in told(page)
    assert HOW in commands(page)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"schema": 1}', "cut", "folder", "verdict"])
def test_a_damaged_report_is_said_to_be_unreadable(release: Path, damage: str) -> None:
    report(release, HELD)
    path = attack_report(release)
    whole = path.read_text(encoding="utf-8")
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_text({"cut": whole[:-20], "verdict": whole.replace('"held"', '"fine"')}.get(damage, damage))
    page = opened(release, "en")
    assert "cannot be read" in told(page)
    assert HOW in commands(page)


def test_markup_in_a_report_is_text(release: Path) -> None:
    report(release, HELD)
    path = attack_report(release)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["attacks"][0]["name"]["en"] = "<script>alert({0})</script>"
    path.write_text(json.dumps(values))
    html = opened(release, "en").html
    assert "&lt;script&gt;alert({0})&lt;/script&gt;" in html
    assert "<script>alert" not in html


TABLES = {
    "presence": "zone_id",
    "presence_by_age": "age_band",
    "presence_by_spc": "spc",
    "attendance": "zone_id",
    "attendance_by_age": "age_band",
    "attendance_by_spc": "spc",
    "attendance_by_category": "visitor_category",
    "attendance_by_origin": "origin",
    "dwell": "dwell_band",
    "dwell_by_arrival": "dwell_band || arrival_hour",
    "nights": "visitor_category",
    "flows": "origin_zone_id || destination_zone_id",
    "transit": "zone_id",
}
"""Of each indicator, what tells a row for several, but for hexagons."""


def test_what_is_counted_together_is_that_of_the_released_files(release: Path, store: Store) -> None:
    finest = "len(cells) > 1 OR (cells[1] >> 52) & 15 < (SELECT max((cell >> 52) & 15) FROM all_cells)"
    found = store.ask(queries.POOLING).set_index("indicator")
    assert list(found.index) == [name for name in TABLES if name in store.release.indicators]
    for name in found.index:
        several = f"contains(zone_id || {TABLES[name]}, '|') OR list_contains([{TABLES[name]}], 'all')"
        several += f" OR {finest}" if name == "presence" else ""
        several += " OR destination_zone_id = 'all'" if name == "flows" else ""
        ((rows, pooled, people, smallest),) = asked(
            release,
            f"""WITH all_cells AS (SELECT unnest(cells) AS cell FROM {{presence}})
                SELECT count(*), count(*) FILTER ({several}), sum(people) FILTER ({several}), min(devices)
                FROM {{{name}}}""",
        )
        told = found.loc[name]
        assert (told["rows"], told["pooled_rows"], told["smallest"]) == (rows, pooled, smallest), name
        assert told["pooled_people"] == (people or 0), name


def test_the_sizes_of_counts_are_those_of_the_released_files(release: Path, store: Store) -> None:
    union = " UNION ALL ".join(f"SELECT devices FROM {{{name}}}" for name in store.release.indicators)
    found = store.ask(queries.COUNTS).groupby("devices_from")["rows"].sum()
    for low, rows in found.items():
        ((count,),) = asked(release, f"SELECT count(*) FROM ({union}) WHERE devices >= {low} AND devices < {2 * low}")
        assert rows == count
    ((every, smallest),) = asked(release, f"SELECT count(*), min(devices) FROM ({union})")
    assert found.sum() == every
    text = told(opened(release, "en"))
    assert f"The smallest published count is {smallest}; none may be below 20 (k = 20, rounded to 5)." in text


@pytest.mark.parametrize(("smallest", "wrong"), [(15, [CHANGE_OF_CLOCKS]), (20, []), (25, [])])
def test_a_count_below_the_printed_minimum_of_its_day_is_told(store: Store, smallest: int, wrong: list[str]) -> None:
    rows = pd.DataFrame({"day": [CHANGE_OF_CLOCKS, "2026-10-25"], "smallest": [smallest, 20]})
    assert below_minimum(rows, store.release.days) == wrong


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("pass Singling out Can a person be isolated? Checks passed: 7 of 7", "smallest count 20", "not run")),
        ("fr", ("conforme Corrélation", "Contrôles conformes : 1 sur 1", "non menée")),
    ],
)
def test_each_criterion_has_a_line_with_test_number_and_verdict(
    release: Path, language: str, words: tuple[str, ...]
) -> None:
    text = told(opened(release, language))
    assert [each for each in words if each not in text] == []


def test_a_criterion_that_an_attack_broke_is_not_said_to_pass(release: Path) -> None:
    report(release, HELD, BROKEN)
    text = told(opened(release, "en"))
    assert "BROKEN Singling out Can a person be isolated?" in text
    assert "Levels held: 1 of 2; attacks: 2 BROKEN" in text
    assert "pass Inference Can something be deduced about a person?" in text


def test_the_keys_and_what_made_the_release_are_those_of_the_manifest(release: Path, store: Store) -> None:
    entries = read_chain(release)
    days = {entry.body["privacy_day"]: entry.body for entry in entries if entry.kind == "day"}
    found = keys_of(entries)
    assert [each.day for each in found] == sorted(days)
    for each in found:
        assert (each.key_id, each.made) == (days[each.day]["key"]["key_id"], days[each.day]["key"]["created_at"])
    html = opened(release, "en").html
    assert entries[-1].sha256 in html
    assert days[CHANGE_OF_CLOCKS]["software"]["sources_sha256"] in html
    assert all(each.key_id in html for each in found)


def test_a_key_that_no_entry_says_is_destroyed_is_not_said_to_be(tmp_path: Path) -> None:
    root = publish(tmp_path / "release", replace(draft(), open_keys=1))
    assert [bool(each.destroyed) for each in keys_of(read_chain(root))] == [True, False]


def test_the_audit_can_be_taken_away(release: Path) -> None:
    labels = [each.proto.label for each in opened(release, "en").app.get("download_button")]
    assert {"The audit as JSON", "The audit as a page"} <= set(labels)


def damage(release: Path) -> None:
    """Change one figure of a released file, and leave all else."""
    path = next(release.glob("attendance/*/*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("verified", [True, False])
def test_a_file_that_changes_after_the_start_ends_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verified: bool
) -> None:
    root = publish(tmp_path / "release", draft())
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(root))
    monkeypatch.setenv("HEXAFLUX_VERIFIED", read_chain(root)[-1].sha256 if verified else "")
    page = open_page(root, "overview", zone="A", day="2026-06-20", lang="en")
    assert "Came in the day" in page.text
    damage(root)
    for _ in range(2):
        page.app.run()
        assert "This release is not shown" in page.app.error[0].value
        assert "structure:" in page.app.code[0].value
        assert "attendance/date=2026-06-" in page.app.code[0].value
        assert "Came in the day" not in page.text


def test_a_file_that_was_only_touched_is_verified_again_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = publish(tmp_path / "release", draft())
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(root))
    page = open_page(root, "overview", zone="A", day="2026-06-20", lang="en")
    path = next(root.glob("attendance/*/*.parquet"))
    path.touch()
    page.app.run()
    assert "Came in the day" in page.text


def test_what_comes_to_a_release_breaks_no_seal(tmp_path: Path) -> None:
    store = open_store(publish(tmp_path / "release", draft()), None)
    (store.release.root / "manifest" / "chain" / "000099.json").write_text("{}")
    assert store.seals.broken() == []
    next(store.release.root.glob("attendance/*/*.parquet")).unlink()
    assert [path.partition("/")[0] for path in store.seals.broken()] == ["attendance"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "read and compared with its manifest on"), ("fr", "lue et comparée à son manifeste le")],
)
def test_every_page_says_when_it_was_read(release: Path, language: str, words: str) -> None:
    page = open_page(release, "overview", zone="21171", day=CHANGE_OF_CLOCKS, lang=language)
    assert words in page.text


@pytest.mark.parametrize("days", [1, 2])
def test_the_ledger_adds_up_what_days_in_a_row_cost(store: Store, days: int) -> None:
    guarantee = Guarantee(1.0, 1e-6, 20.0, 8, 7, 96, 6, 2, 12.5)
    noisy = [replace(day, terms=replace(day.terms, dp=guarantee)) for day in store.release.days[:days]]
    found = spent([*noisy, *store.release.days[days:]]).set_index("days")["epsilon"]
    rho = guarantee.contributions / (2 * guarantee.sigma**2)
    assert list(found) == [pytest.approx(epsilon_of(count * rho, 1e-6)) for count in (1, days, days)]


def test_without_differential_privacy_there_is_no_ledger(store: Store) -> None:
    assert spent(store.release.days).empty
