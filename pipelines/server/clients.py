"""The clients of the server: a file beside the configuration, in which no key can be read."""

import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from anonymization import atomic
from schemas.errors import InputError, SystemFailure, UsageError

SCHEMA_VERSION: Final = 1
PREFIX: Final = "hexaflux_"
"""What every key begins with, so that whoever finds one in a file knows what to revoke."""
_KEY_BYTES: Final = 32
"""Of randomness: 256 bits cannot be guessed, so that a plain SHA-256 of it needs neither salt nor stretching."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
"""A scope-token of RFC 6749, appendix A.4."""
_MENDED: Final = "mend it, or move it away and add the clients again with hexaflux clients add"


@dataclass(frozen=True)
class Registered:
    """A client of the file: its name, the SHA-256 of its key in hexadecimal, its scopes, and the day it was added."""

    name: str
    digest: str
    scopes: frozenset[str]
    since: str


def digest(key: str) -> str:
    """What is kept of a key or a token."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def read(path: Path) -> dict[str, Registered]:
    """The clients by name, none where there is no file.

    Raises InputError for a file of another form, SystemFailure for one that others may write.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise SystemFailure(f"{path}: expected a file that its owner alone writes", f"chmod 600 {path}")
            return _parsed(path, file.read())
    except FileNotFoundError:
        return {}


def add(path: Path, name: str, scopes: Sequence[str]) -> str:
    """Enter a client and return its key, which is kept nowhere; raises UsageError for a name or scope that is none."""
    if not _NAME.fullmatch(name):
        raise UsageError("expected a name of up to 64 letters, digits, dots and hyphens", "write for example town-hall")
    if not scopes or not all(map(_SCOPE.fullmatch, scopes)):
        raise UsageError("expected scopes without spaces or quotes", "write --scope NAME once for each of them")
    clients = read(path)
    if name in clients:
        raise UsageError(f"{name} is a client already", "remove it first, or give another name")
    key = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    today = datetime.now(UTC).date().isoformat()
    _write(path, clients | {name: Registered(name, digest(key), frozenset(scopes), today)})
    return key


def remove(path: Path, name: str) -> None:
    """Take a client away, and its tokens with it; raises UsageError where there is none of this name."""
    clients = read(path)
    if name not in clients:
        raise UsageError(f"{name} is no client", "hexaflux clients list shows their names")
    _write(path, {other: client for other, client in clients.items() if other != name})


def as_values(clients: Mapping[str, Registered]) -> list[dict[str, object]]:
    """The clients for a program, by name, without what is kept of their keys."""
    return [
        {"name": client.name, "scopes": sorted(client.scopes), "since": client.since}
        for _, client in sorted(clients.items())
    ]


def show(console: Console, clients: Mapping[str, Registered]) -> None:
    """The clients for people."""
    table = Table("client", "scopes", "since")
    for _, client in sorted(clients.items()):
        table.add_row(client.name, " ".join(sorted(client.scopes)), client.since)
    console.print(table)


def _write(path: Path, clients: Mapping[str, Registered]) -> None:
    told = [{**values, "sha256": clients[str(values["name"])].digest} for values in as_values(clients)]
    document = {"schema_version": SCHEMA_VERSION, "clients": told}
    atomic.write_bytes(path, (json.dumps(document, indent=2) + "\n").encode(), 0o600)


def _parsed(path: Path, data: bytes) -> dict[str, Registered]:
    try:
        found = [_client(each) for each in json.loads(data)["clients"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"{path}: expected the clients that hexaflux clients wrote, found something else", _MENDED
        ) from None
    return {client.name: client for client in found}


def _client(values: Mapping[str, object]) -> Registered:
    kept, scopes = str(values["sha256"]), values["scopes"]
    if not re.fullmatch("[0-9a-f]{64}", kept) or not isinstance(scopes, list):
        raise ValueError
    return Registered(str(values["name"]), kept, frozenset(map(str, scopes)), str(values["since"]))
