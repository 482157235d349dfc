"""Moments at which a run may die: just before each call that changes what stands on the disk."""

import functools
import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from pipelines.embedded import Driver

Act = Callable[[str], None]
"""Called with the method of the driver that was begun last."""

CALLS = ("chmod", "fchmod", "fsync", "ftruncate", "mkdir", "open", "remove", "rename", "replace", "rmdir", "unlink")
"""The calls of `os` that change the disk or make the change last; what is written in between shows at the next one."""

PHASES = ("run", "_ingest", "count", "close")


def signal_at(sent: int, moment: int, phase: str) -> Act:
    """Send this process a signal, at the call of that number in a phase of the driver's work."""
    calls = 0

    def act(now: str) -> None:
        nonlocal calls
        calls += phase in ("run", now)
        if calls == moment:
            os.kill(os.getpid(), sent)

    return act


def kill_once(path: Path) -> Act:
    """End this process by SIGKILL, at the first call at which a file is there."""

    def act(_: str) -> None:
        if path.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def copy_to(album: Path, folder: Path, phases: tuple[str, ...] = PHASES) -> Act:
    """Copy a folder as it stands, which is how a kill would leave it; what has not changed, once."""
    last: list[tuple[str, bytes]] = []

    def act(now: str) -> None:
        nonlocal last
        found = sorted(folder.rglob("*"))
        seen = [(str(path), b"" if path.is_dir() else path.read_bytes()) for path in found]
        if now in phases and seen != last:
            last = seen
            shutil.copytree(folder, album / f"{len(os.listdir(album)):04d}{now}")

    return act


def before_each_call(act: Act, driver: type = Driver, phases: tuple[str, ...] = PHASES) -> None:
    """Have `act` called before every such call that this process makes from the beginning of the driver's work on.

    `phases`: the methods of the driver by which `act` is told how far that is.
    """
    lock = threading.RLock()
    busy, phase = True, ""

    def begun(name: str, method: Callable[..., object], *arguments: object, **named: object) -> object:
        nonlocal busy, phase
        busy, phase = False, name
        return method(*arguments, **named)

    def watched(call: Callable[..., object], *arguments: object, **named: object) -> object:
        nonlocal busy
        with lock:
            if not busy:
                busy = True
                act(phase)
                busy = False
            return call(*arguments, **named)

    for name in phases:
        method = getattr(driver, name)
        setattr(driver, name, _reporting(begun, name, method))
    for name in CALLS:
        setattr(os, name, functools.partial(watched, getattr(os, name)))


def _reporting(begun: Callable[..., object], name: str, method: Callable[..., object]) -> Callable[..., object]:
    """A method that says that it is begun."""

    def reporting(*arguments: object, **named: object) -> object:
        return begun(name, method, *arguments, **named)

    return reporting
