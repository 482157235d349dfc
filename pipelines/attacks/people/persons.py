"""The people of the simulated truth, and which device each of them is on each privacy day."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from anonymization.keys import PSEUDONYM
from anonymization.prf import hash_strings
from pipelines.attacks.reproduction import Reproduction
from schemas.errors import InputError

Devices = npt.NDArray[np.int32]

_MEND: Final = "give the truth folder that hexaflux simulate wrote, DIR/truth"


@dataclass(frozen=True)
class Persons:
    """Who is who over the days of a release: `device` int32[persons, days], the device of each day, or -1.

    A person is a subscriber of the truth that the release counts; the lines of one holder are one person. Where
    they stand tells nothing of their identifiers.
    """

    device: Devices

    @property
    def count(self) -> int:
        """How many persons there are."""
        return int(self.device.shape[0])


def persons(truth: Path, reproduction: Reproduction) -> Persons:
    """The persons of the truth with a device on some day; raises InputError where the traces cannot be read."""
    subscribers = read_subscribers(truth)
    columns = []
    for day, key in zip(reproduction.days, reproduction.keys, strict=True):
        subkey, register = key.subkey(PSEUDONYM), reproduction.inputs.register
        pseudonym = hash_strings(subkey, subscribers)
        if register is not None:
            known = register.for_day(subkey, day.day.year)
            row = known.find(pseudonym)
            pseudonym = np.where(row < len(known), known.device[row], pseudonym)
        columns.append(day.places(pseudonym))
    device = np.stack(columns, axis=1)
    return Persons(np.unique(device[(device >= 0).any(axis=1)], axis=0))


def read_subscribers(truth: Path) -> pa.Array:
    """The identifiers of the truth's traces, each once, in their order; raises InputError where there are none."""
    folder = truth / "devices"
    try:
        traces = ds.dataset(folder, format="parquet", partitioning=None)
        batches = traces.to_batches(columns=["subscriber_id"])
        pieces = [pc.unique(batch.column("subscriber_id").cast(pa.string())) for batch in batches]
    except (pa.ArrowException, OSError, KeyError):
        raise InputError(f"{folder}: expected the traces of a simulation, found something else", _MEND) from None
    if not pieces:
        raise InputError(f"{folder}: expected the traces of a simulation, found none", _MEND)
    unique = pc.unique(pa.concat_arrays(pieces))
    return unique.take(pc.sort_indices(unique))
