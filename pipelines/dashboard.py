"""Starting the dashboard: a server of its own, which only this machine can reach."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from anonymization.own_folder import usual_folder
from anonymization.passed import verified_head
from pipelines.loopback import HOST, restore, see_that_it_is_free, until_stopped
from schemas.errors import SystemFailure

LONGEST_START: Final = 90.0
LONGEST_END: Final = 10.0
"""Seconds."""

OPTIONS: Final = {
    "server.address": HOST,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableAgentApi": "false",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": HOST,
    "logger.level": "error",
}
"""What must hold whatever else configures Streamlit on this machine."""


def serve(release: Path, port: int, ready: Callable[[str], None], feeds: Path | None = None) -> None:
    """Verify a release and show it until SIGTERM or Ctrl-C; `ready` gets the address once it answers.

    `feeds` is the folder of civic feeds that a page shows, else the one named feeds beside the release, if it is one.
    Raises CheckFailed for a release that does not verify, SystemFailure where the port is taken or the server fails.
    """
    with until_stopped():
        head = verified_head(release, usual_folder())
        see_that_it_is_free(port)
        with _started(release, port, head, feeds) as server:
            _wait_for_an_answer(server, port)
            ready(f"http://{HOST}:{port}")
            raise _failed(server.wait())


@contextlib.contextmanager
def _started(release: Path, port: int, head: str, feeds: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    """The server as a child process, ended whatever happens."""
    options = [f"--{name}={value}" for name, value in (OPTIONS | {"server.port": str(port)}).items()]
    told = {"HEXAFLUX_RELEASE": str(release.absolute()), "HEXAFLUX_VERIFIED": head}
    if feeds is not None:
        told["HEXAFLUX_FEEDS"] = str(feeds.absolute())
    # In a session of its own it does not get the terminal's Ctrl-C, but our signal.
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "streamlit", "run", str(_app()), *options],
        env=os.environ | told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        _end(server)


def _app() -> Path:
    """The script of the dashboard, which this package does not import."""
    found = find_spec("dashboards")
    if found is None or not found.submodule_search_locations:
        raise SystemFailure("the package dashboards is not installed", "run make install, or install hexaflux anew")
    return Path(found.submodule_search_locations[0]) / "entry" / "dashboard.py"


def _wait_for_an_answer(server: subprocess.Popen[bytes], port: int) -> None:
    last = time.monotonic() + LONGEST_START
    while not _answers(port):
        if server.poll() is not None:
            raise _failed(server.returncode)
        if time.monotonic() > last:
            raise SystemFailure(f"the dashboard did not answer within {LONGEST_START:.0f} s", "try it again")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    # Not urllib, which would ask a proxy that the environment names.
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and wait for it; another Ctrl-C meanwhile changes nothing."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.terminate()
        try:
            server.wait(LONGEST_END)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    finally:
        restore(before)


def _failed(code: int) -> SystemFailure:
    return SystemFailure(
        f"the server of the dashboard ended by itself (exit code {code})",
        "its own messages stand above; hexaflux doctor says what is installed",
    )
