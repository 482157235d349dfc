"""A process that has imported pytest and the libraries, and runs tests of a folder in a fork of itself.

    python -P tests/privacy/forks.py

Each line of stdin is a JSON list: the seconds that a fork may take, the root of a copy of the repository, then
arguments of pytest. The packages are imported by the fork alone, so that each fork takes them as they stand then. What
became of it goes to stdout: ENDED, STRANGE where a package was not that of the folder, or LATE where it was killed.
"""

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

import pytest

LIBRARIES: Final = (
    "apache_beam",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "duckdb",
    "geopandas",
    "h3",
    "hypothesis",
    "pyarrow.compute",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "rich.progress",
    "schemathesis",
    "scipy.optimize",
    "typer",
)
"""What takes long to import; nothing of it runs Python in a thread, which a fork would not have."""

PACKAGES: Final = ("schemas", "anonymization", "pipelines", "dashboards", "tests")

ENDED, STRANGE, LATE = "ended", "strange", "late"
_STRANGE: Final = 99
_POLL_SECONDS: Final = 0.02


def within(folder: str, arguments: list[str]) -> int:
    """What pytest returns in a folder, or _STRANGE; nothing is printed."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = folder
    sys.path.insert(0, folder)
    code = int(pytest.main(arguments))
    found = [sys.modules[name].__file__ for name in PACKAGES if name in sys.modules]
    return code if all(Path(file or "").is_relative_to(folder) for file in found) else _STRANGE


def forked(folder: str, arguments: list[str], seconds: float) -> str:
    """What became of a fork, which is waited for."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = within(folder, arguments)
        finally:
            os._exit(code)
    end = time.monotonic() + seconds
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return LATE
        time.sleep(_POLL_SECONDS)
    return STRANGE if os.waitstatus_to_exitcode(ended[1]) == _STRANGE else ENDED


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        seconds, root, *rest = json.loads(line)
        print(forked(root, rest, seconds), flush=True)
