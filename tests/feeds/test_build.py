import csv
import hashlib
import io
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.feeds import settings
from pipelines.feeds.build import Build, build, files, publish
from pipelines.feeds.feed import all_feeds
from schemas.errors import CheckFailed, InputError
from tests.feeds import town

SATURDAY = datetime(2026, 6, 20, 18, 0, tzinfo=ZoneInfo("Europe/Paris"))


def built(folder: Path, at: datetime = SATURDAY, **changed: str) -> Build:
    return build(settings.load(town.write(folder, **changed), all_feeds()), at, lambda _: None)


def items(build: Build, name: str = "places") -> dict[str, dict]:
    index = json.loads(files(build)[f"dijon/{name}/index.json"])
    return {item["title"]["fr"]: item for item in index["items"]}


def test_every_place_says_whether_it_is_open_and_until_when(tmp_path: Path) -> None:
    found = {name: item["opening"] for name, item in items(built(tmp_path)).items()}

    assert (found["La Nef"]["state"], found["La Nef"]["until"]) == ("open", "2026-06-20T18:30:00+02:00")
    assert (found["Mairie"]["state"], found["Mairie"]["until"]) == ("closed", "2026-06-22T09:00:00+02:00")
    assert found["Gymnase"] == {"state": "unknown", "intervals": []}


@pytest.mark.parametrize(
    ("at", "state"), [("2026-12-30T23:59:59+01:00", "open"), ("2026-12-31T00:00:00+01:00", "unknown")]
)
def test_past_its_last_day_a_place_is_unknown_and_never_open(tmp_path: Path, at: str, state: str) -> None:
    night = town.TOWN.replace("2026-12-31", "2026-12-30")
    always = town.PLACES.replace("Tu-Sa 10:00-18:30", "24/7")

    found = items(built(tmp_path, datetime.fromisoformat(at), town=night, places=always))["La Nef"]["opening"]

    assert found["state"] == state
    assert all(end <= "2026-12-31T00:00:00+01:00" for _, end in found["intervals"])


def test_exceptions_and_school_holidays_become_dated_rules(tmp_path: Path) -> None:
    found = items(built(tmp_path))

    assert found["La Nef"]["opening"]["hours"] == "Tu-Sa 10:00-18:30; 2026 Aug 01-2026 Aug 15 off"
    assert found["La Nef"]["exceptions"] == [
        {"first": "2026-08-01", "last": "2026-08-15", "reason": {"en": "Holidays", "fr": "Congés"}}
    ]
    july = datetime(2026, 7, 6, 15, 0, tzinfo=ZoneInfo("Europe/Paris"))
    assert items(built(tmp_path, july))["Mairie"]["opening"]["state"] == "closed"
    september = datetime(2026, 9, 7, 15, 0, tzinfo=ZoneInfo("Europe/Paris"))
    assert items(built(tmp_path, september))["Mairie"]["opening"]["state"] == "open"


def test_the_file_of_the_standard_holds_what_came_in_with_the_hours_of_certain_days(tmp_path: Path) -> None:
    written = files(built(tmp_path))["dijon/places/equipements.csv"].decode()

    before = {row["EQUIP_UID"]: row for row in csv.DictReader(io.StringIO(town.PLACES))}
    after = {row["EQUIP_UID"]: row for row in csv.DictReader(io.StringIO(written))}
    assert after.keys() == before.keys()
    for uid, row in before.items():
        row.pop("EQUIP_OUVERTURE")
        assert {name: after[uid][name] for name in row} == row


def test_a_row_with_an_error_is_left_out_and_told(tmp_path: Path) -> None:
    made = built(tmp_path, places=town.PLACES.replace("Tu-Sa 10:00-18:30", "mardi matin"))

    assert set(items(made)) == {"Mairie", "Gymnase"}
    (finding,) = [each for each in made.findings if each.level == "error"]
    assert (finding.file, finding.line, finding.field, finding.level) == ("places.csv", 3, "EQUIP_OUVERTURE", "error")
    (module,) = made.modules
    assert (module.rows, module.refused) == (3, 1)


