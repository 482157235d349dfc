"""What the small inputs say together: names of the source, warnings, and what is refused before any work."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from pipelines.configuration import load
from pipelines.inputs import Inputs, read_inputs
from schemas.configuration import Event
from schemas.errors import HexafluxError, InputError, UsageError
from tests.cli.command import good_input, without_test_section


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_input(tmp_path_factory.mktemp("input") / "good").directory


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "input"))


def read(folder: Path) -> Inputs:
    return read_inputs(load(folder / "hexaflux.toml"))


def cell_names(inputs: Inputs) -> set[str]:
    return {name for name in inputs.sources if name.startswith("cell:")}


def same_place(inputs: Inputs, events: Path) -> str:
    configuration = inputs.configuration
    moved = replace(configuration, input=replace(configuration.input, events=events))
    return replace(inputs, configuration=moved).sources[-1]


def test_a_network_is_the_same_source_after_a_trivial_change(folder: Path) -> None:
    before = cell_names(read(folder))
    assert 1 <= len(before) <= 8
    file = load(folder / "hexaflux.toml").input.cells
    cells = pyarrow.csv.read_csv(file)
    at, ranges = cells.schema.get_field_index("range_m"), cells["range_m"].to_pylist()
    pyarrow.csv.write_csv(cells.set_column(at, "range_m", pa.array([ranges[0] + 1, *ranges[1:]])), file)
    assert cell_names(read(folder)) == before
    more = cells.slice(0, 1).set_column(cells.schema.get_field_index("cell_id"), "cell_id", pa.array(["one more"]))
    pyarrow.csv.write_csv(pa.concat_tables([cells, more]), file)
    assert cell_names(read(folder)) & before


def test_a_folder_of_events_is_one_source_however_it_is_written(folder: Path) -> None:
    inputs, events = read(folder), folder / "events"
    file = next(events.iterdir())
    names = {same_place(inputs, path) for path in (events, events / "*.parquet", file, events / "date=*" / "x.csv")}
    assert len(names) == 1
    assert same_place(inputs, folder / "other") not in names


@pytest.mark.parametrize(("factor", "said"), [(None, "1"), (2.5, "2.5")])
def test_that_people_follow_a_factor_is_always_said(folder: Path, factor: float | None, said: str) -> None:
    inputs = read(folder)
    configuration = inputs.configuration
    stated = replace(configuration, estimation=replace(configuration.estimation, people_per_device=factor))
    warning = f"people follow one stated factor: {said} per device"
    assert replace(inputs, configuration=stated).warnings.count(warning) == 1


def test_an_event_takes_place_in_a_zone(folder: Path) -> None:
    configuration = load(folder / "hexaflux.toml")
    zones = [zone.zone_id for zone in read(folder).zones.zones]
    start, end = pa.scalar(0, pa.timestamp("s", "UTC")).as_py(), pa.scalar(1, pa.timestamp("s", "UTC")).as_py()
    read_inputs(replace(configuration, event=(Event("festival", zones[0], start, end),)))
    with pytest.raises(UsageError) as caught:
        read_inputs(replace(configuration, event=(Event("festival", "?!", start, end),)))
    assert "[[event]] number 1 zone" in caught.value.message
    assert '"festival"' in caught.value.message
    assert '"?!"' in caught.value.message
    assert "zone_id" in caught.value.hint


@pytest.mark.parametrize("content", [None, "country,share\nDE,0.3\n"])
def test_a_roaming_share_is_read_or_refused(folder: Path, content: str | None) -> None:
    configuration = load(folder / "hexaflux.toml")
    path = folder / "roaming.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="roaming"):
        read_inputs(replace(configuration, input=replace(configuration.input, roaming_share=path)))


def test_a_register_in_a_folder_that_is_not_there_is_refused_early(folder: Path) -> None:
    without_test_section(folder)
    configuration = load(folder / "hexaflux.toml")
    release = replace(configuration.release, register=folder / "nowhere" / "publications.jsonl")
    with pytest.raises(
        HexafluxError, match=r"\[release\] register: expected a file in a folder that is there"
    ) as caught:
        read_inputs(replace(configuration, release=release))
    assert caught.value.exit_code == 2
    assert "nowhere" in caught.value.hint
