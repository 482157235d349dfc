"""The identity step: lines of a document in, a nullifier and an age out; it alone opens the key of a consultation.

The nullifier is HMAC-SHA256 of the canonical identity under a key that is random for each consultation and destroyed
at its closing (decision 0037). Who has the database and not the key cannot test a name; nullifiers of two
consultations have nothing in common. Python cannot overwrite texts: what a request brought lies in the memory of the
process until that is used again.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path

from anonymization import atomic
from anonymization.key_service import KeyService
from anonymization.key_services import key_service
from anonymization.keys import PSEUDONYM, KeyStore
from pipelines.server.consultations.definition import Definition
from pipelines.server.consultations.identity import age_on, canonical
from pipelines.server.consultations.mrz import read


@dataclass(frozen=True)
class Person:
    """Who answers: the nullifier (32 bytes), and whole years on the first day of the consultation."""

    nullifier: bytes = field(repr=False)
    age: int


@dataclass(frozen=True)
class Keys:
    """The keys of consultations: each in a folder of its own below `folder`, in memory unless `on_disk`.

    With a `command`, a program keeps them (`[release] key_service` has the same protocol); it is run in `folder`.
    """

    folder: Path
    on_disk: bool = False
    command: tuple[str, ...] = ()

    def create(self, definition: Definition) -> None:
        """Make the key of a consultation; raises SystemFailure where it had one that is gone."""
        directory = self._directory(definition.id)
        atomic.make_directory(directory.parent, 0o700)
        self._service(definition.id).create_or_open(definition.opens)

    def exists(self, definition: Definition) -> bool:
        """Whether there is a key of the consultation."""
        return self._service(definition.id).exists(definition.opens)

    def destroy(self, definition: Definition) -> None:
        """Destroy the key of a consultation; one that is gone is nothing to do."""
        self._service(definition.id).destroy(definition.opens)

    def person(self, definition: Definition, lines: str) -> Person:
        """Who the lines of a document are of.

        Raises Unreadable for lines that are refused, SystemFailure where the key is gone. The key is read anew each
        time, so that no process holds it after the closing.
        """
        document = read(lines)
        key = self._service(definition.id).open(definition.opens).subkey(PSEUDONYM)
        nullifier = hmac.digest(key, canonical(document).encode(), hashlib.sha256)
        return Person(nullifier, age_on(document.birth, definition.opens))

    def _directory(self, consultation: str) -> Path:
        return self.folder / consultation / "keys"

    def _service(self, consultation: str) -> KeyService:
        directory = self._directory(consultation)
        if self.command or not self.on_disk:
            return key_service(directory, None, self.command, self.folder)
        return KeyStore(directory)
