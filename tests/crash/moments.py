"""Moments at which a run may die: just before each call that changes what stands on the disk."""

import functools
import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from pipelines.embedded import Driver

Act = Callable[[], None]

CALLS = ("chmod", "fchmod", "fsync", "ftruncate", "mkdir", "open", "remove", "rename", "replace", "rmdir", "unlink")
"""The calls of `os` that change the disk or make the change last; what is written in between shows at the next one."""


def kill_at(moment: int) -> Act:
    """End this process by SIGKILL, at the call of that number."""
    calls = 0

    def act() -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def copy_to(album: Path, folder: Path) -> Act:
    """Copy a folder as it stands, which is how a kill would leave it; what has not changed, once."""
    last: list[tuple[str, bytes]] = []
    pictures = 0

    def act() -> None:
        nonlocal last, pictures
        found = sorted(folder.rglob("*"))
        seen = [(str(path), b"" if path.is_dir() else path.read_bytes()) for path in found]
        if seen != last:
            last, pictures = seen, pictures + 1
            shutil.copytree(folder, album / f"{pictures:04d}")

    return act


def before_each_call(act: Act, within: str = "run") -> None:
    """Have `act` called before every such call of this process from the start of a method of the driver on."""
    lock = threading.RLock()
    busy, method = True, getattr(Driver, within)

    def begin(*arguments: object) -> object:
        nonlocal busy
        busy = False
        return method(*arguments)

    def watched(call: Callable[..., object], *arguments: object, **named: object) -> object:
        nonlocal busy
        with lock:
            if not busy:
                busy = True
                act()
                busy = False
            return call(*arguments, **named)

    setattr(Driver, within, begin)
    for name in CALLS:
        setattr(os, name, functools.partial(watched, getattr(os, name)))
