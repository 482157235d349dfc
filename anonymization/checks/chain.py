"""Chain: every entry is signed and follows the one before, and each privacy day is stated once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymization.checks.evidence import Evidence
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.terms import day_of, terms_of
from anonymization.entries import DAY, FIELDS, ZONES, Entry, canonical_json
from anonymization.manifest import NOTHING_BEFORE, PUBLIC_KEY, entry_name
from anonymization.signing import load_public, public_pem, verify
from anonymization.verdict import INTEGRITY, Check
from schemas.errors import InputError


def check(evidence: Evidence, pinned: Ed25519PublicKey | None) -> Check:
    """The check of the chain, with the pinned key where there is one."""
    problems = [*evidence.unreadable, *_links(evidence.entries), *_days(evidence.entries)]
    for entry in evidence.entries:
        problems += [f"{entry.name}: {problem}" for problem in _form(entry)]
    problems += _signatures(evidence, pinned)
    head = evidence.entries[-1].sha256 if evidence.entries else "none"
    return check_of(
        "chain",
        problems,
        found=f"{len(evidence.entries)} entries, last SHA-256 {head}",
        threshold="entries 1 to n, each signed and naming the one before, one for each privacy day",
        criterion=INTEGRITY,
    )


def _links(entries: tuple[Entry, ...]) -> Iterator[str]:
    if not entries:
        yield "there is no entry"
    previous = NOTHING_BEFORE
    for sequence, entry in enumerate(entries, 1):
        if (entry.name, entry.body.get("sequence")) != (entry_name(sequence), sequence):
            yield f"{entry.name} stands where entry {sequence} belongs"
        if entry.body.get("previous") != previous:
            yield f"{entry.name} does not follow the entry before it"
        if entry.body.get("release_id") != entries[0].body.get("release_id"):
            yield f"{entry.name} is of another release"
        previous = entry.sha256


def _form(entry: Entry) -> Iterator[str]:
    fields = FIELDS.get(str(entry.kind))
    if fields is None or fields != set(entry.body):
        yield "the fields are not those of a known kind of entry"
    if not isinstance(entry.body.get("test"), bool) or not isinstance(entry.body.get("release_id"), str):
        yield "test is no truth value or release_id no text"
    try:
        day_of(entry)
        if entry.kind == DAY:
            terms_of(entry)
    except Unsound as error:
        yield str(error)
    if entry.kind == DAY and entry.body.get("zones_sha256") != entry.block("shared").get(ZONES):
        yield "zones_sha256 is not the hash of the shared zones"


def _days(entries: tuple[Entry, ...]) -> Iterator[str]:
    """Each day and each destruction of a key stand once."""
    seen = Counter((str(entry.kind), str(entry.privacy_day)) for entry in entries)
    yield from (f"privacy day {day} has {n} entries of kind {kind}" for (kind, day), n in seen.items() if n > 1)


def _signatures(evidence: Evidence, pinned: Ed25519PublicKey | None) -> Iterator[str]:
    try:
        path: Path = evidence.inventory.root / PUBLIC_KEY
        own = load_public(path) if PUBLIC_KEY in evidence.inventory.sha256 else None
        if own is None:
            yield f"{PUBLIC_KEY} is not there"
        elif path.read_bytes() != public_pem(own):
            yield f"{PUBLIC_KEY} holds more than a public key"
        elif pinned is not None and public_pem(pinned) != public_pem(own):
            yield f"{PUBLIC_KEY} is not the pinned key"
    except (InputError, OSError):
        own = None
        yield f"{PUBLIC_KEY} holds no Ed25519 public key"
    key = pinned or own
    for entry in evidence.entries:
        if key is None or not _is_signed(entry, key):
            yield f"{entry.name} is not signed with {'the pinned key' if pinned else f'the key in {PUBLIC_KEY}'}"


def _is_signed(entry: Entry, key: Ed25519PublicKey) -> bool:
    signature = entry.body.get("signature")
    rest = {name: value for name, value in entry.body.items() if name != "signature"}
    return isinstance(signature, str) and verify(key, signature, canonical_json(rest))
