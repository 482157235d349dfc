"""Who the devices are: every subscriber of an input, and what they are called on a privacy day."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.key_service import DayKey
from anonymization.keys import PSEUDONYM
from anonymization.prf import hash_strings
from pipelines.attacks.target import Target
from pipelines.day_register import NOBODY
from pipelines.inputs import Inputs
from pipelines.sources.files import discover, fragments, read
from pipelines.texts import texts
from schemas.configuration import Configuration
from schemas.errors import InputError
from schemas.fields import SUBSCRIBER_ID

U64 = npt.NDArray[np.uint64]


def subscribers(target: Target) -> pa.Array:
    """string[n], each once, ascending: the subscribers of the truth, the register and the events."""
    columns = (*_of_register(target.inputs), *_of_events(target.inputs.configuration))
    return _distinct([subscribers_of_truth(target.truth), *columns])


def subscribers_of_truth(truth: Path) -> pa.Array:
    """string[n], each once, ascending: the subscribers of the traces; raises InputError where there are none."""
    files, name = sorted((truth / "devices").glob("*.parquet")), SUBSCRIBER_ID.name
    try:
        found = [pc.unique(pq.read_table(file, columns=[name], read_dictionary=[name])[name]) for file in files]
    except (pa.ArrowException, OSError):
        found = []
    if not found:
        raise InputError(
            f"{truth / 'devices'}: expected the traces of a simulation, found none that can be read",
            "give the truth folder that hexaflux simulate wrote, DIR/truth",
        )
    return _distinct([each.cast(pa.string()) for each in found])


def holders(inputs: Inputs) -> pa.Array:
    """string[n], each once, ascending: the holders that the register names."""
    return _distinct([inputs.register.holder] if inputs.register else [])


def _distinct(columns: list[pa.Array]) -> pa.Array:
    """string[n], each once, ascending: the values of columns of strings, without nulls."""
    found = pc.drop_null(pc.unique(pa.chunked_array(columns, pa.string())))
    return found.take(pc.sort_indices(found))


def events(configuration: Configuration) -> Iterator[pa.Table]:
    """The events of a configuration in batches, under the names of this software, as they were delivered."""
    paths = configuration.input
    for fragment in fragments(discover(paths.files)):
        for batch in read(fragment, paths.columns.get("events", {})):
            yield batch.table


def devices_of(names: pa.Array, key: DayKey, inputs: Inputs) -> U64:
    """uint64[n]: the pseudonym of the device that each subscriber is on the day of a key, as ingestion gives it."""
    subkey = key.subkey(PSEUDONYM)
    register = inputs.register.for_day(subkey, key.day.year) if inputs.register else NOBODY
    pseudonym = hash_strings(subkey, names)
    at = register.find(pseudonym)
    return np.where(at < len(register), register.device[at], pseudonym)


def _of_register(inputs: Inputs) -> Iterator[pa.Array]:
    if inputs.register:
        yield inputs.register.subscriber_id


def _of_events(configuration: Configuration) -> Iterator[pa.Array]:
    for table in events(configuration):
        yield pc.unique(texts(table[SUBSCRIBER_ID.name]))
