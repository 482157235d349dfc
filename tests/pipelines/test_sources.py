import gzip
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.sources import lines, parquet
from pipelines.sources.files import discover, fragments, read, read_table
from pipelines.sources.fragment import Batch
from schemas.errors import InputError, SystemFailure, UsageError
from schemas.tables import POPULATION

HEADER = "event_time,subscriber_id,cell_id,event_type,home_mcc\n"
ROWS = "2026-06-21T10:00:00Z,208010000000001,c1,call,208\n2026-06-21T10:01:00Z,007,c2,,\n"
OBJECT = '{"event_time":"2026-06-21T10:00:00Z","subscriber_id":"a","cell_id":"c"}\n'
SAMPLE = Path(__file__).parents[3] / "shared/data/multimno_sample/mno_events.parquet"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def events(rows: int = 3, **columns: pa.Array) -> pa.Table:
    times = pa.array(range(rows), pa.timestamp("us", "UTC"))
    texts = {"subscriber_id": [f"s{row}" for row in range(rows)], "cell_id": ["c"] * rows}
    return pa.table({"event_time": times} | texts | columns)


def batches(path: Path, columns: dict[str, str] | None = None, rows: int = 1_000_000) -> list[Batch]:
    return [batch for part in fragments(discover(path), rows) for batch in read(part, columns or {})]


def only(path: Path, columns: dict[str, str] | None = None) -> Batch:
    (batch,) = batches(path, columns)
    return batch


def refusal(path: Path, columns: dict[str, str] | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        batches(path, columns)
    assert caught.value.hint
    return caught.value


# Discovery


def test_a_folder_gives_its_files_and_those_of_its_sub_folders_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "date=2026-06-22/x.csv", "date=2026-06-21/hour=10/y.csv", "other/z.csv"):
        written(tmp_path, name, HEADER)
    for name in ("_SUCCESS", ".part.csv", ".other/z.csv", "_temporary=1/t.csv", "date=2026-06-21/_started"):
        written(tmp_path, name, "x")
    expected = ["a.csv", "b.csv", "date=2026-06-21/hour=10/y.csv", "date=2026-06-22/x.csv", "other/z.csv"]
    assert list(discover(tmp_path)) == expected


def test_a_glob_gives_the_files_that_match_and_the_files_of_the_folders_that_match(tmp_path: Path) -> None:
    for name in ("in/a.csv", "in/b.parquet", "in/_c.csv", "in/.d.csv", "in/date=1/e.csv", "out/f.csv"):
        written(tmp_path, name, HEADER)
    assert list(discover(tmp_path / "in" / "*.csv")) == ["a.csv"]
    assert list(discover(tmp_path / "in" / "date=*")) == ["date=1/e.csv"]
    assert list(discover(tmp_path / "*" / "*.csv")) == ["in/a.csv", "out/f.csv"]


def test_a_name_with_brackets_is_a_file_when_it_exists(tmp_path: Path) -> None:
    assert list(discover(written(tmp_path, "a[1].csv", HEADER))) == ["a[1].csv"]


@pytest.mark.parametrize("name", ["absent.csv", "*.csv", "absent/*.csv"])
def test_a_path_or_glob_without_files_is_bad_input(tmp_path: Path, name: str) -> None:
    assert name in refusal(tmp_path / name).message


def test_an_empty_folder_is_bad_input(tmp_path: Path) -> None:
    assert "got a folder without any" in refusal(tmp_path).message


def test_a_file_of_another_suffix_is_bad_input_that_names_the_accepted_ones(tmp_path: Path) -> None:
    written(tmp_path, "a.csv", HEADER)
    written(tmp_path, "notes.xlsx", "x")
    assert "notes.xlsx: expected a file name that ends with .parquet, .csv, .csv.gz" in refusal(tmp_path).message


def test_fragments_can_be_pickled(tmp_path: Path) -> None:
    found = fragments(discover(written(tmp_path, "a.csv", HEADER)))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_a_file_that_vanishes_before_it_is_read_is_bad_input(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", HEADER)
    (part,) = fragments(discover(path))
    path.unlink()
    with pytest.raises(InputError, match=r"a\.csv: expected a file"):
        list(read(part, {}))


def test_a_folder_that_may_not_be_entered_is_a_system_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SystemFailure, match="could not be read"):
        discover(tmp_path)


