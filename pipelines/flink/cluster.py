"""A cluster of Flink, over its REST interface: jobs are submitted, watched, stopped and taken up again."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pipelines.flink.order import Order
from schemas.errors import SystemFailure

Status: TypeAlias = Literal["waiting", "running", "finished", "ended", "unknown"]
"""What a job does; `ended`: it failed, or somebody cancelled it."""

_STATUS: Final[Mapping[str, Status]] = {
    "FINISHED": "finished",
    "RUNNING": "running",
    "FAILED": "ended",
    "CANCELED": "ended",
    "FAILING": "ended",
    "CANCELLING": "ended",
}

SECONDS: Final = 10.0
"""How long the cluster may take to answer."""

PATIENCE_SECONDS: Final = 60.0
"""So long a question is asked again where nobody answers it: a JobManager may be started again."""

AGAIN_SECONDS: Final = 1.0
"""After so long."""

SUBMIT_SECONDS: Final = 300.0
"""How long a job may take to be submitted: a Java machine and a planner are started."""

STOP_SECONDS: Final = 300.0
"""How long a savepoint may take."""


@dataclass(frozen=True)
class Cluster:
    """The cluster whose JobManager answers at `address`; every method raises SystemFailure where it does not."""

    address: str

    def see_that_it_answers(self) -> None:
        """Raise SystemFailure unless there is a cluster with a free task."""
        if not self._ask("GET", _OVERVIEW).get("slots-total"):
            raise SystemFailure(
                f"Flink at {self.address}: expected TaskManagers with slots, found none",
                "start a TaskManager; docs/scaling.md says how",
            )

    def submit(self, order: Order, path: Path) -> str:
        """Submit a job in a process of its own, with the order in a file; returns its number."""
        order.write(path)
        # Compiled parts of PyFlink are made for another version of Beam; what it has in Python works with any.
        environment = os.environ | {"PYFLINK_CYTHON_ENABLED": ""}
        started = "from pipelines.flink.job import main; main()"
        # Another follower may write another order before this one is read.
        command = [sys.executable, "-W", "ignore", "-c", started, order.task.run, str(path)]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                env=environment,
                capture_output=True,
                text=True,
                timeout=SUBMIT_SECONDS,
                check=False,
                # Ctrl-C is for the driver, which ends what it has begun.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            raise self._failed("a job to be submitted", f"no answer in {SUBMIT_SECONDS:.0f} s") from None
        if "No module named 'pyflink'" in done.stderr:
            raise SystemFailure(
                "PyFlink: expected it in the Python that submits jobs, found none",
                "install it with make flink, or as docs/scaling.md says, then run the same command again",
            )
        if done.returncode:
            raise self._failed("a job to be submitted", _reason(done.stderr))
        if not (told := done.stdout.split()):
            raise self._failed("a job to be submitted", "no number of a job")
        return told[-1]

    def status(self, job: str) -> Status:
        """What a job does."""
        found = self._ask("GET", f"/jobs/{job}", missing_is_fine=True)
        return _STATUS.get(str(found.get("state")), "waiting") if found else "unknown"

    def running(self) -> dict[str, str]:
        """The jobs that have not ended: their names by their numbers."""
        jobs = self._list(self._ask("GET", "/jobs/overview"), "jobs")
        return {str(job["jid"]): str(job["name"]) for job in jobs if job["state"] not in _OVER}

    def end_all_of(self, name: str, but: str = "") -> None:
        """End the jobs of a name, but one: nobody may know of a job, where who submitted it was killed."""
        for job, of in self.running().items():
            if of == name and job != but:
                self.cancel(job)

    def why(self, job: str) -> str:
        """Why a job failed, in one line."""
        found = self._ask("GET", f"/jobs/{job}/exceptions", missing_is_fine=True)
        entries = self._list(found.get("exceptionHistory") or {}, "entries") if found else []
        return _reason(str(entries[0].get("stacktrace", ""))) if entries else "no reason is told"

    def restored(self, job: str) -> int:
        """When a job was last taken up again from a checkpoint, in milliseconds since 1970; 0 for never."""
        latest = self._ask("GET", f"/jobs/{job}/checkpoints", missing_is_fine=True).get("latest")
        told = latest.get("restored") if isinstance(latest, dict) else None
        return int(told["restore_timestamp"]) if isinstance(told, dict) else 0

    def take_checkpoint(self, job: str) -> str:
        """Have a job take a checkpoint; its number among those that were asked for, '' where there is no such job."""
        asked = self._ask("POST", f"/jobs/{job}/checkpoints", {}, missing_is_fine=True, is_patient=True)
        return str(asked.get("request-id", ""))

    def has_taken(self, job: str, asked: str) -> bool | None:
        """Whether a checkpoint that was asked for is whole; None where it never will be."""
        found = self._ask("GET", f"/jobs/{job}/checkpoints/{asked}", missing_is_fine=True) if asked else {}
        status, operation = found.get("status"), found.get("operation")
        if isinstance(operation, dict):
            return True if operation.get("checkpointId") is not None else None
        return False if isinstance(status, dict) and status.get("id") == "IN_PROGRESS" else None

    def cancel(self, job: str) -> None:
        """End a job without a savepoint; one that has ended is left alone."""
        self._ask("PATCH", f"/jobs/{job}?mode=cancel", missing_is_fine=True)
        until = time.monotonic() + STOP_SECONDS
        while job in self.running():
            if time.monotonic() > until:
                raise self._failed(f"job {job} to end", f"none in {STOP_SECONDS:.0f} s")
            time.sleep(0.2)

    def stop(self, job: str, folder: str) -> str:
        """End a job with a savepoint in a folder; returns where that is."""
        body = {"targetDirectory": folder, "drain": False}
        request = self._ask("POST", f"/jobs/{job}/stop", body).get("request-id")
        if request is None:
            raise self._failed("a savepoint", "an answer without its number")
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            found = self._ask("GET", f"/jobs/{job}/savepoints/{request}")
            operation = found.get("operation")
            if isinstance(operation, dict) and "location" in operation:
                return str(operation["location"])
            if isinstance(operation, dict):
                raise self._failed("a savepoint", "a failure; the log of the JobManager tells why")
            time.sleep(0.2)
        raise self._failed("a savepoint", f"none in {STOP_SECONDS:.0f} s")

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        missing_is_fine: bool = False,
        is_patient: bool | None = None,
    ) -> dict[str, object]:
        patient = method == "GET" and path != _OVERVIEW if is_patient is None else is_patient
        status, text = self._answer(method, path, body, PATIENCE_SECONDS if patient else 0)
        # A job that is over but for a cancellation is in conflict with another.
        if status in (http.client.NOT_FOUND, http.client.CONFLICT) and missing_is_fine:
            return {}
        if status >= http.client.BAD_REQUEST:
            raise self._failed(f"an answer to {path}", f"status {status}")
        try:
            found = json.loads(text or b"{}")
        except ValueError:
            raise self._failed(f"an answer to {path}", "something else than Flink tells") from None
        return found if isinstance(found, dict) else {}

    def _answer(self, method: str, path: str, body: Mapping[str, object] | None, patience: float) -> tuple[int, bytes]:
        """The status and the text of an answer; it is asked again for some seconds where nobody answers."""
        until = time.monotonic() + patience
        while True:
            host, _, port = self.address.rpartition(":")
            connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=SECONDS)
            headers = {"Content-Type": "application/json"}
            try:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
                if status != http.client.SERVICE_UNAVAILABLE or time.monotonic() >= until:
                    return status, text
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() >= until:
                    raise SystemFailure(
                        f"Flink at {self.address}: expected an answer of the JobManager, got {type(error).__name__}",
                        "start the cluster, or correct [engine.flink] address; docs/scaling.md says how",
                    ) from None
            finally:
                connection.close()
            time.sleep(AGAIN_SECONDS)

    def _list(self, found: object, name: str) -> list[dict[str, object]]:
        """A list of objects in an answer."""
        within = found.get(name) if isinstance(found, dict) else None
        return within if isinstance(within, list) else []

    def _failed(self, expected: str, got: str) -> SystemFailure:
        return SystemFailure(
            f"Flink at {self.address}: expected {expected}, got {got}",
            "look into the logs of the JobManager and the TaskManagers, then run the same command again",
        )


_OVERVIEW: Final = "/overview"

_OVER: Final = ("FINISHED", "FAILED", "CANCELED")


def _reason(text: str) -> str:
    """The line of a stack trace that says most: what caused it all, or its last line that is no place in a program."""
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith(("at ", "... ", "File "))]
    causes = [line.removeprefix("Caused by: ") for line in told if line.startswith("Caused by: ")]
    return [*told, *causes][-1][:300] if told else "no reason"
