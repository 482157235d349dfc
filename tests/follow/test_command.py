"""`hexaflux follow` as a process: what it publishes, serves and says, and how it ends."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from anonymization.audit import audit
from pipelines.follow.log import silent
from pipelines.follow.metrics import health, served
from pipelines.follow.told import Told
from pipelines.follow.topic import TopicFollower
from pipelines.sources.kafka import Topic
from pipelines.sources.messages import Messages
from schemas.errors import SystemFailure
from tests.follow.delivered import QUIET, Place, deliver, follower, in_delay, place, town
from tests.oracle.generate import Generated

COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()", "follow"]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("follow") / "town", events=30_000)


def started(of: Place, *options: str) -> subprocess.Popen[str]:
    command = [*COMMAND, str(of.config), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(process: subprocess.Popen[str], there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def metric(text: str, name: str) -> float:
    """The value of a metric on a page."""
    (value,) = [line.removeprefix(f"{name} ") for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(value)


def page(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_follower_waits_publishes_and_ends_its_round_on_a_signal(
    given: Generated, tmp_path: Path, sent: signal.Signals
) -> None:
    to = place(tmp_path / "place", given)
    process = started(to, "--json")
    until(process, (to.folder / "release.work").exists)
    for number, some in enumerate(in_delay(given.events, 20)[:30]):
        deliver(to, some, f"{number:04d}")
    until(process, lambda: len(list(to.release.glob("presence/*/*.parquet"))) > 0)
    process.send_signal(sent)
    told, log = process.communicate(timeout=60)
    assert process.returncode == 0
    summary = json.loads(told)
    assert summary["days"] == {"2026-06-12": "open"}
    assert summary["rows_published"].keys() == {"presence", "presence_by_age", "presence_by_spc"}
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines if line["event"] in ("started", "stopped")] == ["started", "stopped"]
    told_rows = [line["rows"] for line in lines if line["event"] == "files read"]
    assert sum(told_rows) > 0.9 * summary["rows_in"]
    assert not any(rows % 20 for rows in told_rows)
    identifiers = set(given.subscribers["subscriber_id"].to_pylist()) - {None, ""}
    assert not any(identifier in log for identifier in identifiers)
    assert audit(to.release, allow_test=True).verdict
    assert not list((to.folder / "release.work").glob("**/*.tmp"))


def test_metrics_and_health_say_how_far_the_follower_is(given: Generated, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(in_delay(given.events, 20)[:30]):
        deliver(to, some, f"{number:04d}")
    while found.round():
        pass
    accounting = found.state.accounting
    assert accounting.accepted > 5_000
    assert found.state.watermark is not None
    published = found.state.days["2026-06-12"].published
    with served(lambda: found.told, 0) as port:
        status, text = page(port, "/metrics")
        assert status == 200
        assert metric(text, 'hexaflux_rows_total{outcome="accepted"}') == accounting.accepted // 20 * 20
        assert metric(text, 'hexaflux_published_slots{day="2026-06-12"}') == published > 0
        assert metric(text, "hexaflux_watermark_seconds") == pytest.approx(found.state.watermark / 1e6)
        assert 50e6 < metric(text, "hexaflux_resident_memory_bytes") < 50e9
        assert "hexaflux_messages_behind" not in text
        names = {*given.subscribers["subscriber_id"].to_pylist(), *given.events["cell_id"].to_pylist()} - {None, ""}
        assert not [name for name in names if name in text]
        assert page(port, "/health")[0] == 200
        assert page(port, "/else")[0] == 404
        with pytest.raises(SystemFailure, match="free port"), served(lambda: found.told, port):
            pass


@pytest.mark.parametrize(("rows", "told"), [(19, 0), (20, 20), (21, 20), (39, 20), (40, 40)])
def test_rows_are_told_in_multiples_of_k_and_fewer_than_k_are_not_told(
    given: Generated, tmp_path: Path, rows: int, told: int
) -> None:
    to, lines = place(tmp_path / "place", given), list[dict[str, object]]()
    found = follower(to)
    found.log = lambda event, **facts: lines.append({"event": event, **facts})
    nowhere = given.events.slice(0, rows).set_column(
        given.events.column_names.index("cell_id"), "cell_id", pa.array(["nowhere"] * rows)
    )
    deliver(to, nowhere, "0")
    found.round()
    assert found.state.accounting.all_rejected == rows
    assert (lines[0]["event"], lines[0]["rows"], lines[0]["late"]) == ("files read", told, 0)
    with served(lambda: found.told, 0) as port:
        text = page(port, "/metrics")[1]
    assert metric(text, 'hexaflux_rows_total{outcome="rejected"}') == told
    assert metric(text, "hexaflux_round_rows") == told


class Waiting(Topic):
    """A topic in which so many messages wait."""

    def __init__(self, *messages: int) -> None:
        self.messages = messages

    def behind(self, _: object) -> dict[str, int]:
        return {f"events/{number}": each for number, each in enumerate(self.messages)}

    def ids(self) -> dict[str, str]:
        return {}

    def partitions(self) -> tuple[str, ...]:
        return ()

    def take(self, *_: object) -> list[Messages]:
        return []


@pytest.mark.parametrize(("more", "told"), [(0, 0), (1, 20), (2, 20)])
def test_messages_that_wait_are_told_in_multiples_of_k_over_all_partitions(
    given: Generated, tmp_path: Path, more: int, told: int
) -> None:
    of = follower(place(tmp_path / "place", given))
    found = TopicFollower(of.inputs, of.working, QUIET, silent, time.monotonic, Waiting(10, 9 + more))
    found.round()
    assert found.told.behind == told
    with served(lambda: found.told, 0) as port:
        assert metric(page(port, "/metrics")[1], "hexaflux_messages_behind") == told


def test_a_follower_that_is_not_well_answers_503() -> None:
    with served(lambda: Told(at=0.0, inputs_refused=True, behind=40), 0) as port:
        assert page(port, "/health")[0] == 503
        text = page(port, "/metrics")[1]
    assert metric(text, "hexaflux_inputs_refused") == 1
    assert metric(text, "hexaflux_messages_behind") == 40


def test_a_follower_is_well_while_its_rounds_end() -> None:
    told = Told(watermark=990_000_000, at=1_000.0)
    assert health(told, 1_299.0)[0]
    assert not health(told, 1_300.0)[0]
    assert json.loads(health(told, 1_001.0)[1])["lag_seconds"] == 11.0


def test_a_file_is_no_inbox(given: Generated, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given)
    to.inbox.rmdir()
    to.inbox.write_text("no folder")
    process = started(to)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "expected a folder into which files are moved" in said
