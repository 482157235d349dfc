"""T7: what a published part tells about the age or occupation of somebody who is known to be in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Bools, Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.figures.crowd import Crowd, crowd, one_sided
from pipelines.attacks.figures.shown import Shown
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.members import counts, members
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import of_day
from pipelines.inputs import Inputs
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import ALL, FOREIGN, SEPARATOR, UNKNOWN

_SHARE, _DISTANCE = "largest share", "largest distance"
_SOURCE: Final = "specification S9 and T7: a proposal of this project; no authority sets it"

_NOTHING: Final = Words(
    "nothing is published by age or occupation", "rien n'est publié par âge ou par catégorie socioprofessionnelle"
)

_NO_CLASS: Final = [ALL, UNKNOWN, FOREIGN]

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """The rows of an indicator on a day, by part: int64[rows] `part`, `printed` devices and the `true` ones.

    `told` bool[rows]: the row tells a class, which `all`, unknown and foreign devices do not; int64[rows] `around`: the
    devices of its known classes in the whole territory in the same window, and `whole`: of all known classes there.
    """

    part: Ints
    printed: Ints
    true: Ints
    told: Bools
    around: Ints
    whole: Ints

    def shares(self, devices: Ints) -> Numbers:
        """double[rows]: what each row that tells a class has of the devices of its part."""
        return np.where(self.told, devices, 0) / self._of_part(devices)

    def distances(self) -> Numbers:
        """double[rows]: how far the classes of its part are spread otherwise than around, as total variation.

        What stands in a row with unknown devices is left out on both sides; a class in no row is one of nobody.
        """
        here, around = (np.where(self.told, each, 0) for each in (self.true, self.around))
        comparable = self.whole - np.bincount(self.part, self.around - around)[self.part]
        beside = np.abs(here / self._of_part(here) - around / np.maximum(comparable, 1))
        absent = 1 - np.bincount(self.part, around)[self.part] / np.maximum(comparable, 1)
        return np.where(self.told, (np.bincount(self.part, beside)[self.part] + absent) / 2, 0)

    def _of_part(self, devices: Ints) -> Numbers:
        """double[rows]: the sum over the rows of the same part, or 1 where that is nothing."""
        return np.maximum(np.bincount(self.part, devices)[self.part], 1)


def _homogeneity(subject: Crowd, target: Target) -> Measured:
    if not subject.shown.tables:
        return Measured({}, skipped=_NOTHING)
    found = [split for day in subject.days for split in _splits(subject.shown, day, target.inputs)]

    def largest(values: Sequence[Numbers]) -> float:
        return max((float(each.max(initial=0)) for each in values), default=0.0)

    return Measured(
        {
            _SHARE: largest([each.shares(each.true) for each in found]),
            _DISTANCE: largest([each.distances() for each in found]),
            "largest share as printed": largest([each.shares(each.printed) for each in found]),
            "largest share of what is told": largest(
                [each.shares(np.where(each.told, each.true, 0)) for each in found]
            ),
        },
        {
            "parts": sum(np.unique(each.part).size for each in found),
            "parts that tell classes": sum(np.unique(each.part[each.told]).size for each in found),
        },
    )


def _splits(subject: Shown, day: DayDevices, inputs: Inputs) -> Iterator[Split]:
    for name, rows in subject.rows(day).items():
        if rows.num_rows:
            behind = subject.of_day(day)[name]
            true = counts(behind, subject.tables[name].num_rows)[column(rows, "row")]
            yield split(rows, true, around(INDICATORS[name], rows, day, inputs), INDICATORS[name].attributes[0])


def split(rows: pa.Table, true: Ints, around: pa.Table, attribute: str) -> Split:
    """The rows by `attribute`, with the devices behind each, int64[rows].

    `around`: (window_start, value, devices) of the whole territory, by class that is known.
    """
    numbered = rows.select(["window_start", "zone_id", "cells", "devices", attribute]).rename_columns(
        ["window_start", "zone_id", "cells", "devices", "value"]
    )
    found = ask(
        f"""
        WITH rows AS (SELECT *, string_split(value, '{SEPARATOR}') AS listed FROM numbered),
        wholes AS (SELECT window_start, sum(devices)::BIGINT AS whole FROM around GROUP BY window_start),
        sums AS (
            SELECT row, sum(around.devices)::BIGINT AS around
            FROM (SELECT row, window_start, unnest(listed) AS value FROM rows) JOIN around USING (window_start, value)
            GROUP BY row
        )
        SELECT dense_rank() OVER (ORDER BY window_start, zone_id, cells) - 1 AS part, rows.devices,
            coalesce(around, 0) AS around, coalesce(whole, 0) AS whole, NOT list_has_any(listed, {_NO_CLASS}) AS told
        FROM rows LEFT JOIN sums USING (row) LEFT JOIN wholes USING (window_start) ORDER BY row
        """,  # noqa: S608 - constants
        numbered=numbered.append_column("row", pa.array(np.arange(rows.num_rows))),
        around=around,
    )
    part, printed, near, whole = (column(found, name).astype(np.int64) for name in found.column_names[:4])
    return Split(part, printed, true, column(found, "told").astype(np.bool_), near, whole)


def around(indicator: Indicator, rows: pa.Table, day: DayDevices, inputs: Inputs) -> pa.Table:
    """(window_start, value, devices): each known class in the whole territory, in every window of the rows."""
    attribute, territory = indicator.attributes[0], inputs.territory
    windows = ask("SELECT DISTINCT window_start, window_end FROM rows ORDER BY ALL", rows=rows)
    values = pc.unique(pc.split_pattern(pc.unique(rows[attribute]), SEPARATOR).flatten())
    known = pa.table({attribute: values.filter(pc.invert(pc.is_in(values, pa.array(_NO_CLASS))))})
    asked = ask("SELECT * FROM windows CROSS JOIN known", windows=windows, known=known)
    names = SEPARATOR.join(zone.zone_id for zone in territory.zones)
    cells = pa.array([territory.cells((0,)).tolist()] * asked.num_rows, pa.list_(pa.uint64()))
    table = asked.append_column("zone_id", pa.array([names] * asked.num_rows)).append_column("cells", cells)
    found = members(indicator.name, {indicator.name: of_day(table, day.day)}, day, inputs)
    columns = {"window_start": table["window_start"], "value": table[attribute]}
    return pa.table(columns | {"devices": counts(found, table.num_rows)})


HOMOGENEITY: Final = Attack(
    number="T7",
    name=Words("Homogeneity", "Homogénéité"),
    criterion="inference",
    what=Words(
        "the classes that are printed of each part, of every indicator that is declared homogeneous: the share of the "
        "largest one, and how far they are spread otherwise than in the whole territory in the same window",
        "les classes imprimées de chaque partie, pour tout indicateur déclaré homogène : la part de la plus grande, et "
        "l'écart de leur répartition à celle de tout le territoire dans la même fenêtre",
    ),
    knowledge=Words(
        "that somebody is in the part, and how the whole territory is composed",
        "qu'une personne est dans la partie, et la composition de tout le territoire",
    ),
    control=Words(
        "the whole territory in the same window, by total variation distance",
        "tout le territoire dans la même fenêtre, par la distance en variation totale",
    ),
    levels=(Level(_SHARE, 0.8, _SOURCE), Level(_DISTANCE, 0.6, _SOURCE)),
    subject=crowd,
    measure=_homogeneity,
    weaknesses=(
        Weakness(
            Words("no largest share, where one class dominates", "sans part maximale, là où une classe domine"),
            one_sided,
        ),
    ),
)
