"""The stateful transform over a town's events: what it tells is what the embedded driver makes of them."""

from pathlib import Path

import pytest

from pipelines.state import Accounting
from tests.oracle.generate import Generated
from tests.stream.steps_of_town import DAY, day_of_town, driver, folded, probes, terms
from tests.stream.streamed import in_delay, streamed


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """A day of a town."""
    return day_of_town(tmp_path_factory.mktemp("stream") / "town")


@pytest.mark.slow
def test_a_stream_of_a_town_tells_what_the_embedded_driver_makes_of_its_events(
    given: Generated, tmp_path: Path
) -> None:
    stays, measures, counted = folded(tmp_path / "run", given)
    steps = driver(tmp_path / "stream", given)
    events, on = probes(steps), terms(steps)
    found = streamed(in_delay(events, seed=1, most=on.lateness), on)
    assert found.stays(DAY) == stays
    assert found.measures(DAY).equals(measures)
    assert counted.accepted > 4_000
    assert found.counted(DAY) == Accounting(events.num_rows, counted.accepted, counted.duplicates)
