"""The files of a Flux Vision delivery: their names, their lines, and what is masked."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.released import Release
from pipelines.exports import fluxvision
from pipelines.exports.fluxvision_lines import FAMILIES, MASKED, volume
from pipelines.exports.fluxvision_presence import half_hours
from pipelines.exports.zones import read_zones
from schemas.countries import COUNTRIES, DEPARTEMENTS
from schemas.indicators import INDICATORS
from tests.exports.handmade import DAY, NEXT, TABLES, release, rows

COMMON = [
    *("Date", "JourDeLaSemaine", "VacancesA", "VacancesB", "VacancesC", "Ferie"),
    *("ZoneObservation", "Provenance", "CategorieVisiteur"),
]

Line = dict[str, str]


@pytest.fixture(scope="module")
def folder(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fluxvision")
    fluxvision.write(handmade, made, lambda _: None)
    return made


def read(folder: Path, family: str, zone: str = "21231", day: date = DAY) -> list[Line]:
    """The lines of a day in a file of a zone."""
    with zipfile.ZipFile(folder / f"2026B5_{zone}.zip") as archive:
        text = archive.read(f"{family}_2026B5_{zone}.csv").decode("utf-8-sig")
    return [line for line in csv.DictReader(io.StringIO(text), delimiter=";") if line["Date"] == day.isoformat()]


def volumes(lines: list[Line], column: str) -> dict[str, str]:
    return {line[column]: line["Volume"] for line in lines}


def shown(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["Volume"] != MASKED]


def test_there_is_a_zip_for_each_zone_and_two_months_and_one_file_of_half_hours(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "2026B5_21231.zip",
        "2026B5_21515.zip",
        "2026B5_lac.zip",
        "presence30min.csv",
    }


def test_a_zip_holds_a_file_for_each_family_named_as_they_are_delivered(folder: Path) -> None:
    with zipfile.ZipFile(folder / "2026B5_21231.zip") as archive:
        assert archive.namelist() == [
            "Nuitee_2026B5_21231.csv",
            "Diurne_2026B5_21231.csv",
            "Diurne_Age_2026B5_21231.csv",
            "Diurne_Departement_2026B5_21231.csv",
            "Diurne_Pays_2026B5_21231.csv",
            "DureePresence_2026B5_21231.csv",
        ]


@pytest.mark.parametrize(
    ("family", "own"),
    [
        ("Nuitee", []),
        ("Diurne", []),
        ("Diurne_Age", ["Age"]),
        ("Diurne_Departement", ["NomDepartement", "NomRegion", "NomNouvelleRegion"]),
        ("Diurne_Pays", ["Pays"]),
        ("DureePresence", ["DureePresence"]),
    ],
)
def test_a_file_has_the_common_columns_its_own_and_the_volume(folder: Path, family: str, own: list[str]) -> None:
    assert list(read(folder, family)[0]) == [*COMMON, *own, "Volume"]


def test_a_file_begins_with_a_byte_order_mark_and_is_separated_by_semicolons(folder: Path) -> None:
    with zipfile.ZipFile(folder / "2026B5_21231.zip") as archive:
        for name in archive.namelist():
            assert archive.read(name).startswith("\ufeffDate;JourDeLaSemaine;".encode())
    assert (folder / "presence30min.csv").read_bytes().startswith("\ufeffDate;Heures;Zone;Type;Volume\r\n".encode())


def test_a_zip_tells_no_clock_time(folder: Path) -> None:
    with zipfile.ZipFile(folder / "2026B5_21231.zip") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_category_is_named_with_its_provenance_and_a_pooled_one_is_masked(folder: Path) -> None:
    found = [(line["Provenance"], line["CategorieVisiteur"], line["Volume"]) for line in read(folder, "Diurne")]
    assert found == [
        ("LOCAL", "RESIDENT", "300"),
        ("NONLOCAL", "EXCURSIONNISTE", "120"),
        ("NONLOCAL", "TOURISTE", "90"),
        ("ETRANGER", "EXCURSIONNISTE", "#"),
        ("ETRANGER", "TOURISTE", "#"),
    ]


def test_a_night_without_a_row_is_masked_and_not_zero(folder: Path) -> None:
    assert [line["Volume"] for line in read(folder, "Nuitee")] == ["240", "#", "80", "#", "#"]


def test_a_day_is_named_in_french_and_the_school_holidays_are_left_empty(folder: Path) -> None:
    line = read(folder, "Diurne")[0]
    assert [line[name] for name in COMMON[:7]] == ["2026-10-24", "Samedi", "", "", "", "0", "Dijon"]


def test_a_public_holiday_is_marked(tmp_path: Path) -> None:
    holiday = "zone_id visitor_category devices people\n21231 resident 100 300"
    made = release(tmp_path / "release", {DAY: {"attendance_by_category": holiday}})
    zone = read_zones(made.zones())[0]
    figures = {(date(2026, 11, 11), zone.zone_id): [(frozenset({"resident"}), 300.0)]}
    diurne = next(family for family in FAMILIES if family.name == "Diurne")
    lines = list(fluxvision.lines(diurne, zone, [zone], [date(2026, 11, 11), date(2026, 11, 12)], figures, {}))
    assert [line[5] for line in lines] == ["1"] * 5 + ["0"] * 5
    assert [line[-1] for line in lines] == ["300", "#", "#", "#", "#", "#", "#", "#", "#", "#"]


def test_ages_have_their_french_labels_and_the_total_is_that_of_attendance(folder: Path) -> None:
    found = [(line["Provenance"], line["Age"], line["Volume"]) for line in read(folder, "Diurne_Age")]
    assert found == [
        ("", "<18", "120"),
        ("", "18-24 ans", "180"),
        ("", "25-34 ans", "#"),
        ("", "35-44 ans", "#"),
        ("", "45-54 ans", "#"),
        ("", "55-64 ans", "#"),
        ("", "65 ans et +", "#"),
        ("", "NR", "#"),
        ("ETRANGER", "NR", "100"),
        ("", "CUMUL", "600"),
    ]


def test_a_split_that_collapsed_has_nothing_but_the_total(folder: Path) -> None:
    assert [(line["Age"], line["Volume"]) for line in shown(read(folder, "Diurne_Age", "21515"))] == [("CUMUL", "240")]


@pytest.mark.parametrize(("people", "total"), [(590, False), (600, True), (610, False)])
def test_the_total_stands_only_where_the_classes_add_up_to_it(tmp_path: Path, people: int, total: bool) -> None:
    texts = {"dwell": TABLES["dwell"], "attendance": f"zone_id devices people\n21231 200 {people}"}
    fluxvision.write(release(tmp_path / "release", {DAY: texts}), tmp_path, lambda _: None)
    assert (volumes(read(tmp_path, "DureePresence"), "DureePresence").get("CUMUL") == "600") is total


def test_dwell_bands_have_french_labels(folder: Path) -> None:
    assert volumes(read(folder, "DureePresence"), "DureePresence") == {
        "MOINS DE 30 MIN": "#",
        "30 MIN A 1 H": "#",
        "1 H A 2 H": "420",
        "2 H A 4 H": "#",
        "4 H A 8 H": "#",
        "8 H ET PLUS": "#",
        "CUMUL": "600",
    }


def test_a_departement_adds_up_its_communes_and_residents_stand_apart(folder: Path) -> None:
    lines = read(folder, "Diurne_Departement")
    assert [(line["Provenance"], line["NomDepartement"], line["Volume"]) for line in shown(lines)] == [
        ("LOCAL", "Côte-d'Or", "300"),
        ("NONLOCAL", "Côte-d'Or", "130"),
    ]
    assert len(lines) == len(DEPARTEMENTS) + 2
    first = shown(lines)[0]
    assert (first["NomRegion"], first["NomNouvelleRegion"]) == ("Bourgogne", "Bourgogne-Franche-Comté")


def test_a_departement_is_masked_where_a_pool_reaches_beyond_it(tmp_path: Path) -> None:
    text = "zone_id origin devices people\n21231 21,21515 40 120\n21231 71 30 90\n21231 75,77 30 80"
    fluxvision.write(release(tmp_path / "a", {DAY: {"attendance_by_origin": text}}), tmp_path, lambda _: None)
    found = {line["NomDepartement"]: line["Volume"] for line in shown(read(tmp_path, "Diurne_Departement"))}
    assert found == {"Côte-d'Or": "120", "Saône-et-Loire": "90"}


def test_every_country_has_a_line_and_those_in_a_pool_are_masked(folder: Path) -> None:
    lines = read(folder, "Diurne_Pays")
    assert len(lines) == len(COUNTRIES)
    assert {line["Provenance"] for line in lines} == {"ETRANGER"}
    assert [(line["Pays"], line["Volume"]) for line in shown(lines)] == [("Allemagne", "90")]


@pytest.mark.parametrize("zone", ["21231", "21515"])
@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_a_zone_that_is_pooled_with_another_has_nothing_but_masked_figures(
    folder: Path, family: str, zone: str
) -> None:
    lines = read(folder, family, zone, NEXT)
    assert len(lines) >= 5
    assert shown(lines) == []


def test_the_volumes_of_single_classes_add_up_to_what_the_release_says_of_them(folder: Path) -> None:
    for family in FAMILIES:
        if family.attribute in ("visitor_category", "dwell_band"):
            table = rows(family.indicator, TABLES[family.indicator])
            single = [
                people
                for zone_id, value, people in zip(
                    *(table[name].to_pylist() for name in ("zone_id", family.attribute, "people")), strict=True
                )
                if zone_id == "21231" and "|" not in value
            ]
            lines = [line for line in shown(read(folder, family.name)) if "CUMUL" not in line.values()]
            assert sum(int(line["Volume"]) for line in lines) == sum(single)


def test_days_of_two_periods_stand_in_two_zips(tmp_path: Path) -> None:
    texts = {"nights": TABLES["nights"]}
    made = release(tmp_path / "release", {date(2026, 10, 31): texts, date(2026, 11, 1): texts})
    fluxvision.write(made, tmp_path, lambda _: None)
    found = {}
    for path in tmp_path.glob("*_21231.zip"):
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            found[name] = {line[:10] for line in archive.read(name).decode("utf-8-sig").splitlines()[1:]}
    assert found == {"Nuitee_2026B5_21231.csv": {"2026-10-31"}, "Nuitee_2026B6_21231.csv": {"2026-11-01"}}


def test_a_half_hour_is_the_mean_of_its_two_slots_and_counts_the_zones_inside(folder: Path) -> None:
    lines = half_hour_lines(folder, "2026-10-24", "10:00")
    assert lines == {"Dijon": "365", "Quetigny": "125", "Lac Kir": "75"}


def test_a_half_hour_is_masked_where_a_slot_has_the_zone_in_a_pool(folder: Path) -> None:
    assert half_hour_lines(folder, "2026-10-24", "10:30") == {"Dijon": "240", "Quetigny": "#", "Lac Kir": "#"}


def test_a_half_hour_without_rows_is_masked(folder: Path) -> None:
    assert set(half_hour_lines(folder, "2026-10-24", "11:00").values()) == {MASKED}


def test_a_half_hour_is_masked_where_the_whole_territory_is_one_part(folder: Path) -> None:
    assert set(half_hour_lines(folder, "2026-10-25", "09:00").values()) == {MASKED}


def test_a_day_of_25_hours_has_50_half_hours_and_the_repeated_ones_twice(folder: Path) -> None:
    with (folder / "presence30min.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.DictReader(file, delimiter=";") if line["Zone"] == "Dijon"]
    assert len(lines) == 50 + 48
    assert [line["Heures"] for line in lines[:50]].count("02:30") == 2
    assert (lines[0]["Date"], lines[0]["Heures"], lines[49]["Date"], lines[49]["Heures"]) == (
        "2026-10-24",
        "05:00",
        "2026-10-25",
        "04:30",
    )
    assert {line["Type"] for line in lines} == {"(total)"}


@pytest.mark.parametrize(
    ("minutes", "slots", "expected"),
    [
        (60, ["08:00 300"], ["300", "300", "#"]),
        (30, ["08:00 300", "08:30 310"], ["300", "310", "#"]),
        (20, ["08:00 300", "08:20 320", "08:40 340"], ["310", "330", "#"]),
        (10, ["08:00 300", "08:10 300", "08:20 350"], ["317", "#", "#"]),
        (15, ["08:00 300", "08:15 310"], ["305", "#", "#"]),
    ],
)
def test_slots_of_any_length_make_half_hours(
    handmade: Release, minutes: int, slots: list[str], expected: list[str]
) -> None:
    lines = [f"2026-10-24T{slot.split()[0]}Z 21231 100 {slot.split()[1]}" for slot in slots]
    table = rows("presence", "\n".join(["window_start zone_id devices people", *lines]))
    day = replace(handmade.days[0], terms=replace(handmade.days[0].terms, slot=minutes * 60_000_000))
    zones = [zone for zone in read_zones(handmade.zones()) if zone.zone_id == "21231"]
    found = {line[1]: line[4] for line in half_hours(table, day, zones)}
    assert [found[clock] for clock in ("10:00", "10:30", "11:00")] == expected


def half_hour_lines(folder: Path, day: str, clock: str) -> dict[str, str]:
    with (folder / "presence30min.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    return {line["Zone"]: line["Volume"] for line in lines if (line["Date"], line["Heures"]) == (day, clock)}


CLASSES = list("abcdef")


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), st.lists(st.integers(2, 50), min_size=4, max_size=4))
def test_a_volume_is_never_zero_and_is_the_sum_wherever_it_can_be_known(groups: list[int], tens: list[int]) -> None:
    """Any partition of classes into rows, of which one is not published."""
    covered = [frozenset(name for name, group in zip(CLASSES, groups, strict=True) if group == n) for n in range(3)]
    published = [(classes, tens[n] * 10.0) for n, classes in enumerate(covered) if classes]
    for wanted in (frozenset("a"), frozenset("ab"), frozenset("abc")):
        touching = [row for row in published if row[0] & wanted]
        known = bool(touching) and all(classes <= wanted for classes, _ in touching)
        assert volume(published, wanted) == (str(round(sum(people for _, people in touching))) if known else MASKED)
        assert volume(published, wanted) != "0"


def test_zones_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    feature = '{"properties": {"zone_id": "%s", "name": "%s", "parent": %s}}'
    features = [feature % ("a", "Parc", "null"), feature % ("b", "Parc", '"a"'), feature % ("c", "Lac", '"b"')]
    zones = read_zones(f'{{"features": [{",".join(features)}]}}'.encode())
    assert [zone.label for zone in zones] == ["Parc (a)", "Parc (b)", "Lac"]
    assert [sorted(zone.inside) for zone in zones] == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_an_identifier_that_is_no_file_name_is_written_as_in_an_address(
    handmade: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = handmade.zones().replace(b'"lac"', b'"../lac 1"')
    monkeypatch.setattr(Release, "zones", lambda self: zones)
    fluxvision.write(handmade, tmp_path, lambda _: None)
    assert (tmp_path / "2026B5_..%2Flac%201.zip").exists()


def test_a_family_without_figures_has_no_file(tmp_path: Path) -> None:
    made = release(tmp_path / "release", {DAY: {"nights": TABLES["nights"]}})
    fluxvision.write(made, tmp_path, lambda _: None)
    with zipfile.ZipFile(tmp_path / "2026B5_lac.zip") as archive:
        assert archive.namelist() == ["Nuitee_2026B5_lac.csv"]


def test_every_class_of_a_closed_vocabulary_has_a_line(handmade: Release) -> None:
    zones = read_zones(handmade.zones())
    for family in FAMILIES:
        declared = next(f for f in INDICATORS[family.indicator].table.fields if f.name == family.attribute)
        lines = family.lines(zones[0], zones)
        named = {name for line in lines for name in line.classes}
        closed = {"attendance_by_origin": set()}.get(family.indicator, set(declared.values) - {"all"})
        assert closed <= named
        assert len([name for line in lines for name in line.classes]) == len(named)


def test_empty_presence_has_no_lines_but_masked_ones(handmade: Release) -> None:
    table: pa.Table = INDICATORS["presence"].table.empty()
    lines = list(half_hours(table, handmade.days[1], read_zones(handmade.zones())))
    assert len(lines) == 48 * 3
    assert {line[4] for line in lines} == {MASKED}