def test_strict_writes_nothing_where_a_row_is_refused(tmp_path: Path) -> None:
    wrong = built(tmp_path, places=town.PLACES.replace("47.33", "147"))

    with pytest.raises(CheckFailed, match=r"places.csv:4 EQUIP_LAT: expected a number of at most 90, found '147'"):
        publish(wrong, tmp_path / "feeds", strict=True)
    assert not (tmp_path / "feeds").exists()
    publish(built(tmp_path), tmp_path / "feeds", strict=True)


def test_a_source_of_which_nothing_can_be_published_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the 3 rows can be published; places\.csv:2 COLL_SIRET"):
        built(tmp_path, places=town.PLACES.replace("21210231300013", "21210231300014"))


ALERTS = """id,title_fr,text_fr,severity,published,ends
a,Crue,Crue,danger,2026-06-20T10:00,{ends}
b,Vent,Vent,info,2026-06-20T10:00,2026-06-20T09:00
"""


def test_a_source_whose_rows_all_contradict_themselves_is_bad_input(tmp_path: Path) -> None:
    config = town.write(tmp_path)
    config.write_text(f'{town.TOWN}[feeds.alerts]\nsource = "alerts.csv"\n', encoding="utf-8")

    def alerts(ends: str) -> int:
        (tmp_path / "alerts.csv").write_text(ALERTS.format(ends=ends), encoding="utf-8")
        made = build(settings.load(config, all_feeds()), SATURDAY, lambda _: None)
        return next(len(module.items) for module in made.modules if module.feed.name == "alerts")

    assert alerts("2026-06-21T10:00") == 1
    with pytest.raises(InputError, match=r"none of the 2 rows can be published; alerts\.csv:2 ends"):
        alerts("2026-06-20T10:00")


def test_exceptions_of_which_none_can_be_kept_are_bad_input(tmp_path: Path) -> None:
    head = town.EXCEPTIONS.partition("\n")[0]

    with pytest.raises(InputError, match=r"none of the 2 rows can be published; exceptions\.csv:2 first"):
        built(tmp_path, exceptions=f"{head}\nx,dates,,,off,,\nx,dates,2026-08-15,2026-08-14,off,,\n")


@pytest.mark.parametrize(
    ("row", "line_field"),
    [
        ("21231-05010401-001,dates,,,off,,", "exceptions.csv:2 first: expected a first day"),
        ("21231-05010401-001,dates,2026-08-15,2026-08-14,off,,", "exceptions.csv:2 last: expected a day that is not"),
        ("21231-05010401-001,dates,2026-08-01,,Jul 09:00-12:00,,", "exceptions.csv:2 hours: expected"),
        ("21231-05010401-001,never,2026-08-01,,off,,", "exceptions.csv:2 when: expected one of dates"),
    ],
)
def test_an_exception_that_cannot_be_kept_is_refused(tmp_path: Path, row: str, line_field: str) -> None:
    head = town.EXCEPTIONS.partition("\n")[0]
    sound = "21231-01010401-001,dates,2026-12-24,,off,,"

    (finding,) = built(tmp_path, exceptions=f"{head}\n{row}\n{sound}\n").findings

    assert finding.level == "error"
    assert finding.told().startswith(line_field)


def test_holidays_that_end_before_they_begin_are_refused(tmp_path: Path) -> None:
    made = built(tmp_path, holidays=f"{town.HOLIDAYS}Toussaint,2026-11-01,2026-10-17\nFête,2026-11-11,2026-11-11\n")

    (finding,) = made.findings
    assert finding.told() == "holidays.csv:3 last: expected a day that is not before the first one, found 2026-10-17"
    assert finding.level == "error"
    hours = items(made)["Mairie"]["opening"]["hours"]
    assert "2026 Nov 11 Mo-Fr 09:00-12:00" in hours
    assert "2026 Oct" not in hours


