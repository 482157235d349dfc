"""A follower in a process of its own, which tells what it is doing, and can be killed at it."""

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from rich.console import Console

from pipelines.configuration import load
from pipelines.follow.command import Watching, ended_by_signals, follow
from pipelines.follow.display import Display
from pipelines.steps import Steps
from pipelines.working_directory import WorkingDirectory
from tests.follow.delivered import QUIET

P = ParamSpec("P")
R = TypeVar("R")
Owner = TypeVar("Owner")

END_SECONDS: Final = 900.0
"""How long the round may last that a signal comes in: a backlog is taken in few of them."""


class Phase(StrEnum):
    """What a follower is doing; a commit is one also inside the others."""

    STARTING = "starting"
    WAITING = "between steps"
    READING = "reading"
    FOLDING = "folding"
    PUBLISHING = "publishing windows"
    CLOSING = "closing a day"
    COMMITTING = "committing"


_PARTS: Final = (
    (Phase.READING, Steps, "read"),
    (Phase.FOLDING, Steps, "fold"),
    (Phase.PUBLISHING, Steps, "publish_windows"),
    (Phase.CLOSING, Steps, "close"),
    (Phase.COMMITTING, WorkingDirectory, "commit"),
)

# Its modules are imported once, and not by each of hundreds of followers.
_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


class Following:
    """A follower that runs; `phase` is what it was doing when it was last heard of."""

    def __init__(self, config: Path) -> None:
        self.phase = Phase.STARTING
        self._heard, told = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_follow, args=(config, told))
        self._process.start()
        # The end of the pipe is then told by that of the process.
        told.close()

    def next_phase(self, seconds: float) -> Phase | None:
        """What the follower begins next, None where that takes longer; raises RuntimeError where it has ended."""
        if not self._heard.poll(seconds):
            return None
        try:
            self.phase = self._heard.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"the follower ended by itself, with exit code {self._process.exitcode}") from None
        return self.phase

    def kill(self) -> Phase:
        """Kill it with SIGKILL; what it was doing then."""
        self._process.kill()
        self._process.join()
        if self._process.exitcode != -signal.SIGKILL:
            raise RuntimeError(f"the follower had ended already, with exit code {self._process.exitcode}")
        self._hear_to_the_end()
        self._heard.close()
        return self.phase

    def end(self) -> int:
        """End it with SIGTERM, and wait for it; its exit code."""
        self._process.terminate()
        until = time.monotonic() + END_SECONDS
        while self._process.exitcode is None:
            # A pipe that is full would stop it.
            self._hear_to_the_end()
            self._process.join(0.1)
            if time.monotonic() > until:
                self._process.kill()
                raise RuntimeError(f"the follower did not end within {END_SECONDS:.0f} s of SIGTERM")
        return self._process.exitcode

    def _hear_to_the_end(self) -> None:
        """Hear all that was told and not heard yet."""
        with contextlib.suppress(EOFError):
            while self._heard.poll(0):
                self.phase = self._heard.recv()


def _follow(config: Path, told: Connection) -> None:
    """`hexaflux follow`, in this process, with the phases told."""
    phases = [Phase.STARTING]

    def log(event: str, **_facts: str | int | float | None) -> None:
        if event == "started":
            phases[0] = Phase.WAITING
            told.send(Phase.WAITING)

    for phase, owner, name in _PARTS:
        setattr(owner, name, _telling(phase, phases, told, getattr(owner, name)))
    console = Console(stderr=True)
    with ended_by_signals() as stop:
        follow(load(config), Watching(QUIET, Display(console, "UTC", quiet=True), log), stop)


def _telling(
    phase: Phase, phases: list[Phase], told: Connection, method: Callable[Concatenate[Owner, P], R]
) -> Callable[Concatenate[Owner, P], R]:
    """A method that tells when it begins, and at its end what goes on."""

    @wraps(method)
    def telling(self: Owner, *arguments: P.args, **named: P.kwargs) -> R:
        phases.append(phase)
        told.send(phase)
        try:
            return method(self, *arguments, **named)
        finally:
            phases.pop()
            told.send(phases[-1])

    return telling
