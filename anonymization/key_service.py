"""What keeps the day keys, whichever it is: it makes them, lends them and destroys them, and logs each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Storage:
    """Where the keys of a service lie, and what their destruction is worth, as the life-cycle log states it.

    `erasure` begins with `provable`, `not provable` or `none`, and says why.
    """

    service: str
    storage: str
    erasure: str


class DayKey(Protocol):
    """The key of one privacy day: a handle that is never shown and never pickled.

    `key_id` names the key, `commitment` binds whoever made it (SHA-256 in hexadecimal), `created_at` is UTC, ISO 8601.
    """

    @property
    def day(self) -> date:
        """The privacy day."""

    @property
    def key_id(self) -> str:
        """16 hexadecimal digits."""

    @property
    def commitment(self) -> str:
        """64 hexadecimal digits."""

    @property
    def created_at(self) -> str:
        """When the key was made, in whole seconds."""

    def subkey(self, purpose: str) -> bytes:
        """The 16 bytes for one of the purposes in `keys.PURPOSES`; raises ValueError for another."""


class KeyService(Protocol):
    """The open day keys of one working directory.

    Every method raises SystemFailure where the keys cannot be reached or others could.
    """

    @property
    def storage(self) -> Storage:
        """Where the keys lie."""

    def create_or_open(self, day: date) -> DayKey:
        """The key of the day, made and logged if there is none; every process that asks gets the same one."""

    def open(self, day: date) -> DayKey:
        """The key of the day; raises SystemFailure if there is none."""

    def exists(self, day: date) -> bool:
        """Whether the day has a key."""

    def used(self, day: date) -> None:
        """Log that the day's key was used for the last time; where it is used again after all, call this again."""

    def destroy(self, day: date) -> None:
        """Destroy and log the key of a published day; no key is nothing to do."""

    def destroy_all_but(self, days: Collection[date], since: date = date.max) -> None:
        """Destroy and log the keys of all other days before `since`."""
