"""The register under the pseudonyms of each privacy day that is open: made once for a day, and gone with its key."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from anonymization.key_service import DayKey
from anonymization.keys import PSEUDONYM
from pipelines.day_register import DayRegister
from pipelines.subscribers import Register


@dataclass
class OpenRegisters:
    """Registers of days, kept between the steps of this process: to make one hashes every subscriber."""

    _known: dict[date, tuple[str, Register, DayRegister]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, register: Register, key: DayKey) -> DayRegister:
        """The register under the pseudonyms of the day of a key."""
        with self._lock:
            key_id, made_of, found = self._known.get(key.day, ("", None, None))
            if found is None or key_id != key.key_id or made_of is not register:
                # The former goes first: two of a nation would be a gigabyte.
                self._known.pop(key.day, None)
                found = register.for_day(key.subkey(PSEUDONYM), key.day.year)
                self._known[key.day] = (key.key_id, register, found)
            return found

    @property
    def days(self) -> frozenset[date]:
        """The days whose register is kept."""
        return frozenset(self._known)

    def keep(self, days: Collection[date]) -> None:
        """Forget the register of every other day."""
        with self._lock:
            for day in self._known.keys() - set(days):
                del self._known[day]

    def forget(self, day: date) -> None:
        """Forget the register of a day whose key is gone."""
        with self._lock:
            self._known.pop(day, None)


OPEN_REGISTERS: Final = OpenRegisters()
"""Those of this process: the stages of a step live no longer than the step."""
