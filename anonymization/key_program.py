"""The program of an external key service: a child that answers each line of JSON with one, as long as this process."""

import atexit
import contextlib
import json
import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import SystemFailure

TIMEOUT = 30.0
"""Seconds in which an answer must be there."""

_MOST_BYTES = 65_536
_PATIENCE = 5.0

MISSING = "missing"
"""The error of a program that has no key of the day."""

REASONS = {
    "denied": "it was denied access",
    "unreachable": "it cannot reach the service",
    "unsafe": "the key could be exported or was changed",
}
"""The other errors of a program; anything else is not repeated, as it could hold a secret."""


@dataclass
class KeyProgram:
    """One child and its two pipes; not to be shared with a forked process."""

    command: tuple[str, ...]
    folder: Path
    owner: int = field(default_factory=os.getpid)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _child: "subprocess.Popen[bytes] | None" = None

    def ask(self, request: Mapping[str, str]) -> Mapping[str, object]:
        """The answer to a request.

        It may be the error `missing`. Raises SystemFailure where the program cannot be run, does not answer in time,
        or answers another error; nothing that the program wrote is repeated.
        """
        with self._lock:
            try:
                answer = self._exchange(json.dumps(dict(request)).encode() + b"\n")
            except (OSError, _NoAnswerError) as problem:
                self._end()
                told = problem.strerror if isinstance(problem, OSError) else str(problem)
                raise self._failure(request, told or "it cannot be run") from None
        if answer.get("error", MISSING) != MISSING:
            raise self._failure(request, REASONS.get(str(answer["error"]), "it answered with an error"))
        return answer

    def end(self) -> None:
        """End the child; a later request begins another one."""
        with self._lock:
            self._end()

    def broken(self, request: Mapping[str, str]) -> SystemFailure:
        """The error about an answer that is none to this request."""
        return self._failure(request, "its answer is not what the request asks for")

    def refused(self, day: str, what: str) -> SystemFailure:
        """The error about a key that is not the day's own; `what` says what the service did, without any key."""
        return SystemFailure(
            f"[release] key_service, {self.command[0]}: expected a key of privacy day {day} alone, "
            f"but the service {what}",
            "mend the service: each day needs a key of its own, and each purpose a sub-key of its own; nothing of the "
            "day is published",
        )

    def _exchange(self, request: bytes) -> Mapping[str, object]:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            raise _NoAnswerError("it has no pipes")
        child.stdin.write(request)
        child.stdin.flush()
        line = _line_of(child.stdout.fileno(), time.monotonic() + TIMEOUT)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise _NoAnswerError("its answer is no JSON object")
        return answer

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            # In a session of its own, so that Ctrl-C lets the step end first; its words could hold a secret.
            self._child = subprocess.Popen(  # noqa: S603 - the operator's own configuration names it
                self.command,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None or self.owner != os.getpid():
            return
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _failure(self, request: Mapping[str, str], what: str) -> SystemFailure:
        asked = " of ".join(filter(None, (request["op"], request.get("day"))))
        return SystemFailure(
            f"[release] key_service, {self.command[0]}: expected an answer to {asked}, but {what}",
            'run the command by hand in the folder of the configuration, and give it the line {"op": "list"}',
        )


class _NoAnswerError(Exception):
    """Why there is no answer."""


_PROGRAMS: dict[tuple[tuple[str, ...], Path], KeyProgram] = {}
_PROGRAMS_LOCK = threading.Lock()


def program(command: Sequence[str], folder: Path) -> KeyProgram:
    """The one child of this process for a command, which is run in a folder."""
    name = (tuple(command), folder)
    with _PROGRAMS_LOCK:
        known = _PROGRAMS.get(name)
        if known is None or known.owner != os.getpid():
            known = _PROGRAMS[name] = KeyProgram(*name)
        return known


@atexit.register
def end_programs() -> None:
    """End the children of this process."""
    for known in list(_PROGRAMS.values()):
        known.end()


def _line_of(descriptor: int, until: float) -> bytes:
    """What the child writes up to the end of a line, and no more than a line."""
    data = b""
    while not data.endswith(b"\n"):
        if len(data) > _MOST_BYTES:
            raise _NoAnswerError("its answer is too long")
        if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
            raise _NoAnswerError(f"none came in {TIMEOUT:.0f} seconds")
        some = os.read(descriptor, 4096)
        if not some:
            raise _NoAnswerError("it ended")
        data += some
    return data
