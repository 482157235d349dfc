"""Following a topic of a real broker: what is released is what a run over the same events releases."""

import json
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.state import Accounting
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.cluster.broker import Broker
from tests.cluster.feed import Feed, feed
from tests.cluster.places import place_of_topic
from tests.follow.delivered import QUIET, Place
from tests.oracle.generate import Generated
from tests.paths import ROOT

pytestmark = pytest.mark.cluster

FIRST = date(2026, 6, 12)
PARTITIONS = 3
QUIET_ROUNDS = 5
"""After so many rounds without a message, a follower has taken all that there is."""
STEADY_RATE = 4_000
"""Events per second: the topic fills for nine seconds."""

STARTED_SECONDS = 120.0
ENDED_SECONDS = 60.0


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
        found.working.sweep(found.state)
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
    of = place_of_topic(tmp_path / "place", given, broker.address, topic, form)
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
    of = place_of_topic(tmp_path / "place", given, broker.address, "twice")
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


def follow(of: Place, log: Path) -> subprocess.Popen[bytes]:
    """The command, in a process of its own, whose log goes to a file."""
    command = [sys.executable, "-W", "ignore", "-c", "from pipelines.cli import main; main()", "follow", str(of.config)]
    with log.open("wb") as stream:
        return subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=stream)


def logged(log: Path) -> list[str]:
    """The names of what a follower has logged."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["event"] for line in lines if line.startswith("{")]


def logs(follower: subprocess.Popen[bytes], log: Path, event: str) -> None:
    """Wait until a follower logs something."""
    until = time.monotonic() + STARTED_SECONDS
    while event not in logged(log):
        assert follower.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


def test_sigterm_finishes_the_step_and_the_next_follower_loses_nothing(
    given: Generated, events: Path, whole: Place, broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("stopped", PARTITIONS)
    of, log = place_of_topic(tmp_path / "place", given, broker.address, "stopped"), tmp_path / "log"
    follower = follow(of, log)
    sender = None
    try:
        logs(follower, log, "started")
        command = [sys.executable, "-m", "tests.cluster.feed", str(events), "--brokers", broker.address]
        command += ["--topic", "stopped", "--rows", "200", "--rate", str(STEADY_RATE)]
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
        logs(follower, log, "windows published")
        follower.send_signal(signal.SIGTERM)
        told = json.loads(follower.communicate(timeout=ENDED_SECONDS)[0])
        assert sender.poll() is None
        sent = json.loads(sender.communicate(timeout=ENDED_SECONDS)[0])
    finally:
        for process in (follower, sender):
            if process is not None:
                process.kill()
    assert follower.returncode == 0
    assert logged(log)[-1] == "stopped"
    committed = WorkingDirectory(of.release.with_name("release.work")).load()
    assert committed is not None
    assert 0 < committed.accounting.rows_in == told["rows_in"] < sent["events"]
    assert committed.accounting.balances
    assert not any(day.waiting_slots or day.status == "staged" for day in committed.days.values())
    assert take_all(of).rows_in == sent["events"]
    same_day(of, whole)
    assert audit(of.release, allow_test=True).verdict
