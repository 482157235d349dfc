"""The Beam form of the fold on Beam's own runner for Flink: bounded and unbounded, it tells what the steps tell."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineState

from pipelines.state import Accounting
from tests.cluster.beam_source import due, played, slots_of
from tests.cluster.job_server import JobServer
from tests.cluster.processes import listening
from tests.pipelines.made import HOUR, MINUTE
from tests.stream import steps_of_town
from tests.stream.streamed import (
    TERMS,
    Outcome,
    at_once,
    by_shard,
    crowd,
    in_delay,
    observed,
    run,
    signals,
    start_of,
)

pytestmark = [
    pytest.mark.cluster,
    # Workers are threads of this process, and lose their server in the middle of a call.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

RUNNER = "PortableRunner"
DAY, NEXT = "2026-06-10", "2026-06-11"
START, END = start_of(DAY), start_of(NEXT)
SLOTS = list(range(96))
SECONDS = 600.0
"""How long a stream may take on a busy machine."""

BY_THE_HOUR = replace(TERMS, stride=60)
STREAM = ("--streaming", "--checkpointing_interval=5000", "--max_bundle_size=1", "--max_bundle_time_mills=50")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobServer]:
    with JobServer(tmp_path_factory.mktemp("job-server")) as started:
        yield started


def followed(script: list, server: JobServer) -> Outcome:
    """What a stream without an end has told when all of a day is told; it is cancelled then."""
    name = "followed"
    pipeline = beam.Pipeline(runner=RUNNER, options=PipelineOptions([*server.flags, *STREAM]))
    found = observed(played(pipeline, name, DAY, script, BY_THE_HOUR), BY_THE_HOUR, name)
    result, until = pipeline.run(), time.monotonic() + SECONDS
    while len(slots_of(found)) < len(SLOTS):
        assert not PipelineState.is_terminal(result.state), server.log.read_text(encoding="utf-8")[-3000:]
        assert time.monotonic() < until, [where for where, *_ in found.told]
        time.sleep(0.1)
    assert result.state == PipelineState.RUNNING
    assert all(address.is_loopback for address, _ in listening(server.process.pid))
    result.cancel()
    while not PipelineState.is_terminal(result.state):
        assert time.monotonic() < until, result.state
        time.sleep(0.1)
    return found


def test_a_bounded_run_on_flink_tells_what_the_embedded_driver_makes_of_a_town(
    server: JobServer, tmp_path: Path
) -> None:
    given = steps_of_town.day_of_town(tmp_path / "town")
    stays, measures, counted = steps_of_town.folded(tmp_path / "run", given)
    steps = steps_of_town.driver(tmp_path / "stream", given)
    events, terms = steps_of_town.probes(steps), steps_of_town.terms(steps)
    elements = [each for half in (0, 3_000) for each in by_shard(events.slice(half, 3_000 + half), terms)]
    found = run(lambda pipeline: pipeline | beam.Create(elements), terms, RUNNER, server.flags)
    assert found.stays(steps_of_town.DAY) == stays
    assert found.measures(steps_of_town.DAY).equals(measures)
    assert counted.accepted > 4_000
    assert found.counted(steps_of_town.DAY) == Accounting(events.num_rows, counted.accepted, counted.duplicates)


def test_an_unbounded_run_on_flink_tells_each_slot_when_the_watermark_passes_it_and_as_the_steps_do(
    server: JobServer,
) -> None:
    events = crowd(START, END, seed=1)
    script = in_delay(events, seed=1, every=3 * HOUR - MINUTE)
    late = signals((1, START, 0))
    found = followed([*script[:6], late, *script[6:]], server)
    seen = [0]
    for at, (where, _, item) in enumerate(found.told):
        if where == "played":
            assert slots_of(Outcome(found.told[:at])) == SLOTS[: seen[-1]]
            seen += [due(BY_THE_HOUR, DAY, item)] if isinstance(item, int) else []
    assert seen[3] < seen[4] < seen[-1]
    assert slots_of(found) == SLOTS
    stays, measures = at_once(events, DAY, BY_THE_HOUR)
    assert found.stays(DAY) == stays
    assert found.measures(DAY).equals(measures)
    assert found.counted(DAY) == Accounting(events.num_rows + 1, 900, 45, 1)
