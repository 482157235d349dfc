"""The benchmark on Flink: what it adds up, and what it tells."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.bench import flink
from tests.bench.flink_found import (
    AS_IT_IS,
    EMBEDDED,
    FEW,
    FEW_SHARDS,
    FEW_STRIDES,
    FLINK,
    MANY_SHARDS,
    SHARDS,
    SOME,
    SOME_STRIDES,
    STRIDES,
    Asked,
    Found,
    costs,
)
from tests.bench.flink_parts import DRIVER, REST_OF_DRIVER, REST_OF_TASKS, REST_OF_WORKERS, TASKS, WORKERS, parts
from tests.bench.flink_report import section
from tests.bench.flink_turns import Job, Run, released, told
from tests.bench.flink_way import Way
from tests.bench.measured import JobFailed
from tests.bench.timers import Timers
from tests.bench.used import Used, Watch, descendants, parsed, plain


def of(processor: float, events: int = 40_000) -> Run:
    return Run(events, processor, Used(Counter({DRIVER: processor}), peaks={"all": 1, DRIVER: 1}), {"a": "b"})


def test_a_timed_function_leaves_out_what_is_timed_within() -> None:
    now = [0.0]
    timers = Timers(lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    inner = timers.function("inner", wait)

    def outer() -> None:
        wait(1.0)
        inner(2.0)
        wait(4.0)

    timers.function("outer", outer)()
    assert timers.seconds == {"outer": 5.0, "inner": 2.0}


def test_a_timed_generator_leaves_out_what_is_done_with_what_it_yields() -> None:
    now = [0.0]
    timers = Timers(lambda: now[0])

    def numbers():
        now[0] += 1.0
        yield 1
        now[0] += 2.0
        return 7

    def through():
        found = yield from timers.generator("numbers", numbers)()
        assert found == 7

    for _ in through():
        now[0] += 100.0
    assert timers.seconds == {"numbers": 3.0}


def test_descendants_are_all_that_come_from_a_process() -> None:
    assert descendants({2: 1, 3: 2, 4: 3, 5: 1, 6: 9}, [2]) == {3, 4}


@pytest.mark.parametrize(
    ("name", "known"),
    [("C2 CompilerThre", "C2 CompilerThre"), ("GC Thread#0", "GC Thread"), ("rocksdb:low", "rocksdb:low"), ("7", "7")],
)
def test_threads_are_known_without_their_numbers(name: str, known: str) -> None:
    assert plain(name) == known


def test_a_line_of_proc_is_read_whatever_the_name_of_the_process() -> None:
    fields = ["S", "41", *["0"] * 9, "150", "50", *["0"] * 6, "777"]
    stat = parsed(f"42 (a ) b) {' '.join(fields)}")
    assert (stat.name, stat.parent, stat.began, stat.processor) == ("a ) b", 41, 777, 2.0)


def test_a_watch_sees_what_a_process_uses_from_now_on() -> None:
    with Watch({"here": ([os.getpid()], "below")}) as watch:
        began = os.times()
        while sum(os.times()[:2]) - sum(began[:2]) < 0.5:
            sum(range(1000))
    assert 0.2 < watch.used.processor["here"] < 5.0
    assert watch.used.peaks["here"] > 1_000_000


def test_parts_are_together_all_that_was_used() -> None:
    used = Used(
        Counter({DRIVER: 5.0, WORKERS: 10.0, TASKS: 7.0, "JobManager": 1.0, "submission": 2.0}),
        Counter({(TASKS, "rocksdb:low"): 3.0, (TASKS, "grpc-default-ex"): 1.0, (TASKS, "flink-x"): 2.0}),
    )
    found = parts(used, {"fold": 0.0, "protect, sign and publish": 2.0}, {"fold": 4.0, "pack Arrow IPC": 1.0})
    assert sum(found.values()) == used.seconds == 25.0
    assert (found[REST_OF_DRIVER], found[REST_OF_WORKERS], found[REST_OF_TASKS]) == (3.0, 5.0, 3.0)


def test_costs_are_differences_of_runs() -> None:
    took = {FEW: 20.0, FEW_SHARDS: 30.0, FEW_STRIDES: 25.0, SOME: 40.0, SOME_STRIDES: 60.0}
    found = costs(Found(Asked(), costs={name: [of(processor)] for name, processor in took.items()}))
    assert found.shard_day == 10.0 / (MANY_SHARDS - SHARDS)
    assert (found.stride, found.stride_of_some) == (5.0 / STRIDES / SHARDS, 20.0 / STRIDES / SHARDS)


def test_the_section_tells_of_all_that_was_measured() -> None:
    few = {EMBEDDED: [of(5.0)], FLINK: [of(20.0)]}
    many = {EMBEDDED: [of(25.0, 4_040_000)], FLINK: [of(60.0, 4_040_000)]}
    found = Found(Asked(), few, many, ways={AS_IT_IS: [of(8.0)], "1 task": [of(6.0)]}, load=(0.1, 0.2, 0.3))
    text = section(found)
    assert "| Flink | 60.0 | 60.0 | 20.0 | 67,333 | 100,000 |" in text
    assert "| Flink / embedded driver | 2.40 | 2.40 | 4.00 | 0.42 | 0.50 |" in text
    assert "| 1 task | 6.0 | 6.0 | 0.75 |" in text


def test_what_the_cluster_tells_of_a_job_is_read() -> None:
    metrics = {"read-records": 7, "read-bytes": 11, "accumulated-backpressured-time": 500}
    vertex = {"name": "Read files, _key", "metrics": {**metrics, "accumulated-busy-time": "NaN"}}
    found = told({"jid": "7", "duration": 1500, "vertices": [vertex]})
    assert isinstance(found, Job)
    assert (found.number, found.seconds) == ("7", 1.5)
    assert (found.stages[0].name, found.stages[0].busy, found.stages[0].backpressured) == ("Read files", 0.0, 0.5)


def test_a_way_is_read_as_it_was_written() -> None:
    way = Way(shards=8, settings={"a": "b"}, stride=5, timed=True)
    assert Way.read(way.written()) == way
    assert Way().is_plain
    assert not way.is_plain


def test_releases_are_compared_by_their_parquet_files(tmp_path: Path) -> None:
    (tmp_path / "presence").mkdir()
    (tmp_path / "presence" / "a.parquet").write_bytes(b"rows")
    (tmp_path / "manifest.json").write_text("{}")
    assert list(released(tmp_path)) == ["presence/a.parquet"]


def test_a_run_that_fails_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Found:
        raise JobFailed("a job")

    monkeypatch.setattr(flink, "measured", fails)
    monkeypatch.setattr(sys, "argv", ["flink"])
    assert flink.main() == 1