# What all formats share


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"])
def test_a_file_of_no_bytes_is_bad_input(tmp_path: Path, name: str) -> None:
    assert "got an empty file" in refusal(written(tmp_path, name, b"")).message


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "ndjson"])
def test_text_reads_the_same_plain_gzip_or_zstd(tmp_path: Path, kind: str, suffix: str) -> None:
    content = (HEADER + ROWS if kind == "csv" else OBJECT * 2).encode()
    packed = {"": content, ".gz": gzip.compress(content), ".zst": pa.compress(content, "zstd", asbytes=True)}
    batch = only(written(tmp_path, f"a.{kind}{suffix}", packed[suffix]))
    assert batch.table.num_rows == 2
    assert batch.malformed == ()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_missing_column_is_bad_input_that_lists_the_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(events().drop_columns("cell_id").append_column("lac", pa.array([1, 2, 3])), path)
    else:
        text = "event_time,subscriber_id,lac\n" if name == "a.csv" else OBJECT.replace("cell_id", "lac")
        path.write_text(text)
    error = refusal(path)
    assert error.message.startswith(f"{name}: expected one column cell_id, got 0 among the columns: event_time")
    assert "lac" in error.message
    assert "[input.columns.events]" in error.hint


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_columns_are_found_under_the_names_of_the_mapping(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(events().rename_columns(["t", "subscriber_id", "cgi"]), path)
    elif name == "a.csv":
        path.write_text("t;subscriber_id;cgi\n2026-06-21;a;c\n")
    else:
        path.write_text('{"t":"2026-06-21","subscriber_id":"a","cgi":"c"}\n')
    table = only(path, {"event_time": "t", "cell_id": "cgi"}).table
    assert table.column("cell_id")[0].as_py() == "c"
    assert {"event_time", "subscriber_id", "cell_id"} <= set(table.column_names)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_one_column_of_a_file_may_serve_twice(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(events(1), path)
    else:
        path.write_text(OBJECT if name == "a.jsonl" else "event_time,subscriber_id,cell_id\nt,a,c\n")
    row = only(path, {"cell_id": "subscriber_id"}).table.to_pylist()[0]
    assert row["cell_id"] == row["subscriber_id"]


def test_an_optional_column_that_the_mapping_names_must_be_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "event_time,subscriber_id,cell_id\n")
    assert "one column mcc (for home_mcc)" in refusal(path, {"home_mcc": "mcc"}).message


def test_a_mapping_of_an_unknown_column_is_a_usage_error(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", HEADER)
    with pytest.raises(UsageError, match=r"\[input.columns.events\] imsi: expected one of event_time"):
        batches(path, {"imsi": "IMSI"})


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("content", [b"PAR1\x00\x15\x04\n\xff\xfe", b"\x1f\x8b\x08\x00junk\n", b"t\x00\n"])
def test_a_binary_file_named_as_text_is_bad_input(tmp_path: Path, name: str, content: bytes) -> None:
    assert "got bytes that are not UTF-8 text" in refusal(written(tmp_path, name, content)).message


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.zst"])
def test_a_file_that_does_not_decompress_is_bad_input(tmp_path: Path, name: str) -> None:
    assert "got bytes that do not decode" in refusal(written(tmp_path, name, HEADER + ROWS)).message


def test_a_truncated_gzip_file_is_bad_input_although_its_first_rows_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1000)
    content = gzip.compress((HEADER + ROWS * 1000).encode())
    path = written(tmp_path, "a.csv.gz", content[:-30])
    (part,) = fragments(discover(path))
    reader = read(part, {})
    assert next(reader).table.num_rows > 0
    with pytest.raises(InputError, match="compressed with gzip, got bytes that do not decode"):
        list(reader)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_are_numbered_from_1_over_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 400)
    wrong = "too,few\n" if kind == "csv" else "{broken\n"
    good = ROWS.splitlines(keepends=True)[0] if kind == "csv" else OBJECT
    content = (HEADER if kind == "csv" else "") + good * 10 + "\n" + wrong + good * 9 + wrong
    found = batches(written(tmp_path, f"a.{kind}", content.rstrip("\n")))
    assert len(found) > 2
    assert [number for batch in found for number in batch.malformed] == [11, 21]
    numbers = [int(number) for batch in found for number in batch.row_numbers()]
    assert numbers == [number for number in range(1, 21) if number != 11]
    assert sum(batch.rows for batch in found) == 21


def test_a_line_longer_than_a_block_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK_BYTES", 100)
    assert "got a line of more than" in refusal(written(tmp_path, "a.csv", "x" * 1000)).message


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\x00", b"a\rb"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_line_that_is_not_text_is_malformed(tmp_path: Path, kind: str, bad: bytes) -> None:
    good = (ROWS if kind == "csv" else OBJECT * 2).encode()
    line = good.splitlines()[0].replace(b"c", b"c" + bad, 1)
    content = (HEADER.encode() if kind == "csv" else b"") + good + line + b"\n" + good
    batch = only(written(tmp_path, f"a.{kind}", content))
    assert batch.malformed == (3,)
    assert batch.table.num_rows == 4


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_with_any_delimiter_mark_and_line_end(tmp_path: Path, delimiter: str, mark: str, end: str) -> None:
    text = mark + (HEADER + ROWS).replace(",", delimiter).replace("\n", end)
    table = only(written(tmp_path, "a.csv", text)).table
    assert table.to_pydict() == {
        "event_time": ["2026-06-21T10:00:00Z", "2026-06-21T10:01:00Z"],
        "subscriber_id": ["208010000000001", "007"],
        "cell_id": ["c1", "c2"],
        "event_type": ["call", None],
        "home_mcc": ["208", None],
    }


