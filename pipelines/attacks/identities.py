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
from anonymization.nested import distinct
from anonymization.prf import hash_strings
from pipelines.arrays import Ints, column
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Published, Target, counted, members_by_day
from pipelines.day_register import NOBODY
from pipelines.inputs import Inputs
from pipelines.score.sql import ask
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


def people_behind(published: Published, target: Target) -> dict[str, Ints]:
    """For each indicator int64[rows]: how many distinct subscribers are behind each row, see `subscribers`.

    The lines of a holder are one. A device that is of none of them, whatever it is called, counts as nobody.
    """
    inputs = target.inputs
    names = subscribers(target)
    people, found = _people(names, inputs), []
    for day, key, of_day in zip(target.days, target.reproduction.keys, members_by_day(published, target), strict=True):
        person = np.full(day.count, -1, np.int64)
        # A line is called by itself where it is not joined with the others of its holder.
        for called in (hash_strings(key.subkey(PSEUDONYM), names), devices_of(names, key, inputs)):
            device = day.places(called)
            person[device[device >= 0]] = people[device >= 0]
        found.append({name: _each_once(members, person) for name, members in of_day.items()})
    return counted(published, found)


def _people(names: pa.Array, inputs: Inputs) -> Ints:
    """int64[n]: a number for whoever has each line: its holder, or itself."""
    lines = pa.table({"line": names, "place": np.arange(len(names))})
    held = inputs.register
    register = {"line": held.subscriber_id, "holder": held.holder} if held else {"line": names, "holder": names}
    found = ask(
        """
        SELECT dense_rank() OVER (ORDER BY holder, if(holder IS NULL, line, NULL)) AS person
        FROM (SELECT line, place, any_value(holder) AS holder FROM lines LEFT JOIN register USING (line) GROUP BY ALL)
        ORDER BY place
        """,
        lines=lines,
        register=pa.table(register),
    )
    return column(found, "person").astype(np.int64)


def _each_once(members: pa.Table, person: Ints) -> pa.Table:
    """MEMBERS with people for devices, each once in a row."""
    row, who = column(members, "row").astype(np.int64), person[column(members, "device").astype(np.int64)]
    size = 1 + int(person.max(initial=0))
    pair = distinct((row * size + who)[who >= 0])
    return pa.table({"row": pair // size, "device": (pair % size).astype(np.int32)}, schema=MEMBERS)


def _of_register(inputs: Inputs) -> Iterator[pa.Array]:
    if inputs.register:
        yield inputs.register.subscriber_id


def _of_events(configuration: Configuration) -> Iterator[pa.Array]:
    for table in events(configuration):
        yield pc.unique(texts(table[SUBSCRIBER_ID.name]))
