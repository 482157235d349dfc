"""Chain: every entry is signed and follows the one before, each privacy day is stated once, and the end is there."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymization import limits
from anonymization.checks.evidence import ROWS_SHA256, Evidence, listed, place_of
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.terms import day_of, terms_of
from anonymization.entries import DAY, FIELDS, FORMS, OF_DAYS, OPTIONAL, WINDOWS, ZONES, Body, Entry, canonical_json
from anonymization.manifest import HEAD, NOTHING_BEFORE, PUBLIC_KEY, entry_name
from anonymization.signing import load_public, public_pem, verify
from anonymization.verdict import INTEGRITY, Check
from schemas.errors import InputError
from schemas.indicators import INDICATORS

_TERMS = ("policy", "time", "estimation", "unit", "zones_sha256", "key", "register", "dp", "test")
"""What holds for a privacy day from its first window to its end."""


def check(evidence: Evidence, pinned: Ed25519PublicKey | None, seen: str | None = None) -> Check:
    """The check of the chain, with the pinned key where there is one.

    `seen`: the SHA-256 of an entry that the auditor has seen before, which the chain must still hold: a signed head
    shows that the end of a chain is there, but not that the whole release was not put back to what it was earlier.
    """
    entries = evidence.entries
    problems = [*evidence.unreadable, *_links(entries), *_days(entries), *_windows(entries)]
    for entry in entries:
        problems += [f"{entry.name}: {problem}" for problem in _form(entry)]
    problems += _signatures(evidence, pinned)
    if seen is not None and seen not in {entry.sha256 for entry in entries}:
        problems.append("no entry has the SHA-256 that was seen before: the chain was put back or begun anew")
    head = entries[-1].sha256 if entries else "none"
    return check_of(
        "chain",
        problems,
        found=f"{len(entries)} entries, last SHA-256 {head}",
        threshold="entries 1 to n, each signed and naming the one before, one for each privacy day that is over, "
        "windows of a day before it, and a signed head",
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
    if fields is None or fields != set(entry.body) - OPTIONAL.get(str(entry.kind), frozenset()):
        yield "the fields are not those of a known kind of entry"
    if entry.body.get("schema") not in FORMS:
        yield f"the form of the entry is not {FORMS[0]} or {FORMS[1]}, those that are checked here"
    if not isinstance(entry.body.get("test"), bool) or not isinstance(entry.body.get("release_id"), str):
        yield "test is no truth value or release_id no text"
    try:
        day_of(entry)
        if entry.kind in OF_DAYS:
            terms_of(entry)
    except Unsound as error:
        yield str(error)
    if entry.kind in OF_DAYS and entry.body.get("zones_sha256") != entry.block("shared").get(ZONES):
        yield "zones_sha256 is not the hash of the shared zones"


def _days(entries: tuple[Entry, ...]) -> Iterator[str]:
    """Each day and each destruction of a key stand once."""
    seen = Counter((str(entry.kind), str(entry.privacy_day)) for entry in entries if entry.kind != WINDOWS)
    yield from (f"privacy day {day} has {n} entries of kind {kind}" for (kind, day), n in seen.items() if n > 1)


def _windows(entries: tuple[Entry, ...]) -> Iterator[str]:
    """Windows come while their day is open, each file once; all entries of a day have the terms of the first."""
    first: dict[str, Entry] = {}
    published: dict[str, dict[str, Body]] = {}
    ended: set[str] = set()
    for entry in entries:
        day, files = str(entry.privacy_day), listed(entry)
        before = published.setdefault(day, {})
        if entry.kind == WINDOWS:
            if day in ended:
                yield f"{entry.name} publishes windows of privacy day {day}, which was over"
            yield from _early(entry, files, before)
            before |= files
        else:
            ended.add(day)
        if entry.kind == DAY:
            lost = (path for path, record in sorted(before.items()) if not _is_kept(record, files.get(path)))
            yield from (f"{entry.name} does not list {path} as it was published before" for path in lost)
        if entry.kind in OF_DAYS:
            begun = first.setdefault(day, entry).body
            if changed := [name for name in _TERMS if entry.body.get(name) != begun.get(name)]:
                yield f"{entry.name} has other terms than {first[day].name}: {', '.join(changed)}"


def _is_kept(before: Body, now: Body | None) -> bool:
    """Whether a file of windows is listed as it was, or has a digest of its rows, which may then stand in another."""
    return ROWS_SHA256 in before if now is None else now == before


def _early(entry: Entry, files: dict[str, Body], before: dict[str, Body]) -> Iterator[str]:
    """What is wrong with an entry of windows in itself, and beside the files of its day `before` it."""
    if not files:
        yield f"{entry.name} publishes no window"
    if entry.body.get("dp") is not None:
        yield f"{entry.name} publishes windows under differential privacy, which is counted by the day"
    early = {place[0] for path in files if (place := place_of(path)) and INDICATORS[place[0]].population != "presence"}
    yield from (f"{entry.name} publishes {name} of a day that is still open" for name in sorted(early))
    yield from (f"{entry.name} lists {path} a second time" for path in sorted(files.keys() & before.keys()))


def _signatures(evidence: Evidence, pinned: Ed25519PublicKey | None) -> Iterator[str]:
    try:
        path: Path = evidence.inventory.root / PUBLIC_KEY
        own = load_public(path) if PUBLIC_KEY in evidence.inventory.sha256 else None
        if own is None:
            yield f"{PUBLIC_KEY} is not there"
        elif limits.read(path, PUBLIC_KEY) != public_pem(own):
            yield f"{PUBLIC_KEY} holds more than a public key"
        elif pinned is not None and public_pem(pinned) != public_pem(own):
            yield f"{PUBLIC_KEY} is not the pinned key"
    except limits.TooLarge:
        own = None
        yield limits.message(PUBLIC_KEY)
    except (InputError, OSError):
        own = None
        yield f"{PUBLIC_KEY} holds no Ed25519 public key"
    key = pinned or own
    by = "the pinned key" if pinned else f"the key in {PUBLIC_KEY}"
    for entry in evidence.entries:
        if key is None or not _is_signed(entry.body, key):
            yield f"{entry.name} is not signed with {by}"
    yield from _head(evidence, key, by)


def _head(evidence: Evidence, key: Ed25519PublicKey | None, by: str) -> Iterator[str]:
    """The head states the last entry: were the end of the chain taken away, it would not."""
    if HEAD not in evidence.inventory.sha256:
        yield f"{HEAD} is not there"
        return
    try:
        data = limits.read(evidence.inventory.root / HEAD, HEAD)
        head = json.loads(data)
        canonical = isinstance(head, dict) and canonical_json(head) == data
    except limits.TooLarge as error:
        yield error.message
        return
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        yield f"{HEAD} is not one JSON object in canonical form"
        return
    last = evidence.entries[-1] if evidence.entries else None
    stated = {name: value for name, value in head.items() if name != "signature"}
    if last is None or stated != {
        "release_id": last.body.get("release_id"),
        "entries": len(evidence.entries),
        "sha256": last.sha256,
    }:
        yield f"{HEAD} does not state the last entry of the chain"
    if key is None or not _is_signed(head, key):
        yield f"{HEAD} is not signed with {by}"


def _is_signed(body: Body, key: Ed25519PublicKey) -> bool:
    signature = body.get("signature")
    rest = {name: value for name, value in body.items() if name != "signature"}
    return isinstance(signature, str) and verify(key, signature, canonical_json(rest))
