"""A dashboard that runs as its users start it, with a cache of its own."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.cluster.broker_files import HOST, free_ports

START_SECONDS: Final = 900.0
"""The first audit of 10 M rows is long."""
END_SECONDS: Final = 30.0
_COMMAND: Final = "from pipelines.cli import main; main()"


@contextlib.contextmanager
def served(release: Path, cache: Path) -> Iterator[str]:
    """The address of `hexaflux dashboard`, which ends with all that it started when the context does.

    One that does not listen in time, or does not end in time, is killed.
    """
    (port,) = free_ports(1)
    command = [sys.executable, "-c", _COMMAND, "dashboard", str(release), "--port", str(port)]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as program:
        late = threading.Timer(START_SECONDS, program.kill)
        late.start()
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == f"Dashboard: http://{HOST}:{port}\n", "it says why above"
            late.cancel()
            yield f"http://{HOST}:{port}"
        finally:
            late.cancel()
            program.terminate()
            try:
                program.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
