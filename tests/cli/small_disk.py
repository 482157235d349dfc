"""Runs on disks that are too small, made larger afterwards: for a mount namespace of its own (`unshare --mount`).

`python -m tests.cli.small_disk CONFIG FOLDER SIZE...` mounts a tmpfs of each size below FOLDER, runs the configuration
to a release on it, makes the disk larger, runs the same command again, audits, and prints what happened as JSON. The
size READ_ONLY stands for a release that cannot be written at first.
"""

import contextlib
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

from pipelines.cli import main

READ_ONLY = "read-only"

Ran = tuple[int, str, str]


def call(*arguments: str) -> Ran:
    """Exit code, standard output and standard error of a command in this process."""
    sys.argv = ["hexaflux", *arguments]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0), out.getvalue(), err.getvalue()
    raise RuntimeError("main came back without an exit code")


def tables(release: Path) -> dict[str, str]:
    """SHA-256 of every published table."""
    files = sorted(release.rglob("*.parquet"))
    return {str(file.relative_to(release)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def attempt(size: str, config: str, disk: Path) -> dict[str, object]:
    """A run on a small disk, or to a release that is mounted read-only, and what the same command does afterwards."""
    unwritable = size == READ_ONLY
    mounted = disk / "release" if unwritable else disk
    mounted.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", "ro" if unwritable else f"size={size}", "tmpfs", str(mounted))
    command = ("run", config, "--release", str(disk / "release"))
    first = call(*command)
    left = sorted(path.name for path in disk.iterdir())
    mount("-o", "remount,rw" if unwritable else "remount,size=64m", str(mounted))
    second = call(*command)
    return {
        "first": first,
        "left": left,
        "second": second,
        "audited": call("audit", str(disk / "release"), "--allow-test"),
        "tables": tables(disk / "release"),
        "temporary": [str(path) for path in disk.rglob(".*")],
    }


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    config, folder, *sizes = sys.argv[1:]
    print(json.dumps({size: attempt(size, config, Path(folder) / size) for size in sizes}))