def test_an_exception_of_no_place_is_a_warning(tmp_path: Path) -> None:
    made = built(tmp_path, exceptions=town.EXCEPTIONS.replace("21231-05010401-001", "21231-05010401-002"))

    (finding,) = made.findings
    assert (finding.level, finding.line, finding.field) == ("warning", 2, "place_id")


def test_the_manifest_covers_every_file(tmp_path: Path) -> None:
    written = files(built(tmp_path))

    manifest = json.loads(written["manifest.json"])
    stated = [each for module in manifest["modules"] for each in module["files"]] + manifest["files"]
    assert {each["path"]: each["sha256"] for each in stated} == {
        path: hashlib.sha256(data).hexdigest() for path, data in written.items() if path != "manifest.json"
    }


@pytest.mark.parametrize(("table", "test"), [("", False), ("[test]\nallow_small_k = true\n[policy]\nk = 2\n", True)])
def test_a_build_with_a_k_of_tests_is_marked_as_one(tmp_path: Path, table: str, test: bool) -> None:
    config = town.write(tmp_path)
    config.write_text(table + town.TOWN, encoding="utf-8")

    made = build(settings.load(config, all_feeds()), SATURDAY, lambda _: None)

    assert json.loads(files(made)["manifest.json"])["test"] is test


def test_the_same_sources_and_instant_give_the_same_bytes(tmp_path: Path) -> None:
    assert files(built(tmp_path)) == files(built(tmp_path))


def test_the_report_that_everybody_may_read_does_not_quote_what_was_found(tmp_path: Path) -> None:
    written = files(built(tmp_path, places=town.PLACES.replace("47.33", "secret")))

    assert b"secret" not in b"".join(written.values())
    told = [(each["module"], each["file"], each["line"], each["field"]) for each in json.loads(written["report.json"])]
    assert ("places", "places.csv", 4, "EQUIP_LAT") in told


def test_the_report_names_the_feed_of_a_finding_and_none_for_what_feeds_share(tmp_path: Path) -> None:
    wrong = town.EXCEPTIONS.replace("2026-08-15", "2026-08-32")
    report = json.loads(files(built(tmp_path, exceptions=wrong))["report.json"])
    assert {(each["module"], each["file"]) for each in report} == {(None, "exceptions.csv")}


def test_a_file_without_rows_is_told_where_there_is_always_something(tmp_path: Path) -> None:
    head = town.PLACES.partition("\n")[0]

    told = [each for each in built(tmp_path, places=f"{head}\n").findings if each.file == "places.csv"]

    assert [(each.line, each.field, each.level) for each in told] == [(1, "COLL_NOM", "warning")]


def test_a_town_without_alerts_has_nothing_to_tell_of(tmp_path: Path) -> None:
    columns = "id,title_fr,text_fr,severity,published,starts,ends"
    (tmp_path / "alerts.csv").write_text(f"{columns}\n")
    alerts = '[feeds.alerts]\nsource = "alerts.csv"\n'

    made = built(tmp_path, town=town.TOWN + alerts)

    assert made.findings == ()
    assert items(made, "alerts") == {}


def test_exceptions_may_be_of_a_building_that_is_no_item(tmp_path: Path) -> None:
    (tmp_path / "wifi.csv").write_text("id,name,building_id,building,beat_seconds\nap,Accueil,halle,La Halle,300\n")
    closed = town.EXCEPTIONS + "halle,dates,2026-12-24,,off,,\nhall,dates,2026-12-24,,off,,\n"

    made = built(tmp_path, town=town.TOWN + '[feeds.wifi]\nsource = "wifi.csv"\n', exceptions=closed)

    assert [(each.file, each.line) for each in made.shared] == [("exceptions.csv", 5)]
