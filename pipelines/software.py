"""What software makes a release: version, commit, wheel, digests of its sources and of the words of the statement."""

import hashlib
import json
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from anonymization.records import Software
from anonymization.statement import texts_sha256

ROOT = Path(__file__).parent.parent
PACKAGES = ("anonymization", "pipelines", "schemas")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@cache
def software() -> Software:
    """The software that runs."""
    return Software(version("hexaflux"), commit(ROOT), wheel_sha256(), sources_sha256(ROOT), texts_sha256())


def commit(root: Path) -> str | None:
    """The commit that is checked out where the sources lie, or None where that is no checkout."""
    git = root / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            name = head.removeprefix("ref: ")
            loose = git / name
            packed = (git / "packed-refs").read_text() if not loose.exists() else ""
            head = loose.read_text().strip() if loose.exists() else _packed(packed, name)
    except (OSError, UnicodeDecodeError):
        return None
    return head if _COMMIT.fullmatch(head) else None


def wheel_sha256() -> str | None:
    """SHA-256 of the wheel that was installed, where the installer noted it."""
    try:
        noted = distribution("hexaflux").read_text("direct_url.json")
        hashes = json.loads(noted)["archive_info"]["hashes"] if noted else {}
    except (PackageNotFoundError, ValueError, KeyError, TypeError):
        return None
    found = hashes.get("sha256") if isinstance(hashes, dict) else None
    return found if isinstance(found, str) else None


def sources_sha256(root: Path) -> str:
    """One SHA-256 over names and contents of all modules that can change a figure, whatever a commit says of them."""
    digest = hashlib.sha256()
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _packed(refs: str, name: str) -> str:
    lines = (line.split() for line in refs.splitlines() if not line.startswith(("#", "^")))
    return next((line[0] for line in lines if line[1:] == [name]), "")
