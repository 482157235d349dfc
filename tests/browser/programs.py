"""What the tests in a browser need that is not of Python: Chromium and npm from Debian, axe-core from npm.

`python -m tests.browser.programs` installs what is not there.
"""

import base64
import hashlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from anonymization.atomic import write_bytes
from tests.programs import CACHE, MissingProgram, command, run

AXE: Final = "axe-core@4.14.1"
AXE_SHA512: Final = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""Of the package, in Base64, as npm states it; npm asks the registry that this machine is set to."""

TIER: Final = "tests in a browser"


def chromium() -> str:
    """The command of Debian's Chromium."""
    return command("chromium", TIER)


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
        run([command("npm", TIER), "pack", "--silent", AXE], Path(folder))
        (packed,) = Path(folder).glob("*.tgz")
        content = packed.read_bytes()
    found = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != AXE_SHA512:
        raise MissingProgram(f"{AXE} from npm has the SHA-512 {found}, not {AXE_SHA512}: it is not used")
    return content


if __name__ == "__main__":
    try:
        print(f"{chromium()}, {axe()}")
    except MissingProgram as error:
        sys.exit(f"Error: {error}")
