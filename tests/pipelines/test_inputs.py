"""What the small inputs say together: names of the source, warnings, and what is refused before any work."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from anonymization.keys import MasterKey
from pipelines.configuration import load
from pipelines.inputs import Inputs, inputs_of_now, people_by_zone, public_sizes, read_inputs
from pipelines.location import draw
from schemas.configuration import Event, Kafka
from schemas.errors import HexafluxError, InputError, UsageError
from tests.cli.command import DAY, good_input, without_test_section
from tests.tables import table


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


def test_a_topic_is_one_source_whatever_its_messages_are(folder: Path) -> None:
    inputs = read(folder)

    def source(kafka: Kafka) -> str:
        configuration = inputs.configuration
        given = replace(configuration.input, events=None, kafka=kafka)
        return replace(inputs, configuration=replace(configuration, input=given)).sources[-1]

    topic = Kafka("a:9092", "events", "json")
    assert source(topic) == source(replace(topic, format="arrow", group="other", client={"a": "b"}))
    assert len({source(topic), source(replace(topic, topic="more")), source(replace(topic, brokers="b:9092"))}) == 3
    assert source(topic) not in inputs.sources


def without_census(folder: Path, factor: float | None) -> Inputs:
    configuration = load(folder / "hexaflux.toml")
    estimation = replace(configuration.estimation, people_per_device=factor)
    paths = replace(configuration.input, population=None)
    return read_inputs(replace(configuration, input=paths, estimation=estimation))


@pytest.mark.parametrize(("factor", "said"), [(None, "1"), (2.5, "2.5")])
def test_that_people_follow_a_factor_is_said_once_anybody_is_weighed(
    folder: Path, factor: float | None, said: str
) -> None:
    inputs = without_census(folder, factor)
    warning = f"people follow one stated factor: {said} per device"
    assert inputs.stated_factor == float(said)
    assert warning not in inputs.warnings
    for day in (DAY, DAY.replace(year=2027)):
        assert inputs.weighing(day).weights.domestic[-1, -1] == float(said) * 1000
    assert inputs.warnings.count(warning) == 1


def test_people_who_follow_from_the_census_follow_no_factor(folder: Path) -> None:
    inputs = read(folder)
    inputs.weighing(DAY)
    assert inputs.stated_factor is None
    assert not any("factor" in warning for warning in inputs.warnings)


def test_homes_are_areas_of_the_census(folder: Path) -> None:
    inputs = read(folder)
    areas = dict(zip((*inputs.home_zones, "unknown"), inputs.home_area.tolist(), strict=True))
    assert areas["unknown"] == areas["75056"] == areas["21054"] == -1
    assert {zone: inputs.census.homes[area] for zone, area in areas.items() if area >= 0} == {
        zone: zone for zone in areas if zone in inputs.census.homes
    }
    assert inputs.footprint.area.max() < len(inputs.census.homes)


def test_where_homes_are_known_whoever_has_none_is_a_visitor(folder: Path) -> None:
    inputs = read(folder)
    assert np.array_equal(inputs.footprint.prior, inputs.footprint.elsewhere)
    configuration = inputs.configuration
    alone = read_inputs(replace(configuration, input=replace(configuration.input, subscribers=None)))
    assert not np.array_equal(alone.footprint.prior, alone.footprint.elsewhere)
    assert (alone.home_zones, alone.home_area.tolist()) == ((), [-1])


def test_a_device_has_one_number_for_a_privacy_day_and_another_for_the_next(folder: Path) -> None:
    inputs = read(folder)
    device = np.arange(200, dtype=np.uint64)
    key, other = (MasterKey(DAY, "", "", "", bytes([number]) * 32) for number in (1, 2))
    uniform = inputs.uniform(key)
    assert np.array_equal(uniform(device), uniform(device[::-1])[::-1])
    assert (uniform(device) != inputs.uniform(other)(device)).mean() > 0.99
    cell, home = np.zeros(200, np.int32), np.full(200, -1, np.int32)
    located = inputs.locate(key)
    assert np.array_equal(located(device, cell, home), located(device, cell, home))
    assert np.array_equal(located(device, cell, home), draw(inputs.footprint, cell, home, uniform(device)))


@pytest.mark.parametrize(
    ("day", "clock", "night"),
    [
        ("2026-06-10", [*range(5, 24), *range(5)], 5),
        ("2026-03-28", [*range(5, 24), 0, 1, 3, 4], 4),
        ("2026-10-24", [*range(5, 24), 0, 1, 2, 2, 3, 4], 6),
    ],
)
def test_the_hours_of_a_day_are_those_of_the_local_clock(folder: Path, day: str, clock: list[int], night: int) -> None:
    hours = read(folder).day_hours(date.fromisoformat(day))
    assert hours.clock.tolist() == clock
    assert hours.edges.size == len(clock) + 1
    assert hours.night[1] - hours.night[0] == night * 3_600_000_000


def test_the_people_of_a_zone_are_those_of_all_its_rows() -> None:
    text = table("zone_id age_band people\n a <18 10\n b unknown 5\n a 65+ 2.5", types={"people": pa.float64()})
    assert people_by_zone(text) == {"a": 12.5, "b": 5}
    assert people_by_zone(None) == {}


def test_public_sizes_are_inhabitants_only_where_every_zone_has_them(folder: Path) -> None:
    zones = read(folder).zones
    people = {zone.zone_id: 1000.0 + place for place, zone in enumerate(zones.zones)}
    assert public_sizes(zones, people | {"elsewhere": 5.0}) == people
    del people[zones.zones[0].zone_id]
    assert public_sizes(zones, people) == {}


def test_an_event_takes_place_in_a_zone(folder: Path) -> None:
    configuration = load(folder / "hexaflux.toml")
    zones = [zone.zone_id for zone in read(folder).zones.zones]
    start, end = pa.scalar(0, pa.timestamp("s", "UTC")).as_py(), pa.scalar(1, pa.timestamp("s", "UTC")).as_py()
    inputs_of_now(replace(configuration, event=(Event("festival", zones[0], start, end),)))
    with pytest.raises(UsageError) as caught:
        inputs_of_now(replace(configuration, event=(Event("festival", "?!", start, end),)))
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
