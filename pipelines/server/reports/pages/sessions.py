"""Who is logged in, and which forms are ours: kept in the memory of this process, as hashes."""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

COOKIE: Final = "hexaflux_reports"
LASTS: Final = timedelta(hours=8)
"""A working day: then the key is asked for again (the project's own)."""

_MOST: Final = 1000
_LONGEST: Final = 100


@dataclass
class Sessions:
    """The sessions that stand; a restart of the server ends all of them."""

    _until: "OrderedDict[bytes, datetime]" = field(default_factory=OrderedDict)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, now: datetime) -> str:
        """Begin a session, and say the value of its cookie; of a thousand the oldest one ends."""
        value = visitor()
        with self._lock:
            self._until[_hash(value)] = now + LASTS
            if len(self._until) > _MOST:
                self._until.popitem(last=False)
        return value

    def stands(self, value: str, now: datetime) -> bool:
        """Whether the value of a cookie is that of a session that has not ended."""
        with self._lock:
            until = self._until.get(_hash(value))
        return until is not None and now < until

    def end(self, value: str) -> None:
        """End a session."""
        with self._lock:
            self._until.pop(_hash(value), None)

    def token(self, value: str) -> str:
        """What a form has to bring back, so that no page of others can send it: it follows from the cookie."""
        return hmac.new(self._secret, value.encode(), hashlib.sha256).hexdigest()

    def is_ours(self, value: str, token: str) -> bool:
        """Whether a form was made for who holds the cookie."""
        return bool(value) and hmac.compare_digest(self.token(value).encode(), token.encode())


def visitor() -> str:
    """The value of a new cookie."""
    return secrets.token_urlsafe(32)


def _hash(value: str) -> bytes:
    return hashlib.sha256(value[:_LONGEST].encode()).digest()
