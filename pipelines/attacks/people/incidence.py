"""Published rows and the persons behind them, over all days and declared indicators, as one sparse matrix."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from pipelines.arrays import Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.members import Tables, members_of_release
from pipelines.attacks.people.persons import Persons
from pipelines.attacks.target import Target


@dataclass(frozen=True)
class Incidence:
    """`behind` float32[rows, persons], 1 where a person is behind a row: those of all tables, one after the other."""

    behind: sparse.csr_array

    @cached_property
    def sizes(self) -> Ints:
        """int64[rows]: the persons behind each row."""
        sizes: Ints = np.diff(self.behind.indptr).astype(np.int64)
        return sizes

    @cached_property
    def by_person(self) -> sparse.csc_array:
        """The same matrix, from which the rows of a person are read."""
        return self.behind.tocsc()


def incidence(tables: Tables, persons: Persons, target: Target) -> Incidence:
    """The persons behind the rows of published tables."""
    first = np.cumsum([0, *(table.num_rows for table in tables.values())])
    rows, people = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, day in enumerate(target.days):
        person_of = _person_of(persons, day, number)
        for start, found in zip(first, members_of_release(tables, day, target.inputs).values(), strict=False):
            person = person_of[column(found, "device").astype(np.int64)]
            rows.append((column(found, "row").astype(np.int64) + start)[person >= 0])
            people.append(person[person >= 0])
    row, person = np.concatenate(rows), np.concatenate(people)
    shape = (int(first[-1]), persons.count)
    return Incidence(sparse.csr_array((np.ones(row.size, np.float32), (row, person)), shape=shape))


def _person_of(persons: Persons, day: DayDevices, number: int) -> Ints:
    """int64[devices]: the person that each device of a day is, or -1."""
    found = np.full(day.count, -1, np.int64)
    known = persons.device[:, number]
    found[known[known >= 0]] = np.flatnonzero(known >= 0)
    return found
