"""Compaction: the files of a day that is over hold, row for row, what was published while it was open.

The files of windows stand first in those of their day, in the order of the chain: so many rows of the day as the entry
of the windows states have the digest that it states, and give its figures. A window is published once, with all that is
told of it: an hour goes with the slot that stands for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import pyarrow as pa

from anonymization.checks.day import starts
from anonymization.checks.evidence import ROWS_SHA256, Evidence, Former, listed, place_of
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.tables import read_batches
from anonymization.checks.terms import Terms, terms_of
from anonymization.entries import Body, Entry
from anonymization.row_digest import RowDigest
from anonymization.totals import Totals, totals_of
from anonymization.verdict import INTEGRITY, Check
from schemas.indicators import INDICATORS, Indicator


@dataclass
class Piece:
    """Rows that follow each other in the files of a day, added some at a time.

    `first`, `last`: when the first window of them begins, and the last, in microseconds.
    """

    indicator: Indicator
    digest: RowDigest = field(init=False)
    totals: Totals = field(default_factory=Totals)
    first: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        self.digest = RowDigest(self.indicator.table.schema)

    def add(self, rows: pa.Table) -> None:
        """Add rows, at least one."""
        begin = starts(rows)
        self.first, self.last = self.first if self.size else int(begin[0]), int(begin[-1])
        self.digest.add(rows)
        self.totals += totals_of(self.indicator, rows)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.totals.rows


def check(evidence: Evidence) -> Check:
    """The check of all files of windows whose rows stand in the files of their day."""
    problems: list[str] = []
    for day in evidence.days:
        if former := evidence.former.get(str(day.privacy_day)):
            problems += _of_day(evidence, day, former)
    return check_of(
        "compaction",
        problems,
        found=f"{sum(map(len, evidence.former.values()))} files of windows compared",
        threshold="the rows of each file of windows in the files of their day, as they were published",
        criterion=INTEGRITY,
    )


def _of_day(evidence: Evidence, day: Entry, former: Sequence[Former]) -> Iterator[str]:
    """What differs between the files of a day and those of its windows."""
    printed: dict[str, tuple[Entry, dict[str, Totals]]] = {each.entry.name: (each.entry, {}) for each in former}
    publications: dict[str, list[Piece]] = {each: [] for each in (*printed, day.name)}
    for name, files in _by_indicator(day, former).items():
        label = f"{name}/date={day.privacy_day}"
        try:
            *pieces, rest = _pieces(evidence, day, name, [_rows(each.record) for each in files])
        except Unsound as error:
            yield f"{label}: windows not compared: {error}"
            continue
        publications[day.name].append(rest)
        for each, piece in zip(files, pieces, strict=True):
            if each.record[ROWS_SHA256] != piece.digest.hexdigest():
                yield f"{label} does not hold the rows of {each.path} as {each.entry.name} published them"
            publications[each.entry.name].append(piece)
            totals = printed[each.entry.name][1]
            totals[name] = totals.get(name, Totals()) + piece.totals
    try:
        twice = _published_twice(terms_of(day), publications.values())
    except Unsound as error:
        yield f"{day.name}: windows not compared: {error}"
    else:
        yield from (f"{name}/date={day.privacy_day}: a window has rows of two publications" for name in twice)
    for entry, totals in printed.values():
        figures = {name: total.as_json(INDICATORS[name]) for name, total in totals.items()}
        yield from (f"{entry.name}: {problem}" for problem in _figures(entry, figures))


def _by_indicator(day: Entry, former: Sequence[Former]) -> dict[str, list[Former]]:
    """The files of windows of each indicator that has some or, being of presence, could have some."""
    names = [name for path in sorted(listed(day)) if (name := (place_of(path) or ("",))[0])]
    found: dict[str, list[Former]] = {name: [] for name in names if INDICATORS[name].population == "presence"}
    for each in former:
        found.setdefault((place_of(each.path) or ("",))[0], []).append(each)
    return found


def _published_twice(terms: Terms, publications: Iterable[Sequence[Piece]]) -> list[str]:
    """The indicators with rows of a window that an earlier publication has reached, whatever it published of it."""
    hours, stands_for = terms.edges("hour")[:-1], terms.slots_of_hours()

    def slot(piece: Piece, start: int) -> int:
        at = max(int(np.searchsorted(hours, start, "right")) - 1, 0)
        return start if piece.indicator.window == "slot" else int(stands_for[at])

    found: set[str] = set()
    reached = terms.start - 1
    for publication in publications:
        pieces = [piece for piece in publication if piece.size]
        found.update(piece.indicator.name for piece in pieces if slot(piece, piece.first) <= reached)
        reached = max([reached, *(slot(piece, piece.last) for piece in pieces)])
    return sorted(found)


def _figures(entry: Entry, printed: dict[str, Body]) -> Iterator[str]:
    """The figures that an entry of windows states are those of its rows in the files of the day."""
    stated = entry.block("indicators")
    for name in sorted(stated.keys() | printed.keys()):
        if stated.get(name) != printed.get(name):
            yield f"the figures of {name} are not those of its printed rows"


def _pieces(evidence: Evidence, day: Entry, name: str, rows: Sequence[int]) -> list[Piece]:
    """The rows of an indicator in pieces of so many rows each, and all the rest."""
    pieces = [Piece(INDICATORS[name]) for _ in (*rows, None)]
    ends = list(accumulate(rows))
    at = number = 0
    for batch in _batches(evidence, day, name):
        begin = 0
        while begin < batch.num_rows:
            while number < len(ends) and ends[number] <= at:
                number += 1
            size = batch.num_rows - begin if number == len(ends) else min(ends[number] - at, batch.num_rows - begin)
            pieces[number].add(batch.slice(begin, size))
            begin, at = begin + size, at + size
    return pieces


def _batches(evidence: Evidence, day: Entry, name: str) -> Iterator[pa.Table]:
    """The rows of an indicator of a day in order, some at a time; raises Unsound where they cannot be read."""
    for path, record in sorted(listed(day).items()):
        if (place_of(path) or ("",))[0] == name:
            if not evidence.intact(path, record):
                raise Unsound(f"{path} is not there as listed")
            try:
                yield from read_batches(evidence.inventory.root / path, INDICATORS[name])
            except Unsound as error:
                raise Unsound(f"{path} {error}") from None


def _rows(record: Body) -> int:
    """How many rows a record states; 0 where it states none."""
    rows = record.get("rows")
    return rows if isinstance(rows, int) and rows > 0 else 0
