"""Runs as processes of their own, and all that they leave behind, in a form that can be compared."""

import hashlib
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pipelines import cli
from tests.oracle.generate import generate

_CONTEXT = multiprocessing.get_context("forkserver")
# A process then starts with the modules of the command already there.
_CONTEXT.set_forkserver_preload(["pipelines.cli", "pipelines.embedded", "pipelines.summary", "anonymization.audit"])

DAY_KEY = hashlib.sha256(b"crash").hexdigest()
TEST = f'[test]\nday_key = "{DAY_KEY}"\n'

_SIGNED = ("manifest/chain/", "manifest/public.pem")
_CLOCK = ("previous", "signature", "created_at", "release_id")


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
    def state(self) -> dict:
        """The committed state; empty before the first commit."""
        path = self.working / "state.json"
        return json.loads(path.read_bytes()) if path.exists() else {}

    def start(self, prepare: Callable[[], None] = _nothing) -> ForkServerProcess:
        """Begin `hexaflux run` in a process of its own, which calls `prepare` first."""
        process = _CONTEXT.Process(target=_run, args=(self, prepare))
        process.start()
        return process

    def run(self, prepare: Callable[[], None] = _nothing) -> int:
        """`hexaflux run` to its end; the exit code, or minus the signal that ended it."""
        process = self.start(prepare)
        process.join()
        assert process.exitcode is not None
        return process.exitcode

    def told(self) -> str:
        """All that runs wrote to their streams."""
        return (self.folder / "log").read_text(encoding="utf-8")


def inputs(folder: Path, devices: int, events: int, days: int, *, cut: str = "arbitrary") -> Path:
    """Events of some privacy days, with the register, cells and zones that go with them."""
    generate(folder, devices, events, days, date(2026, 6, 12), 11, "mixed", cut=cut)
    return folder


def case(folder: Path, given: Path, engine: str, *, test: str = TEST, more: str = "") -> Case:
    """A new case on some inputs; `engine` and `more` are lines of TOML."""
    folder.mkdir()
    events = given / "events"
    (folder / "hexaflux.toml").write_text(
        f'[input]\nevents = "{events}"\nsubscribers = "{given}/subscribers.parquet"\ncells = "{given}/cells.csv"\n'
        f'zones = "{given}/zones.geojson"\n[release]\ndirectory = "release"\n[engine]\n{engine}\n{test}{more}',
        encoding="utf-8",
    )
    return Case(folder)


def _run(of: Case, prepare: Callable[[], None]) -> None:
    """The command line, in a process that was made for it."""
    with (of.folder / "log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    prepare()
    sys.argv = ["hexaflux", "run", str(of.config)]
    cli.main()


def files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path; folders have none."""
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): "" if path.is_dir() else _sha256(path) for path in found}


def left(of: Case) -> dict[str, object]:
    """What a complete run leaves, but for clock times, signatures and random identifiers."""
    state, release = of.state, files(of.release)
    return {
        "released": {name: digest for name, digest in release.items() if not name.startswith(_SIGNED)},
        "entries": [_entry(path) for path in sorted((of.release / "manifest/chain").iterdir())],
        "accounting": state["accounting"],
        "days": {day: known["status"] for day, known in state["days"].items()},
        "working": {name: digest for name, digest in files(of.working).items() if name != "state.json"},
        "beside": sorted(path.name for path in of.folder.iterdir()),
    }


def _entry(path: Path) -> tuple[str, dict]:
    body = json.loads(path.read_bytes())
    body["key"] = {name: value for name, value in body["key"].items() if not name.endswith("_at")}
    return path.name, {name: value for name, value in body.items() if name not in _CLOCK}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
