"""A run that is watched: which keys and pseudonyms there were, and who could read what while it went on.

`python -m tests.privacy.witness CONFIG FILE` is `hexaflux run CONFIG`, and writes what was seen to FILE as JSON.
"""

import json
import logging
import stat
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa

from anonymization.keys import PSEUDONYM, PURPOSES, KeyStore, MasterKey
from pipelines import boundary, cli, ingest
from pipelines.boundary import I32
from pipelines.conform import Conformed
from pipelines.day_register import DayRegister


@dataclass
class Seen:
    """By privacy day: `keys` gives the master and the sub-keys in hexadecimal, `devices` the pseudonyms of all events.

    `modes` are permissions of the working directory, the folder of the keys, the one around it in memory, the key files
    and the log, while keys were open; `places` is where the folder of the keys was.
    """

    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    devices: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    modes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def key(self, store: KeyStore, key: MasterKey) -> MasterKey:
        """Note a key that was made or opened, and the permissions at that moment."""
        subkeys = {purpose: key.subkey(purpose).hex() for purpose in PURPOSES}
        self.keys[key.day.isoformat()] = {"master": key.master.hex(), **subkeys}
        place = store.directory.resolve()
        self.places = sorted({*self.places, str(place)})
        files = {"work": store.directory.parent, "keys": place, "log": store.log.path}
        files |= {"around": place.parent, "key": store.directory / f"{key.day.isoformat()}.key"}
        for what, path in files.items():
            if not path.exists():
                continue
            mode = f"{stat.S_IMODE(path.stat().st_mode):o}"
            self.modes[what] = sorted({*self.modes[what], mode})
        return key

    def crossed(self, pseudonym_key: bytes, probes: pa.Table) -> None:
        """Note the pseudonyms of some events."""
        days = [day for day, keys in self.keys.items() if keys[PSEUDONYM] == pseudonym_key.hex()]
        for day in days:
            self.devices[day] = sorted({*self.devices[day], *probes["device"].to_pylist()})


def watch(seen: Seen) -> None:
    """Put the witness in the way of keys, pseudonyms and log records."""
    handle = logging.Logger.handle

    def opening(method: Callable[[KeyStore, date], MasterKey]) -> Callable[[KeyStore, date], MasterKey]:
        return lambda store, day: seen.key(store, method(store, day))

    def crossing(conformed: Conformed, cells: I32, key: bytes, register: DayRegister | None) -> boundary.Crossed:
        crossed = boundary.cross(conformed, cells, key, register)
        seen.crossed(key, crossed.probes)
        return crossed

    def handling(logger: logging.Logger, record: logging.LogRecord) -> None:
        seen.logged.append(record.getMessage())
        handle(logger, record)

    patch.object(KeyStore, "create_or_open", opening(KeyStore.create_or_open)).start()
    patch.object(KeyStore, "open", opening(KeyStore.open)).start()
    patch.object(ingest, "cross", crossing).start()
    patch.object(logging.Logger, "handle", handling).start()


if __name__ == "__main__":
    config, target = sys.argv[1:]
    noted = Seen()
    watch(noted)
    sys.argv = ["hexaflux", "run", config]
    try:
        cli.main()
    finally:
        Path(target).write_text(json.dumps(vars(noted)))
