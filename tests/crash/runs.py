"""Runs as processes of their own, and all that they leave behind, in a form that can be compared."""

import hashlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from pipelines import cli
from tests.crash import moments
from tests.oracle.generate import generate

_CONTEXT = multiprocessing.get_context("forkserver")
# A process then starts with the modules of the command already there.
_CONTEXT.set_forkserver_preload(["pipelines.configuration", "pipelines.embedded", "pipelines.summary"])
# Starting a process reads the exit codes of others, each of which can be read but once.
_LOCK = threading.Lock()

TEST = f'[test]\nday_key = "{hashlib.sha256(b"crash").hexdigest()}"'

_SIGNED = ("manifest/chain/", "manifest/public.pem", "manifest/head.json", "manifest/key_log.jsonl")
KEPT = ("state.json", "key_log.jsonl")
"""What tells of a run and stays in its working directory."""
OF_DAYS = ("dead_letters/", "history/", "quality/")
"""Folders of it that keep files of days which are closed."""
_CLOCK = ("previous", "signature", "created_at", "release_id", "key_log")


def _nothing() -> None:
    """Nothing to prepare."""


@dataclass(frozen=True)
class Case:
    """A folder with a configuration, where a release, its working directory, register and signing key come to stand."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "hexaflux.toml"

    @property
    def release(self) -> Path:
        return self.folder / "release"

    @property
    def working(self) -> Path:
        return self.folder / "release.work"

    @property
    def register(self) -> Path:
        return self.folder / "publications.jsonl"

    @property
    def state(self) -> dict[str, Any]:
        """The committed state; empty before the first commit."""
        path = self.working / "state.json"
        state: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
        return state

    @property
    def log(self) -> str:
        """All that the runs wrote to their streams."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def start(self, prepare: Callable[[], None] = _nothing) -> ForkServerProcess:
        """Begin `hexaflux run` in a process of its own, which calls `prepare` first."""
        process = _CONTEXT.Process(target=_run, args=(self, prepare))
        with _LOCK:
            process.start()
        return process

    def run(self, prepare: Callable[[], None] = _nothing) -> int:
        """`hexaflux run` to its end; the exit code, or minus the signal that ended it."""
        process = self.start(prepare)
        wait([process.sentinel])
        with _LOCK:
            process.join()
        assert process.exitcode is not None
        return process.exitcode

    def killed(self, moment: int, phase: str = "run") -> bool:
        """`hexaflux run`, killed at a moment of a phase; False where it ended before, as it should."""
        code = self.run(partial(signalled, signal.SIGKILL, moment, phase))
        assert code in (0, -9), self.log
        return code == -9


def case(folder: Path, given: Path, engine: str, *, test: str = TEST, release: str = 'directory = "release"') -> Case:
    """A new case on some inputs; `engine` and `release` are what stands in those sections."""
    folder.mkdir()
    tables = {"subscribers": "subscribers.parquet", "cells": "cells.csv", "zones": "zones.geojson"}
    paths = "\n".join(f'{name} = "{given / file}"' for name, file in {"events": "events", **tables}.items())
    text = f"[input]\n{paths}\n[release]\n{release}\n[engine]\n{engine}\n{test}\n"
    (folder / "hexaflux.toml").write_text(text, encoding="utf-8")
    return Case(folder)


def inputs(folder: Path, devices: int, events: int, days: int) -> Path:
    """Events of some privacy days, with the register, cells and zones that go with them."""
    generate(folder, devices, events, days, date(2026, 6, 12), 11, "mixed")
    return folder


def album(of: Case, phases: tuple[str, ...] = moments.PHASES) -> list[Path]:
    """Run a case to its end; gives a copy of its folder as it was at each moment."""
    pictures = of.folder.with_name("album")
    pictures.mkdir()
    assert of.run(partial(_watch, pictures, of.folder, phases)) == 0, of.log
    return sorted(pictures.iterdir())


def _run(of: Case, prepare: Callable[[], None]) -> None:
    """The command line, in a process that was made for it."""
    with (of.folder / "log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    prepare()
    sys.argv = ["hexaflux", "run", str(of.config)]
    cli.main()


def signalled(sent: int, moment: int, phase: str) -> None:
    """Prepare a process to get a signal at a moment of a phase."""
    moments.before_each_call(moments.signal_at(sent, moment, phase))


def killed_after(path: Path) -> None:
    """Prepare a process to be killed at the first moment at which a file is there."""
    moments.before_each_call(moments.kill_once(path))


def _watch(pictures: Path, folder: Path, phases: tuple[str, ...]) -> None:
    moments.before_each_call(moments.copy_to(pictures, folder, phases))


def files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path; folders have none."""
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): "" if path.is_dir() else _sha256(path) for path in found}


def left(of: Case) -> dict[str, object]:
    """What a complete run leaves, but for clock times, signatures and random identifiers."""
    state = of.state
    return {
        "released": {name: digest for name, digest in files(of.release).items() if not name.startswith(_SIGNED)},
        "entries": [_entry(path) for path in sorted((of.release / "manifest/chain").iterdir())],
        "accounting": state["accounting"],
        "days": {day: known["status"] for day, known in state["days"].items()},
        "working": {name: digest for name, digest in files(of.working).items() if name not in KEPT},
        "beside": sorted(path.name for path in of.folder.iterdir()),
    }


def _entry(path: Path) -> tuple[str, dict[str, Any]]:
    body = json.loads(path.read_bytes())
    body["key"] = {name: value for name, value in body["key"].items() if not name.endswith("_at")}
    return path.name, {name: value for name, value in body.items() if name not in _CLOCK}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
