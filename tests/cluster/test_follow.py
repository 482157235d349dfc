"""Following a topic of a real broker: what is released is what a run over the same events releases."""

import multiprocessing
import random
import signal
import time
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.follow.command import follower_of
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.state import Accounting
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.cluster.broker import Broker
from tests.cluster.feed import Feed, feed
from tests.follow.delivered import QUIET, Place, place, times, town
from tests.oracle.generate import Generated

pytestmark = pytest.mark.cluster

FIRST = date(2026, 6, 12)
PARTITIONS = 3
QUIET_ROUNDS = 5
"""After so many rounds without a message, a follower has taken all that there is."""
SEED = 20260612

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pipelines.follow.command", "tests.follow.delivered"])


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("given") / "town", events=40_000)


@pytest.fixture(scope="module")
def events(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events whose time can be read, since a feed sends events in the order of their time."""
    folder = tmp_path_factory.mktemp("events")
    known = given.events.filter(pa.array(times(given.events) > 0))
    pq.write_table(known.take(pc.sort_indices(known["event_time"])), folder / "all.parquet")
    return folder


@pytest.fixture(scope="module")
def whole(given: Generated, events: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run over the same events."""
    found = place(tmp_path_factory.mktemp("whole") / "place", given)
    (found.inbox / "all.parquet").write_bytes((events / "all.parquet").read_bytes())
    run(load(found.config), QUIET)
    return found


def of_topic(folder: Path, given: Generated, broker: Broker, topic: str, form: str) -> Place:
    """A place whose events come from a topic."""
    found = place(folder, given, "[engine]\nstep_rows = 4000\nshards = 2\n")
    text = found.config.read_text(encoding="utf-8").replace('events = "events"\n', "")
    kafka = f'[input.kafka]\nbrokers = "{broker.address}"\ntopic = "{topic}"\nformat = "{form}"\n'
    if form == "avro":
        kafka += f'schemas = "{folder / "schemas"}"\n'
    found.config.write_text(text.replace("[release]\n", f"{kafka}[release]\n", 1), encoding="utf-8")
    return found


def take_all(of: Place) -> Accounting:
    """Take all that the topic has."""
    inputs, working = inputs_of_now(load(of.config)), WorkingDirectory(of.release.with_name("release.work"))
    with working.locked():
        found = follower_of(inputs, working, QUIET, silent)
        begun = working.load()
        if begun is None:
            working.clear(found.closing.keys)
        else:
            found.go_on(begun)
        found.sweep()
        quiet = 0
        while quiet < QUIET_ROUNDS:
            quiet = 0 if found.round() else quiet + 1
        found.end()
    return found.state.accounting


def same_day(of: Place, whole: Place) -> None:
    for name in INDICATORS:
        assert of.rows(name, FIRST).equals(whole.rows(name, FIRST)), name
    assert of.rows("presence", FIRST).num_rows > 1_000


@pytest.mark.parametrize("form", ["arrow", "json", "avro"])
def test_a_topic_gives_the_figures_of_a_run(
    given: Generated, events: Path, whole: Place, broker: Broker, tmp_path: Path, form: str
) -> None:
    topic = f"figures-{form}"
    broker.create_topic(topic, PARTITIONS)
    of = of_topic(tmp_path / "place", given, broker, topic, form)
    sent = feed(Feed(events, broker.address, topic, form, rows=500, schemas=tmp_path / "place" / "schemas"))
    assert sent.failed == 0
    counted = take_all(of)
    assert counted.rows_in == sent.events == pq.read_metadata(events / "all.parquet").num_rows
    assert counted.balances
    assert counted.late == 0
    same_day(of, whole)
    assert audit(of.release, allow_test=True).verdict


def test_events_that_are_sent_twice_are_duplicates_and_change_nothing(
    given: Generated, events: Path, whole: Place, broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("twice", PARTITIONS)
    of = of_topic(tmp_path / "place", given, broker, "twice", "arrow")
    rows = pq.read_table(events / "all.parquet")
    doubled = tmp_path / "doubled"
    doubled.mkdir()
    # Each event and its copy, next to each other.
    places = pc.sort_indices(pa.chunked_array([pa.array([*range(rows.num_rows)] * 2)]))
    pq.write_table(pa.concat_tables([rows, rows]).take(places), doubled / "all.parquet")
    sent = feed(Feed(doubled, broker.address, "twice", rows=500))
    counted = take_all(of)
    assert counted.rows_in == sent.events == 2 * rows.num_rows
    assert counted.duplicates >= counted.accepted > 0
    same_day(of, whole)


def begin(of: Place) -> ForkServerProcess:
    process = _CONTEXT.Process(target=take_all, args=(of,))
    process.start()
    return process


def test_nothing_is_lost_or_doubled_where_follower_and_broker_are_killed(
    given: Generated, events: Path, whole: Place, broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("killed", PARTITIONS)
    of = of_topic(tmp_path / "place", given, broker, "killed", "arrow")
    sent = feed(Feed(events, broker.address, "killed", rows=200))
    chance = random.Random(SEED)
    kills = 0
    for number in range(8):
        process = begin(of)
        process.join(chance.uniform(1.5, 4.0))
        if number % 4 == 3:
            broker.kill()
            time.sleep(chance.uniform(0.0, 0.5))
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        kills += process.exitcode != 0
        if not broker.running:
            broker.start()
    assert kills >= 4
    counted = take_all(of)
    assert counted.rows_in == sent.events
    assert counted.late == 0
    same_day(of, whole)
    assert audit(of.release, allow_test=True).verdict
