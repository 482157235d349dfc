"""Programs that tests need and Python does not have; root installs them with apt-get where they are not there."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.paths import ROOT

CACHE: Final = ROOT / ".cache"
SECONDS: Final = 600
"""How long an installation may take."""


class MissingProgram(Exception):
    """A program cannot be had; the text says what to do."""


def command(name: str, tier: str) -> str:
    """The path of a program for a tier of tests, installed with apt-get if need be and root asks for it."""
    if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", name])
    found = shutil.which(name)
    if found is None:
        raise MissingProgram(
            f"{tier} need the command `{name}`, which is not on the PATH: install it (Debian: apt-get install {name})"
        )
    return found


def run(command: list[str], folder: Path = ROOT) -> None:
    """Run a command to its end; raises MissingProgram with what it said."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise MissingProgram(f"`{' '.join(command)}` failed with exit code {done.returncode}. It said:\n{said}")
