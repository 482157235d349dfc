"""What a cluster cannot do is refused before anything is read, and says what to write instead."""

from pathlib import Path

import pytest

from pipelines.flink import steps
from tests.cli.command import Ran, assert_refused, call
from tests.flink.shelf import place, topic_place
from tests.oracle.generate import Generated


def no_cluster(*_: object) -> None:
    raise AssertionError("a cluster was asked")


@pytest.fixture(autouse=True)
def _without_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "Cluster", no_cluster)


def test_an_inbox_is_not_followed_by_a_cluster(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    to = place(tmp_path / "place", given)
    ran: Ran = call(monkeypatch, capfd, "follow", to.config)
    assert_refused(
        ran,
        2,
        'hexaflux.toml: expected a topic in [input.kafka] to follow with driver = "flink", got an inbox',
        'write driver = "embedded"',
    )
    assert sorted(path.name for path in to.folder.iterdir()) == ["events", "hexaflux.toml"]


@pytest.mark.parametrize("by", ["flink", "embedded"])
def test_a_topic_is_not_run_by_any_driver(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], by: str
) -> None:
    to = topic_place(tmp_path / "place", given, driver=by)
    ran = call(monkeypatch, capfd, "run", to.config)
    expected = "expected files in [input] events, found a topic in [input.kafka]"
    assert_refused(ran, 2, expected, "publish a topic with hexaflux follow")
    assert sorted(path.name for path in to.folder.iterdir()) == ["events", "hexaflux.toml"]


def test_without_a_cluster_that_answers_a_run_is_a_system_failure_and_says_what_to_start(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    to = place(tmp_path / "place", given, '[engine.flink]\naddress = "127.0.0.1:1"\n')
    (to.inbox / "all.csv").write_text("event_time,subscriber_id,cell_id\n", encoding="utf-8")
    ran = call(monkeypatch, capfd, "run", "--quiet", to.config)
    assert_refused(ran, 4, "Flink at 127.0.0.1:1: expected an answer of the JobManager", "start the cluster")
