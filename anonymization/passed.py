"""Verdicts that passed, remembered: of a release that has not changed since, an audit would find the same again.

An audit follows from the bytes of the release and from the code that runs, and from nothing else. One small file for
each release holds the SHA-256 over both. It is compared and never run or trusted for anything else: any other content
is an audit to be carried out. Who can write into the folder can say that a release passed. It is one of this person's
own, like the programs that run: whoever can write there can as well change those.
"""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from anonymization import atomic
from anonymization.audit import audit
from anonymization.checks.inventory import take
from anonymization.manifest import read_chain
from schemas.errors import CheckFailed

_PACKAGES: Final = ("anonymization", "schemas")
_LIBRARIES: Final = ("cryptography", "numpy", "pyarrow")
_NAME: Final = "passed"


def verified_head(release: Path, memory: Path | None) -> str:
    """The SHA-256 of the last entry of a release that verifies.

    `memory`: a folder in which that is remembered, None for nowhere. Raises CheckFailed with the reason for any other.
    """
    before = _state(release) if memory else None
    if memory is None or before is None or not _is_remembered(release, memory, before):
        see_that_it_passes(release)
        # What changed while it was audited is not what was audited.
        if memory is not None and before is not None and _state(release) == before:
            _remember(release, memory, before)
    return read_chain(release)[-1].sha256


def see_that_it_passes(release: Path) -> None:
    """Audit a release in full; raises CheckFailed with the reasons where it does not pass."""
    failed = [check for check in audit(release, allow_test=True).checks if not check.passed]
    if failed:
        raise refused(release, "; ".join(f"{check.name}: {check.message}" for check in failed[:3]))


def refused(release: Path, reason: str) -> CheckFailed:
    """The error for a release that does not verify."""
    return CheckFailed(
        f"{release}: the release does not verify ({reason})",
        f"hexaflux audit {release} says more; restore it from a sound copy",
    )


def _state(release: Path) -> str | None:
    """One SHA-256 over all that an audit follows from; None where something stands there that is no file or folder."""
    inventory = take(release)
    if inventory.oddities:
        return None
    digest = hashlib.sha256(_code().encode())
    for path in sorted({*inventory.sha256, *inventory.folders}):
        told = inventory.sha256.get(path, "folder")
        digest.update(f"{len(path.encode(errors='surrogateescape'))} ".encode())
        digest.update(path.encode(errors="surrogateescape") + f" {told}\n".encode())
    return digest.hexdigest()


@cache
def _code() -> str:
    """One SHA-256 over the code of the verifier and the versions of what it stands on."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256(f"{platform.python_version()} {[version(name) for name in _LIBRARIES]}\n".encode())
    for path in sorted(path for package in _PACKAGES for path in (root / package).rglob("*.py")):
        digest.update(f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _is_remembered(release: Path, memory: Path, state: str) -> bool:
    try:
        with _file(release, memory).open("rb") as file:
            return file.read(len(state) + 1) == state.encode()
    except OSError:
        return False


def _remember(release: Path, memory: Path, state: str) -> None:
    try:
        atomic.make_directory(memory / _NAME, mode=0o700)
        atomic.write_bytes(_file(release, memory), state.encode(), mode=0o600)
    except OSError:
        # It is only asked again.
        return


def _file(release: Path, memory: Path) -> Path:
    """The file of a release, named by where it stands."""
    place = hashlib.sha256(str(release.resolve()).encode(errors="surrogateescape")).hexdigest()
    return memory / _NAME / place
