"""T5: published rows that hold others, and what is left of them by subtraction."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.origins import Origins
from anonymization.territory import ZoneArea
from pipelines.arrays import Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.figures.cases import Cases
from pipelines.attacks.figures.classes import Attribute, attribute
from pipelines.attacks.figures.differences import Compared, Differences, Residents
from pipelines.attacks.figures.ends import Clock, ends_held
from pipelines.attacks.figures.loose_flows import inside_others, leaving_a_few
from pipelines.attacks.figures.moves import moves_held
from pipelines.attacks.figures.parts import held, parts_of
from pipelines.attacks.figures.sets import sets_of
from pipelines.attacks.figures.shown import PLAIN, Shown, shown
from pipelines.attacks.figures.unnested import every_class, overlapping, zones_and_hexagons
from pipelines.attacks.figures.wholes import Rows
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from schemas.errors import UsageError
from schemas.indicators import INDICATORS
from schemas.vocabulary import SEPARATOR

_FEW, _ATOMS = "differences below k", "atoms below k"
_SOURCE: Final = "specification T5 as amended, S8 and S12: nobody or at least k"

_NESTED: Final[Mapping[str, bool]] = {"presence": True, "attendance": True, "flows": False, "transit": False}
"""Whether devices of a population in a place are among those of the place around it.

