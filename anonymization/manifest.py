"""The manifest of a release: a signed chain of entries, of windows, of privacy days and of destroyed keys.

Entry n stands in `manifest/chain/`, in a file named by its number in six digits. Its `previous` is the SHA-256 of
the file before it (64 zeros for the first), its `signature` is over the canonical JSON of all its other fields.
`manifest/head.json` states the last entry and is signed too: without it, nobody could tell that the end of the chain
was taken away. `manifest/key_log.jsonl` is the log of the day keys, as far as the last entry states it.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import atomic, key_log, limits, signing
from anonymization.entries import WINDOWS, Body, Entry, Json, canonical_json, parse_entry
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
    entries = [parse_entry(path.name, limits.read(path, f"{CHAIN}/{path.name}")) for path in paths]
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


def append(release: Path, body: Body, key: Ed25519PrivateKey, log: bytes) -> Entry:
    """Number, chain, sign and write an entry; one that is there already is returned instead.

    It is there if an entry of its kind has its privacy day and, of windows, its files.

    `log` is the log of the day keys as it is by then: the entry states its head. Also writes `public.pem` with the
    first entry, and the head. Raises InputError for a damaged chain or another release's entry, and SystemFailure where
    the release was begun with another key. One writer at a time.
    """
    entries = read_chain(release)
    atomic.make_directory(release / CHAIN)
    _vouch(release / PUBLIC_KEY, key)
    entry = next((e for e in reversed(entries) if _states_the_same(e, body)), None)
    if entry is None:
        if entries and entries[0].body.get("release_id") != body["release_id"]:
            raise InputError(
                f"{release}: expected an entry of the release that stands there, got one of another release",
                "publish to an empty directory, or with the working directory that this release began with",
            )
        head = key_log.head(key_log.read(log))
        entry = _signed(body | {"key_log": {**vars(head)}}, entries, key)
        _write(release / KEY_LOG, log)
        _write(release / CHAIN / entry.name, entry.data)
        entries.append(entry)
    _write(release / HEAD, canonical_json(head_of(entries, key)))
    return entry


def _states_the_same(entry: Entry, body: Body) -> bool:
    """Whether an entry is what a writer that was killed after it would write again."""
    same_day = (entry.kind, entry.privacy_day) == (body["kind"], body["privacy_day"])
    return same_day and (entry.kind != WINDOWS or entry.body.get("files") == body["files"])


def head_of(entries: list[Entry], key: Ed25519PrivateKey) -> Body:
    """The signed head of a chain: how many entries there are, and the SHA-256 of the last."""
    head: Body = {
        "release_id": entries[-1].body["release_id"],
        "entries": len(entries),
        "sha256": entries[-1].sha256,
    }
    return head | {"signature": signing.sign(key, canonical_json(head))}


def _signed(body: Body, before: list[Entry], key: Ed25519PrivateKey) -> Entry:
    sequence = len(before) + 1
    previous = before[-1].sha256 if before else NOTHING_BEFORE
    numbered: dict[str, Json] = body | {"sequence": sequence, "previous": previous}
    signed = numbered | {"signature": signing.sign(key, canonical_json(numbered))}
    return Entry(entry_name(sequence), canonical_json(signed), signed)


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
