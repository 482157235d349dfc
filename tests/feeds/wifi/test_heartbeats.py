from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.rows import Finding
from pipelines.feeds.wifi.access_point import HEARTBEATS
from pipelines.feeds.wifi.heartbeats import TOLD, table_of
from pipelines.feeds.wifi.judging import instants, judged
from pipelines.feeds.wifi.spans import micros
from schemas.errors import InputError
from tests.feeds.wifi.making import AT, built

GOOD = "nef,2026-06-20T17:55:00+02:00,30"
HEAD = "access_point_id,time,clients"


def findings(folder: Path, *rows: str) -> list[Finding]:
    return list(built(folder, "\n".join([HEAD, GOOD, *rows]) + "\n").findings)


def test_rows_of_the_form_are_read(tmp_path: Path) -> None:
    assert findings(tmp_path, "lac,2026-06-20T15:55:00Z,", 'hall,"2026-06-20 17:55+0200",0') == []


@pytest.mark.parametrize(
    ("row", "field", "level"),
    [
        ("other,2026-06-20T17:50:00Z,3", "access_point_id", "error"),
        (",2026-06-20T17:50:00Z,3", "access_point_id", "error"),
        ("nef,yesterday,3", "time", "error"),
        ("nef,,3", "time", "error"),
        ("nef,2026-06-20T17:50:00,3", "time", "error"),
        ("nef,2026-02-30T17:50:00Z,3", "time", "error"),
        ("nef,2026-06-20T25:50:00Z,3", "time", "error"),
        ("nef,2026-06-20T15:50:60Z,3", "time", "error"),
        ("nef,2026-06-20T15:50:00+02:75,3", "time", "error"),
        ("nef,2026-06-20T18:00:01+02:00,3", "time", "error"),
        ("nef,2026-06-20T17:50:00+02:00,-1", "clients", "error"),
        ("nef,2026-06-20T17:50:00+02:00,2.5", "clients", "error"),
        ("nef,2026-06-20T17:50:00+02:00,100001", "clients", "error"),
        ("nef,2026-06-20T17:55:00+02:00,31", "clients", "error"),
        ("nef,2026-06-20T15:55:00Z,30", "time", "warning"),
        ("nef,2026-06-20T17:50:00+02:00", "row", "error"),
        ("nef,2026-06-20T17:50:00+02:00,3,4", "row", "error"),
    ],
)
def test_a_bad_row_is_told_with_line_and_field_and_no_value(tmp_path: Path, row: str, field: str, level: str) -> None:
    found = findings(tmp_path, "", row, "lac,2026-06-20T17:50:00+02:00,1")

    assert [(each.file, each.line, each.field, each.level, each.found) for each in found] == [
        ("heartbeats.csv", 4, field, level, "")
    ]


def test_a_beat_at_the_instant_of_the_build_is_not_in_the_future(tmp_path: Path) -> None:
    assert findings(tmp_path, "nef,2026-06-20T18:00:00+02:00,3") == []


def test_rows_are_counted_and_only_the_first_ones_are_told(tmp_path: Path) -> None:
    bad = [f"nef,nonsense {number},1" for number in range(TOLD + 50)]
    module = built(tmp_path, "\n".join([HEAD, GOOD, *bad])).modules[0]

    assert (module.rows, module.refused) == (3 + 1 + TOLD + 50, TOLD + 50)
    assert len(module.findings) == TOLD + 1
    assert "50 rows" in module.findings[-1].expected.en


def test_a_file_of_bad_rows_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the 1 rows can be used; heartbeats.csv:2 time"):
        built(tmp_path, f"{HEAD}\nnef,never,1\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("access_point_id,clients\nnef,3\n", "expected a column time"),
        ("", "expected a column access_point_id, found nothing"),
        ("access_point_id,time,time\nnef,a,b\n", "expected a column time, found it twice"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        built(tmp_path, text)


def test_windows_1252_is_read_and_another_encoding_refused() -> None:
    table, _ = table_of(f"{HEAD}\nnéf,2026-06-20T15:55:00Z,1\n".encode("windows-1252"), HEARTBEATS, "beats.csv")

    assert table["access_point_id"].to_pylist() == ["néf"]
    with pytest.raises(InputError, match="expected UTF-8 text"):
        table_of(f"{HEAD}\n".encode() + b"\x81,2026-06-20T15:55:00Z,1\n", HEARTBEATS, "beats.csv")


def test_a_file_without_beats_makes_everything_unknown(tmp_path: Path) -> None:
    assert {item.text.en[:9] for item in built(tmp_path, f"{HEAD}\n").modules[0].items} == {"Not known"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_line_ends_marks_and_other_columns_do_not_matter(separator: str, end: str) -> None:
    rows = [["note", "time", "access_point_id", "clients"], ["x", "2026-06-20T15:55:00Z", "nef", "3"], ["", "", "", ""]]
    data = ("\ufeff" + end.join(separator.join(row) for row in rows) + end).encode()

    table, torn = table_of(data, HEARTBEATS, "beats.csv")

    assert (table.to_pylist(), torn) == (
        [{"access_point_id": "nef", "time": "2026-06-20T15:55:00Z", "clients": "3", "line": 2}],
        [],
    )


def test_spaces_and_quotes_around_names_and_columns_of_others_do_not_matter() -> None:
    table, _ = table_of(b'n, n ,"time", access_point_id \n1,2,2026-06-20T15:55:00Z, nef \n', HEARTBEATS, "beats.csv")

    assert table.to_pylist() == [{"access_point_id": "nef", "time": "2026-06-20T15:55:00Z", "clients": "", "line": 2}]


@pytest.mark.filterwarnings("error")
@given(st.binary(max_size=200) | st.text(alphabet='nef,;"0123456789-:TZ+\r\n \t', max_size=300).map(str.encode))
def test_whatever_stands_in_a_file_it_is_read_or_refused(data: bytes) -> None:
    content = b"access_point_id,time,clients\n" + data
    try:
        texts, torn = table_of(content, HEARTBEATS, "beats.csv")
    except InputError:
        return
    beats, faults = judged(texts, ["nef"], micros(AT))
    counted = [line for _, lines in faults for line in lines.tolist()]

    assert beats.num_rows + len(counted) == texts.num_rows
    assert not set(counted) & set(torn)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.timezones()))
def test_instants_are_those_of_the_standard_library(when: datetime) -> None:
    text = when.isoformat()
    if len(text.rpartition("+")[2].rpartition("-")[2]) > 5:
        return  # An offset with seconds, as before 1912, is none of ISO 8601.
    found, sound = instants(pa.array([text, when.isoformat(" ")]))

    assert (found.tolist(), sound.tolist()) == ([micros(when)] * 2, [True, True])


@given(st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_a_text_that_the_standard_library_refuses_is_refused(text: str) -> None:
    _, sound = instants(pa.array([text]))
    try:
        accepted = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        accepted = False

    assert accepted or not sound[0]
