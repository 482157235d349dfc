"""A real PostgreSQL of the tests' own: Debian's programs, a folder that goes with it, and a socket, no port.

`python -m tests.server.postgres` installs what is not there.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.programs import MissingProgram, run

VERSIONS: Final = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, which are not on the PATH."""
SECONDS: Final = 60
"""How long it may take to start or stop."""


@dataclass(frozen=True)
class Postgres:
    """A server that runs: the folder of its socket, and the account that it trusts."""

    folder: Path
    account: str

    def database(self, name: str) -> str:
        """The URL, as `[server] database` has it, of a new and empty database."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return self.address(name)

    def files(self) -> Iterator[Path]:
        """All files of the server, also its log of changes."""
        return (path for path in sorted((self.folder / "data").rglob("*")) if path.is_file())

    def address(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://{self.account}@/{name}?host={self.folder}"


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server and stop it in the end; raises MissingProgram where PostgreSQL cannot be had.

    It does not wait for the disk: tests kill what asks it, never the server itself.
    """
    programs, account = _programs(), _account()
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.chown(folder, account)
        options = ["-D", str(folder / "data")]
        _ended([str(programs / "initdb"), *options, "--no-sync", "-E", "UTF8", "--locale=C", "-A", "trust"], account)
        asked = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off", "max_connections=200")
        command = [str(programs / "postgres"), *options, *(word for each in asked for word in ("-c", each))]
        server = _started(command, account, folder / "log")
        try:
            found = Postgres(folder, account)
            _await(found, server, folder / "log")
            yield found
        finally:
            # What it holds is not wanted any more.
            server.send_signal(signal.SIGQUIT)
            server.wait(SECONDS)


def _programs() -> Path:
    """The folder of the newest version's programs, which root installs with apt-get where there is none."""
    if not _versions() and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    if not (found := _versions()):
        raise MissingProgram("tests on PostgreSQL need it below /usr/lib/postgresql: apt-get install postgresql")
    return found[-1]


def _install() -> None:
    """Install it once: tests run in several processes, and apt-get refuses a second one."""
    with (Path(tempfile.gettempdir()) / "hexaflux-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _versions():
            run(["apt-get", "update", "-qq"])
            run(["apt-get", "install", "-y", "-qq", "postgresql"])


def _versions() -> list[Path]:
    return sorted(VERSIONS.glob("*/bin"), key=lambda path: int(path.parent.name))


def _account() -> str:
    """The server refuses to run as root: then it runs as Debian's account for it."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _ended(command: list[str], account: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd="/", **_as(account))
    if done.returncode:
        raise RuntimeError(f"`{command[0]}` failed with exit code {done.returncode}. It said:\n{done.stderr}")


def _started(command: list[str], account: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, cwd="/", **_as(account))


def _as(account: str) -> dict[str, str]:
    return {"user": account, "group": account} if os.geteuid() == 0 else {}


def _await(found: Postgres, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            psycopg.connect(found.address("postgres")).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start. It said:\n{log.read_text()}") from None
            time.sleep(0.05)


if __name__ == "__main__":
    try:
        print(_programs())
    except MissingProgram as error:
        sys.exit(f"Error: {error}")
