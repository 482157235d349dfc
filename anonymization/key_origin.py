"""Where a master key comes from: from chance, or from a text in the configuration that makes a run repeatable."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from datetime import date

from anonymization.key_log import clock
from schemas.errors import UsageError

MASTER_BYTES = 32
KEY_ID_BYTES = 8


@dataclass(frozen=True)
class Origin:
    """Chance, or `test_key` (64 hex digits), from which every key derives; raises UsageError for a malformed one."""

    test_key: str | None = field(repr=False)

    def __post_init__(self) -> None:
        if self.test_key is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", self.test_key):
            raise UsageError(
                f"[test] day_key: expected 64 hexadecimal digits, got something else ({len(self.test_key)} characters)",
                "write 64 digits of 0-9 and a-f, or leave [test] out: the keys are then random",
            )

    @property
    def name(self) -> str:
        """As a key file states it."""
        return "random" if self.test_key is None else "test"

    def record(self, day: date) -> dict[str, str]:
        """The content of a new key file."""
        master, key_id, salt = self._secrets(day)
        return {
            "day": day.isoformat(),
            "key_id": key_id.hex(),
            "master": master.hex(),
            "commitment": hashlib.sha256(master + salt).hexdigest(),
            "created_at": clock(),
            "origin": self.name,
        }

    def made(self, record: dict[str, str]) -> bool:
        """Whether the key of a file is from here."""
        day = date.fromisoformat(record["day"])
        known = self.test_key is None or bytes.fromhex(record["master"]) == self._secrets(day)[0]
        return record["origin"] == self.name and known

    def _secrets(self, day: date) -> tuple[bytes, bytes, bytes]:
        """A new master, key_id and salt; with a test key, the same ones each time."""
        if self.test_key is None:
            return os.urandom(MASTER_BYTES), os.urandom(KEY_ID_BYTES), os.urandom(MASTER_BYTES)
        secret, text = bytes.fromhex(self.test_key), day.isoformat()
        key_id = derive(secret, f"key_id|{text}", KEY_ID_BYTES)
        return derive(secret, text, MASTER_BYTES), key_id, derive(secret, f"salt|{text}", MASTER_BYTES)


def derive(secret: bytes, message: str, size: int) -> bytes:
    """BLAKE2b (RFC 7693) of a message under a secret, of so many bytes."""
    return hashlib.blake2b(message.encode(), key=secret, digest_size=size).digest()
