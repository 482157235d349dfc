"""What the tests in a browser need that is not of Python: Chromium and npm from Debian, axe-core from npm.

`python -m tests.browser.programs` installs what is not there.
"""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from anonymization.atomic import write_bytes
from tests.paths import ROOT

AXE: Final = "axe-core@4.14.1"
AXE_SHA512: Final = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""Of the package, in Base64, as npm states it; npm asks the registry that this machine is set to."""

CACHE: Final = ROOT / ".cache"
SECONDS: Final = 600
"""How long an installation may take."""


class MissingProgram(Exception):
    """A program cannot be had; the text says what to do."""


def chromium() -> str:
    """The command of Debian's Chromium."""
    return _command("chromium")


def axe(cache: Path = CACHE) -> Path:
    """The script of axe-core, which is downloaded the first time; raises MissingProgram where that is not possible."""
    script = cache / f"{AXE.replace('@', '-')}.min.js"
    if not script.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(_package(cache))) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            write_bytes(script, member.read())
    return script


def _package(cache: Path) -> bytes:
    """The verified package of axe-core."""
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=cache) as folder:
        _run([_command("npm"), "pack", "--silent", AXE], Path(folder))
        (packed,) = Path(folder).glob("*.tgz")
        content = packed.read_bytes()
    found = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != AXE_SHA512:
        raise MissingProgram(f"{AXE} from npm has the SHA-512 {found}, not {AXE_SHA512}: it is not used")
    return content


def _command(name: str) -> str:
    """The command of a program, which is installed with apt-get if need be and root asks for it."""
    if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", name])
    found = shutil.which(name)
    if found is None:
        raise MissingProgram(
            f"tests in a browser need the command `{name}`, which is not on the PATH: install it (Debian: apt-get "
            f"install {name})"
        )
    return found


def _run(command: list[str], folder: Path = ROOT) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise MissingProgram(f"`{' '.join(command)}` failed with exit code {done.returncode}. It said:\n{said}")


if __name__ == "__main__":
    try:
        print(f"{chromium()}, {axe()}")
    except MissingProgram as error:
        sys.exit(f"Error: {error}")
