"""The manifest of a release: a signed chain of entries, of windows, of privacy days and of destroyed keys.

Entry n stands in `manifest/chain/`, in a file named by its number in six digits. Its `previous` is the SHA-256 of
the file before it (64 zeros for the first), its `signature` is over the canonical JSON of all its other fields.
`manifest/head.json` states the last entry and is signed too: without it, nobody could tell that the end of the chain
was taken away. `manifest/key_log.jsonl` is the log of the day keys, as far as the last entry states it.
"""

import hashlib
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import atomic, key_log, limits, signing
from anonymization.entries import WINDOWS, Body, Entry, Json, add, canonical_json, parse_entry
from schemas.errors import InputError, SystemFailure

MANIFEST: Final = "manifest"
CHAIN: Final = "manifest/chain"
HEAD: Final = "manifest/head.json"
KEY_LOG: Final = "manifest/key_log.jsonl"
PUBLIC_KEY: Final = "manifest/public.pem"
NOTHING_BEFORE: Final = "0" * 64


def entry_name(sequence: int) -> str:
    """The file name of an entry."""
    return f"{sequence:06d}.json"


def read_chain(release: Path) -> list[Entry]:
    """The entries of a release in order; empty where there is none yet.

    Raises InputError where an entry is damaged, out of sequence or does not follow the one before. Signatures
    and all else are for `audit` to judge.
    """
    paths = sorted((release / CHAIN).glob("[!.]*"))
    entries = [_read_entry(path) for path in paths]
    previous = NOTHING_BEFORE
    for sequence, entry in enumerate(entries, 1):
        expected = (entry_name(sequence), sequence, previous)
        if (entry.name, entry.body.get("sequence"), entry.body.get("previous")) != expected:
            raise InputError(
                f"{CHAIN}/{entry.name}: expected entry {sequence}, following the one before, got another",
                "restore manifest/chain from a copy of the release; entries are never removed or moved",
            )
        previous = entry.sha256
    return entries


class Chain:
    """The chain of a release for its one writer, who reads it as a whole at first, and then only how it ends.

    So an entry costs as much in a long chain as in a short one. What stands before the end is taken to be as it was
    read; where the end is not as it was left, all is read again.
    """

    def __init__(self, release: Path) -> None:
        self.release = release
        self._begin()

    def days(self) -> tuple[Entry, ...]:
        """The privacy days as they are stated so far, see `days_of`; raises InputError as `read_chain` does."""
        self._read()
        return tuple(self._days.values())

    def append(self, body: Body, key: Ed25519PrivateKey, log: bytes) -> Entry:
        """Number, chain, sign and write an entry; one that is there already is returned instead.

        It is there if an entry of its kind has its privacy day and, of windows, its files.

        `log` is the log of the day keys as it is by then: the entry states its head. Also writes `public.pem` with the
        first entry, and the head. Raises InputError for a damaged chain or another release's entry, and SystemFailure
        where the release was begun with another key.
        """
        self._read()
        atomic.make_directory(self.release / CHAIN)
        _vouch(self.release / PUBLIC_KEY, key)
        name = self._names.get(_subject(body))
        entry = self._written(body, key, log) if name is None else _read_entry(self.release / CHAIN / name)
        if self._last is not None:
            _write(self.release / HEAD, canonical_json(_head(self._last, self._count, key)))
        return entry

    def _begin(self) -> None:
        self._last: Entry | None = None
        self._count = 0
        self._days: dict[str, Entry] = {}
        self._names: dict[str, str] = {}

    def _add(self, entry: Entry) -> None:
        self._last, self._count = entry, self._count + 1
        add(self._days, entry)
        self._names[_subject(entry.body)] = entry.name

    def _read(self) -> None:
        if self._last is None or not self._ends_with(self._last):
            self._begin()
            for entry in read_chain(self.release):
                self._add(entry)

    def _ends_with(self, last: Entry) -> bool:
        """Whether the end of the chain is as this writer knows it."""
        path = self.release / CHAIN / last.name
        following = path.with_name(entry_name(self._count + 1))
        return path.is_file() and path.read_bytes() == last.data and not following.exists()

    def _written(self, body: Body, key: Ed25519PrivateKey, log: bytes) -> Entry:
        if self._last is not None and self._last.body.get("release_id") != body["release_id"]:
            raise InputError(
                f"{self.release}: expected an entry of the release that stands there, got one of another release",
                "publish to an empty directory, or with the working directory that this release began with",
            )
        previous = NOTHING_BEFORE if self._last is None else self._last.sha256
        stated: Body = body | {"key_log": {**vars(key_log.head(key_log.read(log)))}, "previous": previous}
        entry = _signed(stated, self._count + 1, key)
        _write(self.release / KEY_LOG, log)
        _write(self.release / CHAIN / entry.name, entry.data)
        self._add(entry)
        return entry


def append(release: Path, body: Body, key: Ed25519PrivateKey, log: bytes) -> Entry:
    """Append one entry to the chain of a release, see `Chain.append`."""
    return Chain(release).append(body, key, log)


def head_of(entries: list[Entry], key: Ed25519PrivateKey) -> Body:
    """The signed head of a chain: how many entries there are, and the SHA-256 of the last."""
    return _head(entries[-1], len(entries), key)


def _head(last: Entry, count: int, key: Ed25519PrivateKey) -> Body:
    head: Body = {"release_id": last.body["release_id"], "entries": count, "sha256": last.sha256}
    return head | {"signature": signing.sign(key, canonical_json(head))}


def _subject(body: Body) -> str:
    """What an entry is about: a writer that was killed after it would write one about the same again."""
    files = body.get("files") if body.get("kind") == WINDOWS else None
    # A version that was killed at it may have stated less of each file.
    hashes: Json = {path: _sha256(record) for path, record in files.items()} if isinstance(files, dict) else None
    subject: Body = {"kind": body.get("kind"), "privacy_day": body.get("privacy_day"), "files": hashes}
    return hashlib.sha256(canonical_json(subject)).hexdigest()


def _sha256(record: Json) -> Json:
    return record.get("sha256") if isinstance(record, dict) else None


def _signed(body: Body, sequence: int, key: Ed25519PrivateKey) -> Entry:
    numbered: Body = body | {"sequence": sequence}
    signed = numbered | {"signature": signing.sign(key, canonical_json(numbered))}
    return Entry(entry_name(sequence), canonical_json(signed), signed)


def _read_entry(path: Path) -> Entry:
    return parse_entry(path.name, limits.read(path, f"{CHAIN}/{path.name}"))


def _vouch(path: Path, key: Ed25519PrivateKey) -> None:
    """Put the public key in the release, or see that it is the one already there."""
    pem = signing.public_pem(key)
    if not path.exists():
        _write(path, pem)
    elif path.read_bytes() != pem:
        raise SystemFailure(
            f"{path}: expected the public half of the signing key, got another key",
            "set [release] signing_key to the key that this release began with",
        )


def _write(path: Path, data: bytes) -> None:
    """Write in one step, unless it stands so already, and leave nothing of a writer that was killed at it before."""
    for leftover in atomic.leftovers(path):
        leftover.unlink()
    if not path.exists() or path.read_bytes() != data:
        atomic.write_bytes(path, data)