Movements are between two places; who crosses a place may visit the one around it, and is not in transit there.
"""

ENDS: Final = ("origin_zone_id", "destination_zone_id")
"""What a row about movements says of them."""


def _differencing(subject: Shown, target: Target) -> Measured:
    found, atoms, few, apart = Differences(), 0, 0, 0
    for day in target.days:
        rows = {name: each for name, each in subject.rows(day).items() if each.num_rows}
        behind = subject.of_day(day)
        for each in subtracted(rows, behind, subject, day, target):
            found.add(each)
        apart += sum(rows[name].num_rows for name in rows if _is_apart(name, rows))
        for name in rows:
            if INDICATORS[name].additive and not INDICATORS[name].splits:
                sizes = atom_sizes(rows[name], behind[name])
                atoms += sizes.size
                few += int((sizes < target.policy.k).sum())
    return Measured(
        {_FEW: found.few, _ATOMS: few},
        {
            "differences": found.tried,
            "of sets that are not held": found.unlike,
            "parts with unions left untried": found.cut,
            "rows that no other holds": apart,
            "atoms": atoms,
        },
    )


def subtracted(rows: Rows, behind: Rows, subject: Shown, day: DayDevices, target: Target) -> Iterator[Differences]:
    """What the rows of a day, with their MEMBERS, leave of each other."""
    for population in dict.fromkeys(INDICATORS[name].population for name in rows):
        if _is_nested(population):
            some = {name: rows[name] for name in rows if INDICATORS[name].population == population}
            yield compared(some, behind, subject, day, target).differences()
    for name in rows:
        if _moves(name) and PLAIN in rows:
            yield _of_moves(name, rows, behind, _zones(subject, target), day, target)


def _moves(name: str) -> bool:
    """Whether rows of an indicator are about movements between two places."""
    return set(ENDS) <= set(INDICATORS[name].attributes)


def _is_apart(name: str, rows: Rows) -> bool:
    """Whether nothing among the rows is known to hold the devices of an indicator, nor to be held by them."""
    return not _is_nested(INDICATORS[name].population) and not (_moves(name) and PLAIN in rows)


def _is_nested(population: str) -> bool:
    if population not in _NESTED:
        raise UsageError(
            f"attacks: expected to know whether places of {population} hold those inside them, found no rule",
            "add it to _NESTED in pipelines/attacks/figures/differencing.py",
        )
    return _NESTED[population]


def compared(rows: Rows, behind: Rows, subject: Shown, day: DayDevices, target: Target) -> Compared:
    """The rows of one population and day, ready to be subtracted from each other."""
    parts = parts_of(rows)
    # The classes of what may be summed are the same in every zone: parts that print the same are compared at once.
    zones = ("",) * len(parts.zones) if any(INDICATORS[name].additive for name in rows) else parts.zones
    sets, known = sets_of(rows, behind, parts), _attributes(rows, subject, day, target)
    return Compared(sets, zones, held(parts), known, _residents(_zones(subject, target)), target.policy.k)


def _zones(subject: Shown, target: Target) -> tuple[ZoneArea, ...]:
    """The zones of which the rows tell."""
    return target.inputs.territory.zones if subject.zones is None else subject.zones


def _attributes(rows: Rows, subject: Shown, day: DayDevices, target: Target) -> dict[str, Attribute]:
    """What is known of each attribute by which rows are split."""
    printed: dict[str, set[str]] = {}
    for name in rows:
        for each in INDICATORS[name].attributes:
            printed.setdefault(each, set()).update(pc.unique(subject.tables[name][each]).to_pylist())
    first_hour = target.inputs.weighing(day.day).first_hour
    return {name: attribute(name, values, first_hour) for name, values in printed.items()}


def _residents(zones: Sequence[ZoneArea]) -> Residents:
    """The homes in zones, as public places."""
    place, origins = {zone.zone_id: at for at, zone in enumerate(zones)}, Origins(zones)

    def residents(names: str) -> frozenset[str]:
        known = [place[name] for name in names.split(SEPARATOR) if name in place]
        return frozenset(origins.names[at] for at in origins.residents(known).tolist())

    return residents


def _of_moves(
    name: str, rows: Rows, behind: Rows, zones: Sequence[ZoneArea], day: DayDevices, target: Target
) -> Differences:
    """Rows about movements, subtracted from those whose movements hold theirs, and from the visitors of both ends."""
    hours = target.inputs.day_hours(day.day)
    row = column(rows[name], "row").astype(np.int64)
    inner, outer = moves_held(rows[name], ENDS, rows[PLAIN], zones)
    found = Cases.of_pairs(name, row[inner], row[outer]).differences(name, behind, target.policy.k)
    ends = ends_held(name, ENDS, rows, PLAIN, zones, Clock(hours.edges, hours.clock.astype(np.int64)))
    found.add(ends.differences(name, behind, target.policy.k))
    return found


def atom_sizes(rows: pa.Table, behind: pa.Table) -> Ints:
    """int64[atoms]: devices by the set of rows that hold them, in each window of rows that may be summed."""
    # The hash of 0 is 0, which would not tell whether the first row is in a set.
    found = ask(
        """
        WITH atoms AS (
            SELECT window_start, window_end, device, bit_xor(hash(1 + row)) AS atom
            FROM rows JOIN behind USING (row) GROUP BY window_start, window_end, device
        )
        SELECT count(*) AS devices FROM atoms GROUP BY window_start, window_end, atom ORDER BY devices
        """,
        rows=rows.select(["row", "window_start", "window_end"]),
        behind=behind,
    )
    return column(found, "devices").astype(np.int64)


DIFFERENCING: Final = Attack(
    number="T5",
    name=Words("Differencing", "Différences"),
    criterion="singling out",
    what=Words(
        "all rows of which one is known to hold others: a zone in a zone, a slot in an hour, a class in a class, what "
        "is split, a flow in its ends; every union of such rows without all that it holds; and the atoms of all parts "
        "of a slot",
        "toutes les lignes dont on sait que l'une en contient d'autres : zone dans une zone, créneau dans une heure, "
        "classe dans une classe, ligne divisée, flux dans ses extrémités ; toute réunion de ces lignes sans ce qu'elle "
        "contient ; et les atomes de toutes les parties d'un créneau",
    ),
    knowledge=Words(
        "the published tables and zones, and what indicators and classes mean",
        "les tables et zones publiées, et le sens des indicateurs et des classes",
    ),
    control=Words(
        "none: one difference of 1 to k-1 devices is a failure, where one row is known to hold the other",
        "aucun : une seule différence de 1 à k-1 appareils est un échec, si l'une des lignes contient l'autre",
    ),
    levels=(Level(_FEW, 0, _SOURCE), Level(_ATOMS, 0, _SOURCE)),
    subject=shown,
    measure=_differencing,
    weaknesses=(
        Weakness(
            Words("zones and hexagons inside them, each of k", "zones et hexagones intérieurs, chacun dès k appareils"),
            zones_and_hexagons,
        ),
        Weakness(
            Words("every class that has k, none pooled", "toute classe dès k appareils, sans regroupement"),
            every_class,
        ),
        Weakness(Words("windows that overlap", "fenêtres qui se chevauchent"), overlapping),
        Weakness(
            Words(
                "flows that leave a few visitors of an end, in a town where most leave a place together",
                "des flux qui laissent peu de visiteurs d'une extrémité, dans une ville où l'on part ensemble",
            ),
            leaving_a_few,
            breaks=(_FEW,),
        ),
        Weakness(
            Words(
                "flows of each layer protected alone, in a town where most of a flow is in one inside it",
                "les flux de chaque couche protégés seuls, là où l'essentiel d'un flux est dans un flux intérieur",
            ),
            inside_others,
            breaks=(_FEW,),
        ),
    ),
)
