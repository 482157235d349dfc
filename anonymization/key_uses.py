"""Of which day and purpose each sub-key was that this process saw, so that none is used twice."""

import hashlib
import os
from datetime import date

from anonymization.keys import SUBKEY_BYTES

_MARK = os.urandom(32)

# By working directory and mark. A mark tells nothing of a sub-key, also when the memory of this process is read.
_USES: dict[tuple[str, bytes], tuple[date, str]] = {}


def no_subkey(scope: str, subkey: bytes, day: date, purpose: str) -> str:
    """What makes bytes no sub-key of a day and purpose, as the end of a sentence about who gave them; '' if nothing.

    They are noted as of this use. `scope` names the working directory.
    """
    if len(subkey) != SUBKEY_BYTES:
        return f"gave {len(subkey)} bytes as its sub-key {purpose}, not {SUBKEY_BYTES}"
    if not any(subkey):
        return f"gave only zeros as its sub-key {purpose}"
    mark = hashlib.blake2b(subkey, key=_MARK).digest()
    of_day, of = _USES.setdefault((scope, mark), (day, purpose))
    if (of_day, of) != (day, purpose):
        return f"gave as its sub-key {purpose} the bytes that it gave as the sub-key {of} of {of_day}"
    return ""
