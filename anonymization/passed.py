"""Audits that passed, remembered: of a release that has not changed since, an audit would find the same again.

An audit follows from the bytes of the release and from the code that runs, and from nothing else. One file for each
release holds the report as JSON, after the SHA-256 over both and over that JSON. It is compared and read, and nothing
of it is run: any other content is an audit to be carried out. Who can write into the folder can say that a release
passed. It is one of this person's own, like the programs that run: whoever can write there can as well change those.
"""

import contextlib
import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from anonymization import atomic
from anonymization.audit import audit
from anonymization.checks.inventory import take
from anonymization.manifest import read_chain
from anonymization.verdict import Check, Report
from schemas.errors import CheckFailed

_PACKAGES: Final = ("anonymization", "schemas")
_LIBRARIES: Final = ("cryptography", "numpy", "pyarrow")
_NAME: Final = "passed"
_LARGEST: Final = 16 * 2**20
"""Bytes; a report has some ten thousand."""


@dataclass(frozen=True)
class Verified:
    """The report of an audit, and when it was carried out (UTC)."""

    report: Report
    at: datetime


def verified_head(release: Path, memory: Path | None) -> str:
    """The SHA-256 of the last entry of a release that verifies.

    `memory`: a folder in which that is remembered, None for nowhere. Raises CheckFailed with the reason for any other.
    """
    _see_that_it_passed(release, verified(release, memory).report)
    return read_chain(release)[-1].sha256


def verified(release: Path, memory: Path | None) -> Verified:
    """The audit of a release, the one that is remembered if there is one; only what passes is remembered.

    `memory` as for `verified_head`.
    """
    before = _state(release) if memory else None
    if memory is None or before is None:
        return _audited(release)
    found = _remembered(release, memory, before)
    if found is None:
        found = _audited(release)
        # What changed while it was audited is not what was audited.
        if found.report.verdict and _state(release) == before:
            _remember(release, memory, before, found)
    return found


def forget(release: Path, memory: Path | None) -> None:
    """Remember no audit of a release any more."""
    if memory is not None:
        with contextlib.suppress(OSError):
            _file(release, memory).unlink()


def see_that_it_passes(release: Path) -> None:
    """Audit a release in full; raises CheckFailed with the reasons where it does not pass."""
    _see_that_it_passed(release, _audited(release).report)


def _audited(release: Path) -> Verified:
    at = datetime.now(UTC)
    return Verified(audit(release, allow_test=True), at)


def _see_that_it_passed(release: Path, report: Report) -> None:
    failed = [check for check in report.checks if not check.passed]
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


def _remembered(release: Path, memory: Path, state: str) -> Verified | None:
    """The audit that is remembered of a release in a state; None where there is none, or anything else."""
    try:
        with _file(release, memory).open("rb") as file:
            seal, _, told = file.read(_LARGEST).partition(b"\n")
        return _read(told) if seal == _seal(state, told) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remember(release: Path, memory: Path, state: str, found: Verified) -> None:
    told = json.dumps({"at": found.at.isoformat(), "report": asdict(found.report)}).encode()
    try:
        atomic.make_directory(memory / _NAME, mode=0o700)
        atomic.write_bytes(_file(release, memory), _seal(state, told) + b"\n" + told, mode=0o600)
    except OSError:
        # It is only asked again.
        return


def _seal(state: str, told: bytes) -> bytes:
    """The SHA-256 of what is remembered of a state."""
    return hashlib.sha256(f"{state}\n".encode() + told).hexdigest().encode()


def _read(told: bytes) -> Verified | None:
    """An audit from its JSON, None for one that did not pass; raises errors of Python for anything else."""
    found = json.loads(told)
    report = found["report"]
    checks = tuple(Check(**each | {"problems": tuple(each["problems"])}) for each in report["checks"])
    if not checks or not all(check.passed is True for check in checks):
        return None
    at = datetime.fromisoformat(found["at"])
    return Verified(Report(report["verdict"], checks, tuple(report["notes"]), report["release_id"]), at)


def _file(release: Path, memory: Path) -> Path:
    """The file of a release, named by where it stands."""
    place = hashlib.sha256(str(release.resolve()).encode(errors="surrogateescape")).hexdigest()
    return memory / _NAME / place
