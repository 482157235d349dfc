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

import pytest

from anonymization.audit import audit
from pipelines.follow.metrics import health, served
from pipelines.follow.told import Told
from pipelines.state import Accounting
from schemas.errors import SystemFailure
from tests.follow.delivered import Place, deliver, in_delay, place, town
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


def page(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
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
    assert sum(line.get("rows", 0) for line in lines if line["event"] == "files read") == summary["rows_in"]
    identifiers = set(given.subscribers["subscriber_id"].to_pylist()) - {None, ""}
    assert not any(identifier in log for identifier in identifiers)
    assert audit(to.release, allow_test=True).verdict
    assert not list((to.folder / "release.work").glob("**/*.tmp"))


def test_metrics_and_health_say_how_far_the_follower_is(given: Generated, tmp_path: Path) -> None:
    told = Told(Accounting(10, 6, 1, 2, {"missing cell_id": 1}), 1_750_000_000_000_000, {"2026-06-12": 7}, days=3)
    with served(lambda: told, 0) as port:
        status, text = page(port, "/metrics")
        assert status == 200
        assert 'hexaflux_rows_total{outcome="accepted"} 6.0' in text
        assert 'hexaflux_rows_total{outcome="late"} 2.0' in text
        assert 'hexaflux_published_slots{day="2026-06-12"} 7.0' in text
        assert "hexaflux_watermark_seconds 1.75e+09" in text
        assert "cell" not in text
        assert page(port, "/health")[0] == 503
        assert page(port, "/else")[0] == 404
        with pytest.raises(SystemFailure, match="free port"), served(lambda: told, port):
            pass


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
