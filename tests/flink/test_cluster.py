"""What is asked of a JobManager, and what is made of its answers; a server answers as Flink does."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.flink import cluster as module
from pipelines.flink.cluster import Cluster, Status
from pipelines.flink.order import Order
from pipelines.flink.work import Task
from pipelines.sources.fragment import Fragment
from schemas.errors import HexafluxError, SystemFailure
from tests.flink.answering import BREAKS_OFF, Answering, answering

ORDER = Order("a job", "localhost:8081", Task("c.toml", "release", "exchange", 2, 5, 0), 2)
STATES = {
    "INITIALIZING": "waiting",
    "CREATED": "waiting",
    "RESTARTING": "waiting",
    "RECONCILING": "waiting",
    "RUNNING": "running",
    "FINISHED": "finished",
    "FAILING": "ended",
    "FAILED": "ended",
    "CANCELLING": "ended",
    "CANCELED": "ended",
}
TRACE = """\
org.apache.flink.runtime.JobException: Recovery is suppressed by FixedDelayRestartBackoffTimeStrategy
\tat org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure(E.java)
\t... 4 more
Caused by: java.lang.RuntimeException: Error received from SDK harness: Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/pyflink/fn_execution/beam/beam_sdk_worker_main.py", line 12, in <module>
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
"""


@pytest.fixture
def there() -> Iterator[Answering]:
    with answering() as found:
        yield found


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked again, but where a test is about that."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)


def of(there: Answering) -> Cluster:
    return Cluster(there.address)


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def assert_for_people(error: HexafluxError) -> None:
    """One line each, without a place in a program."""
    for text in (error.message, error.hint):
        assert text.strip()
        assert "\n" not in text
        assert "Traceback" not in text
        assert "File " not in text


# Answers


def test_a_cluster_with_slots_answers(there: Answering) -> None:
    there.to("GET /overview", {"taskmanagers": 1, "slots-total": 2, "slots-available": 0})
    of(there).see_that_it_answers()


@pytest.mark.parametrize("overview", [{"taskmanagers": 0, "slots-total": 0}, {}, []])
def test_a_cluster_without_slots_is_told_to_whoever_runs_it(there: Answering, overview: object) -> None:
    there.to("GET /overview", overview)
    with pytest.raises(SystemFailure, match="expected TaskManagers with slots, found none") as raised:
        of(there).see_that_it_answers()
    assert "start a TaskManager" in raised.value.hint


ASKED: dict[str, Callable[[Cluster], object]] = {
    "overview": lambda cluster: cluster.see_that_it_answers(),
    "status": lambda cluster: cluster.status("17"),
    "running": lambda cluster: cluster.running(),
    "why": lambda cluster: cluster.why("17"),
    "restored": lambda cluster: cluster.restored("17"),
    "take a checkpoint": lambda cluster: cluster.take_checkpoint("17"),
    "a checkpoint": lambda cluster: cluster.has_taken("17", "a5c0"),
    "cancel": lambda cluster: cluster.cancel("17"),
    "stop": lambda cluster: cluster.stop("17", "file:/there"),
}
REQUESTS = (
    "GET /overview",
    "GET /jobs/17",
    "GET /jobs/overview",
    "GET /jobs/17/exceptions",
    "GET /jobs/17/checkpoints",
    "GET /jobs/17/checkpoints/a5c0",
    "POST /jobs/17/checkpoints",
    "PATCH /jobs/17?mode=cancel",
    "POST /jobs/17/stop",
)


@pytest.mark.parametrize("asked", ASKED)
def test_a_cluster_that_is_not_there_is_told_in_one_line(asked: str) -> None:
    address = nobody()
    with pytest.raises(SystemFailure) as raised:
        ASKED[asked](Cluster(address))
    assert (
        raised.value.message == f"Flink at {address}: expected an answer of the JobManager, got ConnectionRefusedError"
    )
    assert "start the cluster" in raised.value.hint
    assert_for_people(raised.value)


def test_a_cluster_that_does_not_answer_is_not_waited_for_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.1)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SystemFailure, match="TimeoutError") as raised:
        Cluster(f"127.0.0.1:{silent.getsockname()[1]}").status("17")
    assert time.monotonic() - began < 30
    assert_for_people(raised.value)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("answer", [(500, {"errors": ["Internal server error"]}), (503, b"")], ids=["500", "503"])
def test_an_error_of_the_cluster_is_told_by_its_status(
    there: Answering, asked: str, answer: tuple[int, object]
) -> None:
    for request in REQUESTS:
        there.to(request, answer)
    with pytest.raises(SystemFailure, match=rf"expected an answer to /\S+, got status {answer[0]}$") as raised:
        ASKED[asked](of(there))
    assert_for_people(raised.value)


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_no_answer_of_flink_is_told_in_one_line(there: Answering, asked: str) -> None:
    for request in REQUESTS:
        there.to(request, (200, b"<html>\nanother service\n</html>"))
    with pytest.raises(SystemFailure, match="expected an answer") as raised:
        ASKED[asked](of(there))
    assert_for_people(raised.value)


# Patience


BROKEN = (503, b"")
"""What the REST interface tells while its JobManager is being started."""

QUESTIONS: dict[str, tuple[Callable[[Cluster], object], object, object]] = {
    "GET /jobs/17": (lambda cluster: cluster.status("17"), {"state": "RUNNING"}, "running"),
    "GET /jobs/overview": (lambda cluster: cluster.running(), {"jobs": []}, {}),
    "GET /jobs/17/exceptions": (lambda cluster: cluster.why("17"), {}, "no reason is told"),
    "GET /jobs/17/checkpoints": (lambda cluster: cluster.restored("17"), {}, 0),
    "POST /jobs/17/checkpoints": (lambda cluster: cluster.take_checkpoint("17"), {"request-id": "a5c0"}, "a5c0"),
}
"""How each question is asked, an answer, and what is made of it."""


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as a test may take."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 60.0)


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_asked_again_while_the_service_is_not_available(there: Answering, question: str) -> None:
    asked, answer, found = QUESTIONS[question]
    there.to(question, BROKEN, BROKEN, answer)
    assert asked(of(there)) == found
    assert [request for request, _ in there.asked] == [question] * 3


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_asked_again_while_nobody_answers_it(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    asked, answer, found = QUESTIONS[question]
    with ExitStack() as stack:
        there, pauses = Answering(nobody()), list[float]()

        def pause(seconds: float) -> None:
            """The JobManager is there again after the second."""
            pauses.append(seconds)
            if len(pauses) == 2:
                stack.enter_context(answering({question: [answer]}, there.address))

        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
        assert asked(of(there)) == found
        assert pauses == [module.AGAIN_SECONDS] * 2


@pytest.mark.usefixtures("_patient")
def test_a_question_is_asked_again_when_an_answer_breaks_off(there: Answering) -> None:
    there.to("GET /jobs/17", BREAKS_OFF, {"state": "FINISHED"})
    assert of(there).status("17") == "finished"
    assert len(there.asked) == 2


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("answer", [(500, b""), (404, b""), (200, b"<html>")], ids=["500", "404", "no answer of Flink"])
def test_an_answer_that_is_none_of_a_start_is_taken_as_it_is(there: Answering, answer: tuple[int, object]) -> None:
    there.to("GET /jobs/overview", answer)
    with pytest.raises(SystemFailure):
        of(there).running()
    assert len(there.asked) == 1


def test_a_question_is_not_asked_without_an_end(there: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.1)
    there.to("GET /jobs/17", BROKEN)
    with pytest.raises(SystemFailure, match="got status 503"):
        of(there).status("17")
    assert len(there.asked) > 1
    with pytest.raises(SystemFailure, match="got ConnectionRefusedError"):
        Cluster(nobody()).status("17")


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize(
    ("request_of", "asked"),
    [
        ("GET /overview", ASKED["overview"]),
        ("PATCH /jobs/17?mode=cancel", ASKED["cancel"]),
        ("POST /jobs/17/stop", ASKED["stop"]),
    ],
)
def test_what_changes_something_is_asked_once_and_so_is_whether_there_is_a_cluster(
    there: Answering, monkeypatch: pytest.MonkeyPatch, request_of: str, asked: Callable[[Cluster], object]
) -> None:
    def pause(_: float) -> None:
        raise AssertionError("it is waited for")

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    there.to(request_of, BROKEN, {})
    with pytest.raises(SystemFailure, match="got status 503"):
        asked(of(there))
    assert [request for request, _ in there.asked] == [request_of]
    with pytest.raises(SystemFailure, match="got ConnectionRefusedError"):
        asked(Cluster(nobody()))


# Jobs


@pytest.mark.parametrize(("state", "status"), STATES.items())
def test_each_state_of_a_job_has_its_status(there: Answering, state: str, status: Status) -> None:
    there.to("GET /jobs/17", {"jid": "17", "state": state})
    assert of(there).status("17") == status


def test_a_job_that_the_cluster_does_not_know_is_unknown(there: Answering) -> None:
    assert of(there).status("17") == "unknown"


def test_running_jobs_are_those_that_have_not_ended(there: Answering) -> None:
    jobs = [{"jid": str(at), "name": f"job {state}", "state": state} for at, state in enumerate(STATES)]
    there.to("GET /jobs/overview", {"jobs": jobs})
    over = ("FINISHED", "FAILED", "CANCELED")
    assert of(there).running() == {str(at): f"job {state}" for at, state in enumerate(STATES) if state not in over}


# Checkpoints

RESTORED = 1_781_258_500_000


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"counts": {"restored": 0}, "latest": {"completed": None, "restored": None}, "history": []}, 0),
        ({"latest": {"restored": {"id": 7, "restore_timestamp": RESTORED, "is_savepoint": False}}}, RESTORED),
        ({"latest": None}, 0),
        ({}, 0),
        ((404, {"errors": ["Job 17 not found"]}), 0),
    ],
    ids=["never", "once", "null", "nothing", "unknown job"],
)
def test_it_is_told_when_a_job_was_restored(there: Answering, told: object, expected: int) -> None:
    there.to("GET /jobs/17/checkpoints", told)
    assert of(there).restored("17") == expected


def test_a_checkpoint_is_asked_for_and_told_by_its_number(there: Answering) -> None:
    there.to("POST /jobs/17/checkpoints", (202, {"request-id": "a5c0"}))
    assert of(there).take_checkpoint("17") == "a5c0"
    assert there.asked == [("POST /jobs/17/checkpoints", {})]


def test_a_job_that_is_not_there_takes_no_checkpoint(there: Answering) -> None:
    there.to("POST /jobs/17/checkpoints", (404, {"errors": ["Job 17 not found"]}))
    assert of(there).take_checkpoint("17") == ""
    assert of(there).has_taken("17", "") is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"status": {"id": "IN_PROGRESS"}, "operation": None}, False),
        ({"status": {"id": "COMPLETED"}, "operation": {"checkpointId": 8, "failureCause": None}}, True),
        ({"status": {"id": "COMPLETED"}, "operation": {"checkpointId": None, "failureCause": {"class": "A"}}}, None),
        ({"status": {"id": "COMPLETED"}, "operation": {"failure-cause": {"class": "A"}}}, None),
        ((404, {"errors": ["Operation not found"]}), None),
        ({}, None),
    ],
    ids=["under way", "whole", "failed", "failed, without a number", "forgotten", "nothing"],
)
def test_a_checkpoint_that_was_asked_for_is_whole_or_under_way_or_never_will_be(
    there: Answering, told: object, expected: bool | None
) -> None:
    there.to("GET /jobs/17/checkpoints/a5c0", told)
    assert of(there).has_taken("17", "a5c0") is expected


# Why


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (TRACE, "java.io.IOException: No space left on device"),
        ("java.lang.Exception: Job leader lost\n\tat a.B.c(B.java:1)\n", "java.lang.Exception: Job leader lost"),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in b\nValueError: no\n', "ValueError: no"),
        ("", "no reason"),
        ("x" * 999, "x" * 300),
    ],
)
def test_why_a_job_ended_is_the_line_that_says_most(there: Answering, trace: str, told: str) -> None:
    there.to("GET /jobs/17/exceptions", {"exceptionHistory": {"entries": [{"stacktrace": trace}], "truncated": False}})
    assert of(there).why("17") == told


@pytest.mark.parametrize("answer", [(404, {}), {}, {"exceptionHistory": {"entries": []}}])
def test_of_a_job_without_an_exception_no_reason_is_told(there: Answering, answer: object) -> None:
    there.to("GET /jobs/17/exceptions", answer)
    assert of(there).why("17") == "no reason is told"


def jobs(*states: str) -> dict[str, object]:
    """What is told of jobs 17, 18 and so on, all of one name."""
    return {"jobs": [{"jid": str(17 + at), "name": "mine", "state": state} for at, state in enumerate(states)]}


def test_a_job_is_cancelled_once_it_has_ended(there: Answering) -> None:
    there.to("PATCH /jobs/17?mode=cancel", (202, {}))
    there.to("GET /jobs/overview", jobs("RUNNING"), jobs("CANCELLING"), jobs("CANCELED"))
    of(there).cancel("17")
    assert [request for request, _ in there.asked] == ["PATCH /jobs/17?mode=cancel", *["GET /jobs/overview"] * 3]


@pytest.mark.parametrize("status", [404, 409])
def test_a_job_that_has_ended_is_cancelled_as_it_is(there: Answering, status: int) -> None:
    there.to("PATCH /jobs/17?mode=cancel", (status, {"errors": ["terminated without cancellation"]}))
    there.to("GET /jobs/overview", jobs("FAILED"))
    of(there).cancel("17")


def test_a_job_that_cannot_be_cancelled_is_not_waited_for_without_an_end(
    there: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    there.to("PATCH /jobs/17?mode=cancel", (202, {}))
    there.to("GET /jobs/overview", jobs("RUNNING"))
    with pytest.raises(SystemFailure, match="expected job 17 to end"):
        of(there).cancel("17")


def test_all_jobs_of_a_name_are_ended_and_no_other(there: Answering) -> None:
    there.to("PATCH /jobs/18?mode=cancel", (202, {}))
    there.to("GET /jobs/overview", jobs("FAILED", "RUNNING"), jobs("FAILED", "CANCELED"))
    of(there).end_all_of("another")
    of(there).end_all_of("mine")
    assert [request for request, _ in there.asked if request.startswith("PATCH")] == []
    there.to("GET /jobs/overview", jobs("FAILED", "RUNNING"), jobs("FAILED", "CANCELED"))
    of(there).end_all_of("mine")
    assert [request for request, _ in there.asked if request.startswith("PATCH")] == ["PATCH /jobs/18?mode=cancel"]


# Savepoints

STOP = "POST /jobs/17/stop"
IN_PROGRESS = {"status": {"id": "IN_PROGRESS"}}
DONE = {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/there/savepoint-17"}}
FAILED = {"status": {"id": "COMPLETED"}, "operation": {"failure-cause": {"class": "CheckpointException"}}}


def test_a_savepoint_is_waited_for_until_it_is_there(there: Answering) -> None:
    there.to(STOP, (202, {"request-id": "r"}))
    there.to("GET /jobs/17/savepoints/r", IN_PROGRESS, DONE)
    assert of(there).stop("17", "file:/there") == "file:/there/savepoint-17"
    assert there.asked[0] == (STOP, {"targetDirectory": "file:/there", "drain": False})
    assert len(there.asked) == 3


def test_a_savepoint_that_fails_is_told_in_one_line(there: Answering) -> None:
    there.to(STOP, (202, {"request-id": "r"}))
    there.to("GET /jobs/17/savepoints/r", IN_PROGRESS, FAILED)
    with pytest.raises(SystemFailure, match="expected a savepoint, got a failure") as raised:
        of(there).stop("17", "file:/there")
    assert_for_people(raised.value)


def test_a_savepoint_that_does_not_come_is_not_waited_for_without_an_end(
    there: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    there.to(STOP, (202, {"request-id": "r"}))
    there.to("GET /jobs/17/savepoints/r", IN_PROGRESS)
    with pytest.raises(SystemFailure, match=r"expected a savepoint, got none in 0 s"):
        of(there).stop("17", "file:/there")


@pytest.mark.parametrize("answer", [(202, {}), (404, {"errors": ["Job not found"]})])
def test_a_job_that_is_not_there_gives_no_savepoint(there: Answering, answer: object) -> None:
    there.to(STOP, answer)
    with pytest.raises(SystemFailure) as raised:
        of(there).stop("17", "file:/there")
    assert_for_people(raised.value)


# Submission


def submitting(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Have a script stand for the Python that submits."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


def test_a_job_is_submitted_with_its_order_in_a_file_and_told_by_the_number_that_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitting(monkeypatch, tmp_path, f'eval "last=\\${{$#}}"; cp "$last" {tmp_path}/seen; echo WARNING; echo 17')
    fragments = (Fragment("a", tmp_path / "a", 0, 7), Fragment("a", tmp_path / "a", 7))
    order = Order("a job", "localhost:8081", ORDER.task, 2, step=3, fragments=fragments, settings={"a": "b"})
    assert Cluster(nobody()).submit(order, tmp_path / "order.json") == "17"
    assert Order.read(tmp_path / "seen") == order


def test_compiled_parts_of_pyflink_are_left_out_of_a_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitting(monkeypatch, tmp_path, 'echo "[$PYFLINK_CYTHON_ENABLED]"')
    monkeypatch.setenv("PYFLINK_CYTHON_ENABLED", "1")
    assert Cluster(nobody()).submit(ORDER, tmp_path / "order.json") == "[]"
    assert os.environ["PYFLINK_CYTHON_ENABLED"] == "1"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo Traceback >&2; echo '  File \"job.py\", line 3, in main' >&2; "
            "echo \"ModuleNotFoundError: No module named 'h3'\" >&2; exit 1",
            "ModuleNotFoundError: No module named 'h3'",
        ),
        (
            "echo 'py4j.protocol.Py4JJavaError: An error occurred' >&2; "
            "echo 'Caused by: java.net.ConnectException: Connection refused' >&2; echo '\tat a.B(B.java)' >&2; exit 1",
            "java.net.ConnectException: Connection refused",
        ),
        ("exit 3", "no reason"),
        ("exit 0", "no number of a job"),
    ],
)
def test_a_submission_that_fails_is_told_in_one_line_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    submitting(monkeypatch, tmp_path, script)
    with pytest.raises(SystemFailure) as raised:
        Cluster("localhost:8081").submit(ORDER, tmp_path / "order.json")
    assert raised.value.message == f"Flink at localhost:8081: expected a job to be submitted, got {reason}"
    assert_for_people(raised.value)


def test_where_pyflink_is_missing_it_is_told_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submitting(monkeypatch, tmp_path, "echo \"ModuleNotFoundError: No module named 'pyflink'\" >&2; exit 1")
    with pytest.raises(SystemFailure, match="PyFlink: expected it") as raised:
        Cluster("localhost:8081").submit(ORDER, tmp_path / "order.json")
    assert "make flink" in raised.value.hint
    assert_for_people(raised.value)


def test_a_submission_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submitting(monkeypatch, tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    monkeypatch.setattr(module, "SUBMIT_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(SystemFailure, match="expected a job to be submitted, got no answer in 0 s"):
        Cluster(nobody()).submit(ORDER, tmp_path / "order.json")
    assert time.monotonic() - began < 30
    process = int((tmp_path / "pid").read_text(encoding="utf-8"))
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_the_order_of_a_job_is_for_its_owner_alone(tmp_path: Path) -> None:
    ORDER.write(tmp_path / "order.json")
    assert (tmp_path / "order.json").stat().st_mode & 0o077 == 0
    assert Order.read(tmp_path / "order.json") == ORDER