def test_csv_columns_that_are_not_needed_are_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "x,cell_id,subscriber_id,event_time\n1,c,s,t\n")
    assert only(path).table.to_pydict() == {"event_time": ["t"], "subscriber_id": ["s"], "cell_id": ["c"]}


def test_csv_fields_may_be_quoted(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", '"event_time","subscriber_id",cell_id\n"t","a,""b""",""\n')
    assert only(path).table.to_pydict() == {"event_time": ["t"], "subscriber_id": ['a,"b"'], "cell_id": [None]}


def test_a_csv_row_with_the_wrong_number_of_fields_is_malformed(tmp_path: Path) -> None:
    text = "event_time,subscriber_id,cell_id\nt,a,c\nt,a\n\nt,a,c,d\nt,b,c\n"
    batch = only(written(tmp_path, "a.csv", text))
    assert batch.malformed == (2, 3)
    assert batch.row_numbers().tolist() == [1, 4]
    assert batch.table.column("subscriber_id").to_pylist() == ["a", "b"]


def test_a_csv_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    good = "t,a,c\n" * 100
    text = f'event_time,subscriber_id,cell_id\n{good}t,"a,c\n{good}"t,b,c\n{good}'
    batch = only(written(tmp_path, "a.csv", text))
    assert batch.malformed == (101, 202)
    assert batch.table.num_rows == 300


def test_a_csv_header_without_rows_is_no_fault(tmp_path: Path) -> None:
    for text in (HEADER, HEADER.rstrip("\n"), "\ufeff" + HEADER + "\n\n"):
        batch = only(written(tmp_path, "a.csv", text))
        assert batch.table.num_rows == 0
        assert batch.table.column_names == HEADER.strip().split(",")


def test_a_csv_column_that_stands_twice_is_bad_input(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "event_time,subscriber_id,cell_id,cell_id\n")
    assert "expected one column cell_id, got 2" in refusal(path).message


def test_a_csv_file_may_begin_with_blank_lines(tmp_path: Path) -> None:
    assert only(written(tmp_path, "a.csv", "\n\r\n" + HEADER + ROWS)).table.num_rows == 2
    assert "got bytes that are not UTF-8" in refusal(written(tmp_path, "a.csv", b"\n\xff\xfe\n")).message
    assert "expected one column event_time" in refusal(written(tmp_path, "a.csv", "\n\n")).message


def test_a_csv_header_that_does_not_parse_is_bad_input(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "x" * 200_000 + "," + HEADER)
    assert "got a header that does not parse" in refusal(path).message


# JSON Lines


def test_json_lines_keep_the_types_of_their_values(tmp_path: Path) -> None:
    text = '{"event_time":1782036000000,"subscriber_id":"007","cell_id":12,"x":[{}]}\n{"home_mcc":208,"cell_id":13}\n'
    assert only(written(tmp_path, "a.jsonl", text)).table.to_pydict() == {
        "event_time": [1782036000000, None],
        "subscriber_id": ["007", None],
        "cell_id": [12, 13],
        "event_type": [None, None],
        "home_mcc": [None, 208],
    }


@pytest.mark.parametrize(
    "line", ["{broken", "[1]", '"text"', '{"cell_id":{"a":1}}', '{"cell_id":NaN}', '{"cell_id":"\\ud800"}']
)
def test_a_broken_json_line_is_malformed(tmp_path: Path, line: str) -> None:
    batch = only(written(tmp_path, "a.jsonl", OBJECT + line + "\n\n" + OBJECT))
    assert batch.malformed == (2,)
    assert batch.table.column("subscriber_id").to_pylist() == ["a", "a"]


def test_two_json_objects_on_a_line_are_malformed(tmp_path: Path) -> None:
    assert only(written(tmp_path, "a.jsonl", OBJECT + OBJECT.strip() + OBJECT)).malformed == (2,)


def test_json_values_of_several_types_become_text(tmp_path: Path) -> None:
    values = ['"a"', "12", "12.0", "1.5", "true", "null", "123456789012345678901234567890"]
    text = "".join(f'{{"event_time":1,"subscriber_id":"s","cell_id":{value}}}\n' for value in values)
    table = only(written(tmp_path, "a.jsonl", text)).table
    expected = ["a", "12", "12", "1.5", "true", None, "123456789012345678901234567890"]
    assert table.column("cell_id").to_pylist() == expected
    assert table.column("event_time").to_pylist() == ["1"] * len(values)


def test_json_lines_without_any_object_are_bad_input(tmp_path: Path) -> None:
    assert "got no object in its first lines" in refusal(written(tmp_path, "a.jsonl", HEADER + ROWS)).message


# Parquet


def test_parquet_row_groups_make_fragments_of_at_most_the_wanted_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(events(25), path, row_group_size=5)
    found = fragments(discover(path), rows=12)
    assert [(part.first, part.count, part.rows) for part in found] == [(0, 2, 10), (2, 2, 10), (4, 1, 5)]
    parts = [batch for part in found for batch in read(part, {})]
    assert [batch.first_row for batch in parts] == [1, 11, 21]
    assert pa.concat_tables([batch.table for batch in parts]).column("subscriber_id").to_pylist() == [
        f"s{row}" for row in range(25)
    ]


def test_a_row_group_that_is_too_large_is_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_BATCH_ROWS", 10)
    path = tmp_path / "a.parquet"
    pq.write_table(events(25), path)
    assert [(batch.first_row, batch.rows) for batch in batches(path, rows=10)] == [(1, 10), (11, 10), (21, 5)]


def test_a_parquet_file_without_rows_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(events(0), path)
    assert only(path).table.num_rows == 0
    with pq.ParquetWriter(path, events().schema):
        pass
    assert only(path).table.column_names == ["event_time", "subscriber_id", "cell_id"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2), pa.dictionary(pa.int8(), pa.binary())])
def test_binary_subscriber_identifiers_become_lower_case_hex(tmp_path: Path, kind: pa.DataType) -> None:
    identifiers = pa.array([b"\x00\xff", None, b"AZ"], kind.value_type if pa.types.is_dictionary(kind) else kind)
    column = identifiers.dictionary_encode() if pa.types.is_dictionary(kind) else identifiers
    path = tmp_path / "a.parquet"
    pq.write_table(events().set_column(1, "subscriber_id", column), path)
    assert only(path).table.column("subscriber_id").to_pylist() == ["00ff", None, "415a"]


def test_the_hex_of_a_slice_is_the_slice_of_the_hex() -> None:
    values = [b"", b"a", None, b"\x01\x02\x03", b"zz", None]
    array = pa.array(values, pa.large_binary())
    expected = [None if value is None else value.hex() for value in values]
    for start in range(len(values) + 1):
        assert parquet.hexadecimal(array.slice(start)).to_pylist() == expected[start:]


def test_binary_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(events().set_column(2, "cell_id", pa.array([b"c1", b"c2", None])), path)
    assert only(path).table.column("cell_id").to_pylist() == ["c1", "c2", None]
    pq.write_table(events().set_column(2, "cell_id", pa.array([b"\xff", b"c2", None])), path)
    assert "column cell_id: expected text" in refusal(path).message


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_truncated_parquet_file_is_bad_input(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(events(1000), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    assert "a.parquet: expected a Parquet file" in refusal(path).message


def test_a_parquet_file_with_damaged_pages_is_bad_input_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(events(1000), path, compression="zstd", write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[60:160] = b"\xee" * 100
    path.write_bytes(content)
    assert len(fragments(discover(path))) == 1
    assert "got bytes that do not decode" in refusal(path).message


def test_text_named_parquet_is_bad_input(tmp_path: Path) -> None:
    assert "expected a Parquet file" in refusal(written(tmp_path, "a.parquet", HEADER + ROWS)).message


# Small inputs


def test_a_small_input_joins_the_files_of_several_formats(tmp_path: Path) -> None:
    written(tmp_path, "a.csv", "zone_id,age_band,people\nz,<18,12\n")
    pq.write_table(
        pa.table({"zone_id": ["z"], "age_band": ["65+"], "people": [7.5], "spc": ["1"]}), tmp_path / "b.parquet"
    )
    table = POPULATION.conform(read_table(tmp_path, "population", {}))
    assert table.column("people").to_pylist() == [12.0, 7.5]
    assert table.column("spc").to_pylist() == [None, "1"]


def test_a_small_input_with_a_malformed_row_is_bad_input(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "subscriber_id,spc\ns,1\ns\n")
    with pytest.raises(InputError, match="got 1 that do not, the first of them row 2"):
        read_table(path, "subscribers", {})


def test_the_multimno_sample_is_read_through_a_mapping() -> None:
    if not SAMPLE.exists():
        pytest.skip("the multimno sample is not part of the project")
    mapping = {"event_time": "timestamp", "subscriber_id": "user_id", "home_mcc": "mcc"}
    table = only(SAMPLE, mapping).table
    assert table.num_rows == 1823
    assert table.column("subscriber_id").null_count == 594
    identifiers = set(table.column("subscriber_id").drop_null().to_pylist())
    assert len(identifiers) == 10
    assert all(bytes.fromhex(text).hex() == text for text in identifiers)
