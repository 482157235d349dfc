"""The command of this checkout, and a follower that is ended with a context."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

HEXAFLUX: Final = (sys.executable, "-W", "ignore", "-c", "from pipelines.cli import main; main()")


@contextlib.contextmanager
def following(
    config: Path,
    *options: str,
    errors: IO[str] | int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """`hexaflux follow` in a process that is ended with the context; SIGTERM has it tell before what came of it."""
    command = [*HEXAFLUX, "follow", str(config), *options, "--json", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
