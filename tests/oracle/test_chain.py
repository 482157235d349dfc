"""The whole chain, from files to exact counts, against the SQL oracle."""

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from pipelines.configuration import load
from schemas.configuration import Area, Configuration, Engine, Time
from tests.oracle.chain import Asked, Chain, assert_agrees, assert_same, run_chain
from tests.oracle.generate import Generated, generate

SPRING, AUTUMN = date(2026, 3, 28), date(2026, 10, 24)
"""Privacy days of 23 and of 25 hours; the lots hold the day after them too."""


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("dense", SPRING),
        ("sparse", AUTUMN),
        ("ties", SPRING),
        ("edges", SPRING),
        ("edges", AUTUMN),
        ("foreigners", AUTUMN),
        ("dirty", SPRING),
        ("holders", AUTUMN),
    ],
)
def test_the_exact_counts_are_those_of_the_oracle(tmp_path: Path, style: str, start: date) -> None:
    lot = generate(tmp_path, devices=1500, events=30_000, days=2, start=start, seed=7, style=style)
    chain = run_chain(lot)
    # Who is seen three times a day crosses nothing in a few minutes.
    assert_agrees(chain, Asked(lot, chain), empty=("crossings", "transit") if style == "sparse" else ())


@pytest.mark.parametrize(
    ("area", "clock"),
    [
        (Area(domestic_mcc=(262, 228)), Time(slot=timedelta(minutes=5))),
        (Area(timezone="America/St_Johns"), Time(slot=timedelta(hours=1), privacy_day_starts=time(3, 30))),
        (Area(), Time(slot=timedelta(minutes=30), privacy_day_starts=time(0))),
    ],
    ids=["German", "Newfoundland", "from midnight"],
)
@pytest.mark.slow
def test_another_country_and_another_clock_count_as_the_oracle_does(tmp_path: Path, area: Area, clock: Time) -> None:
    lot = generate(tmp_path, devices=900, events=20_000, days=1, start=AUTUMN, seed=8, style="mixed")
    chain = run_chain(lot, given=replace(load(lot.config), area=area, time=clock))
    assert_agrees(chain, Asked(lot, chain))


def as_text(lot: Generated) -> Configuration:
    """The lot's configuration, but for its events: two compressed files of text."""
    folder = lot.directory / "as text"
    folder.mkdir()
    half = lot.events.num_rows // 2
    for name, events in (("one", lot.events.slice(0, half)), ("two", lot.events.slice(half))):
        with pa.output_stream(folder / f"{name}.csv.gz", compression="gzip") as sink:
            pa.csv.write_csv(events, sink)
    configuration = load(lot.config)
    return replace(configuration, input=replace(configuration.input, events=folder))


def assert_same_figures(chain: Chain, other: Chain) -> None:
    """Same accounting, same exact counts, and byte for byte the same released files."""
    assert other.accounting == chain.accounting
    assert other.days == chain.days
    for day in chain.days:
        counted = other.answers(day)
        for name, expected in chain.answers(day).items():
            assert_same(counted[name], expected, name)
    assert chain.files()
    assert other.files() == chain.files()


@pytest.mark.slow
def test_shards_steps_and_the_order_and_form_of_the_input_change_no_figure(tmp_path: Path) -> None:
    lot, by_hour = (
        generate(tmp_path / cut, 1500, 16_000, 1, SPRING, 9, "mixed", cut=cut) for cut in ("arbitrary", "hourly")
    )
    chain = run_chain(lot)
    assert_agrees(chain, Asked(lot, chain))
    assert_same_figures(chain, run_chain(lot, "one shard", Engine(shards=1)))
    assert_same_figures(chain, run_chain(lot, "small steps", Engine(shards=7, step_rows=3000)))
    assert_same_figures(chain, run_chain(by_hour, "hourly", Engine(step_rows=6000, workers=1)))
    assert_same_figures(chain, run_chain(lot, "text", given=as_text(lot)))
