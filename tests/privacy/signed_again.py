"""A release whose manifest is made anew by somebody who holds a key, so that only its content can give it away."""

import hashlib
import io
import json

import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import key_log
from anonymization.entries import DAY, SHARED, ZONES, Body, Entry, canonical_json
from anonymization.manifest import CHAIN, HEAD, KEY_LOG, NOTHING_BEFORE, PUBLIC_KEY, entry_name, head_of
from anonymization.signing import public_pem, sign
from schemas.errors import HexafluxError
from tests.anonymization.releases import KEY
from tests.privacy.damages import Files


def bodies_of(files: Files) -> list[Body]:
    """What the entries of the chain say, in order."""
    return [json.loads(files[path]) for path in sorted(files) if path.startswith(f"{CHAIN}/")]


def signed_again(files: Files, bodies: list[Body] | None = None, key: Ed25519PrivateKey = KEY) -> Files:
    """The files with a chain of these bodies; numbers, links, hashes of files, signatures and head are sound.

    What an entry states otherwise stays as it is, and so do hashes where a body has no place for them.
    """
    bodies = bodies_of(files) if bodies is None else bodies
    made = {path: data for path, data in files.items() if not path.startswith(f"{CHAIN}/")}
    entries: list[Entry] = []
    days = [at for at, body in enumerate(bodies) if body.get("kind") == DAY]
    log = _log(files)
    for at, body in enumerate(bodies):
        stated = {name: value for name, value in body.items() if name != "signature"}
        stated = _hashed(stated, files, last=bool(days) and at == days[-1])
        if log is not None and isinstance(stated.get("key_log"), dict):
            count = stated["key_log"].get("entries")
            count = len(log) if at == len(bodies) - 1 or not isinstance(count, int) else min(max(count, 0), len(log))
            stated["key_log"] = {**vars(key_log.head(log[:count]))}
        stated |= {"sequence": at + 1, "previous": entries[-1].sha256 if entries else NOTHING_BEFORE}
        data = canonical_json(stated | {"signature": sign(key, canonical_json(stated))})
        entries.append(Entry(entry_name(at + 1), data, json.loads(data)))
        made[f"{CHAIN}/{entry_name(at + 1)}"] = data
    if entries and "release_id" in entries[-1].body:
        made[HEAD] = canonical_json(head_of(entries, key))
    return {**made, PUBLIC_KEY: public_pem(key)}


def _hashed(body: Body, files: Files, *, last: bool) -> Body:
    """The body with the hashes and numbers of rows of the files as they are."""
    listed, shared = body.get("files"), body.get("shared")
    if isinstance(listed, dict):
        body["files"] = {
            path: {"sha256": _sha256(files[path]), "rows": _rows(files[path])}
            if path in files and isinstance(record, dict) and set(record) == {"sha256", "rows"}
            else record
            for path, record in listed.items()
        }
    if last and isinstance(shared, dict):
        body["shared"] = {
            path: _sha256(files[path]) if path in files and path in SHARED else value for path, value in shared.items()
        }
        if "zones_sha256" in body and ZONES in files:
            body["zones_sha256"] = _sha256(files[ZONES])
    return body


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _rows(data: bytes) -> int:
    try:
        return int(pq.ParquetFile(io.BytesIO(data)).metadata.num_rows)
    except (OSError, ValueError):
        return 0


def _log(files: Files) -> tuple[key_log.Line, ...] | None:
    try:
        return key_log.read(files[KEY_LOG])
    except (HexafluxError, KeyError, ValueError):
        return None
