"""Servers to test: one in this process, and one on loopback as an operator starts it."""

import contextlib
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.console import Console
from starlette.testclient import TestClient

from pipelines.feeds.command import build_feeds
from pipelines.progress import Progress
from pipelines.server.command import served
from pipelines.server.guard import Guard
from pipelines.server.service import all_services
from pipelines.server.settings import load
from pipelines.server.store import open_store
from pipelines.server.watched import Told
from tests.bench.command import HEXAFLUX
from tests.feeds import town

AT = "2026-06-20T18:00"


def configuration(folder: Path, text: str = "") -> Path:
    """A town with its feeds built, and `text` at the end of its configuration."""
    config = town.write(folder, town=town.TOWN + text)
    build(config)
    return config


def build(config: Path, at: str = AT) -> None:
    build_feeds(config, None, at, Progress(Console(), quiet=True), strict=True)


@contextlib.contextmanager
def client(config: Path, lines: list | None = None) -> Iterator[TestClient]:
    """What asks a server in this process; `lines` gets what it logs."""
    chosen = load(config, all_services())
    told = Told((lines if lines is not None else []).append)
    with contextlib.closing(open_store(chosen.server.database, config.parent)) as store:
        guard = Guard(chosen.server.clients, chosen.server.requests_per_minute)
        yield TestClient(served(chosen, store, guard, told), raise_server_exceptions=False)
        told.flush()


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen
    port: int
    errors: IO[str]

    def end(self, by: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code, and what it wrote to standard error."""
        self.process.send_signal(by)
        code = self.process.wait(timeout=60)
        self.errors.seek(0)
        return code, self.errors.read()


@contextlib.contextmanager
def running(config: Path, *options: str) -> Iterator[Running]:
    """`hexaflux serve` at a free port, ended whatever happens."""
    command = [*HEXAFLUX, "serve", str(config), "--port", "0", *options]
    # Not a pipe, which would be full after some minutes, and the server would wait for who reads it.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            line = process.stdout.readline()
            assert line.startswith("Server: http://127.0.0.1:"), (line, errors.seek(0), errors.read())
            yield Running(process, int(line.rpartition(":")[2]), errors)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
