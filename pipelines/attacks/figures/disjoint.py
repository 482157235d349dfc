"""T2: whether rows that say to be apart are, and whether together they hold everybody."""

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.arrays import instants
from pipelines.attacks.figures.shown import (
    PLAIN,
    PRESENCE,
    Shown,
    at_least,
    by_place,
    every_hexagon,
    only,
    shown,
    together,
    zones_of_hexagons,
)
from pipelines.attacks.figures.wholes import of_slots, of_splits
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import ALL, SEPARATOR

_TWICE, _STRANGE, _LOST, _SUMS = (
    "devices counted twice",
    "devices not in the row that is split",
    "devices lost",
    "sums of other devices",
)
_SOURCE: Final = "specification T2 and S8; DESIGN 7: nobody is lost, unless the whole is below k"


def _disjoint(subject: Shown, target: Target) -> Measured:
    found = dict.fromkeys((_TWICE, _STRANGE, _LOST, _SUMS), 0)
    for day in target.days:
        rows, behind = subject.rows(day), subject.of_day(day)
        found[_TWICE] += sum(twice(groups(INDICATORS[name], rows[name]), behind[name]) for name in rows)
        more, fewer = of_splits(rows, behind, day, target)
        lost, sums = of_slots(rows, behind, day, target)
        found[_STRANGE] += more
        found[_LOST] += fewer + lost
        found[_SUMS] += sums
    rows_in_all = sum(table.num_rows for table in subject.tables.values())
    devices = sum(each.num_rows for of_day in subject.behind.values() for each in of_day.values())
    return Measured(found, {"rows": rows_in_all, "devices behind rows": devices})


def groups(indicator: Indicator, rows: pa.Table) -> pa.Table:
    """(row, group): sets of rows of which a device may be behind one at most, by the declaration of the indicator.

    Of what may be summed, all rows of a moment. Of what splits another indicator, the classes of a part. Of all else,
    any two rows that name a zone in common, or a pair of zones.
    """
    if indicator.additive:
        return _of_moments(rows)
    if indicator.splits:
        return ask(
            'SELECT row, dense_rank() OVER (ORDER BY window_start, window_end, zone_id, cells) AS "group" FROM rows',
            rows=rows,
        )
    common = "".join(
        f""" AND ('{ALL}' IN (a.{name}, b.{name})
            OR list_has_any(string_split(a.{name}, '{SEPARATOR}'), string_split(b.{name}, '{SEPARATOR}')))"""
        for name in indicator.attributes or ("zone_id",)
    )
    query = f"""
        SELECT unnest([one, other]) AS row, "group" FROM (
            SELECT a.row AS one, b.row AS other, row_number() OVER () AS "group" FROM rows a JOIN rows b
            ON a.row < b.row AND a.window_start < b.window_end AND b.window_start < a.window_end {common}
        )
    """  # noqa: S608 - the names are those of declared indicators
    return ask(query, rows=rows)


def _of_moments(rows: pa.Table) -> pa.Table:
    """(row, group): the stretches of time that a row covers, cut wherever a window begins or ends."""
    start, end = instants(rows, "window_start"), instants(rows, "window_end")
    edges = np.unique(np.concatenate([start, end]))
    spans = {"row": rows["row"], "first": np.searchsorted(edges, start), "past": np.searchsorted(edges, end)}
    return ask('SELECT row, unnest(range(first, past)) AS "group" FROM spans', spans=pa.table(spans))


def twice(found: pa.Table, behind: pa.Table) -> int:
    """How often a device is behind several rows of a group, from (row, group) and MEMBERS."""
    answer = ask(
        """
        WITH several AS (SELECT "group" FROM found GROUP BY "group" HAVING count(*) > 1)
        SELECT count(*) AS devices FROM (
            SELECT 1 FROM found SEMI JOIN several USING ("group") JOIN behind USING (row)
            GROUP BY "group", device HAVING count(*) > 1
        )
        """,
        found=found,
        behind=behind,
    )
    return int(answer["devices"][0].as_py())


def _with_totals(target: Target) -> Shown:
    """Presence, and for each slot one row more, of everybody."""
    everywhere = np.zeros_like(every_hexagon(target))
    return together(only(shown(target), PRESENCE), by_place(target, everywhere))


def _suppressed(target: Target) -> Shown:
    """Presence in hexagons: what has k devices is published, and all else is left out."""
    return by_place(target, every_hexagon(target))


def _sliding(target: Target) -> Shown:
    """Presence in zones, in windows of two slots of which one begins in each slot."""
    return by_place(target, zones_of_hexagons(target), slots=2)


def _without_wholes(target: Target) -> Shown:
    """The release, but of the parts of a day only the larger half; their classes are all published."""
    whole = shown(target)
    plain = only(whole, PLAIN)
    (_, devices), *_ = plain.devices()
    larger = at_least(plain, 1 + int(np.median(devices)))
    behind = {day: {**found, **larger.behind[day]} for day, found in whole.behind.items()}
    return replace(whole, tables={**whole.tables, **larger.tables}, behind=behind)


DISJOINT: Final = Attack(
    number="T2",
    name=Words("Disjointness", "Disjonction"),
    criterion="singling out",
    what=Words(
        "the devices behind all rows that are apart by declaration: parts of a slot, classes of a part, zones of a "
        "kind; and those of each row or slot beside the rows that split it",
        "les appareils de toutes les lignes déclarées disjointes : parties d'un créneau, classes d'une partie, zones "
        "d'un type ; et ceux de chaque ligne ou créneau, comparés aux lignes qui le divisent",
    ),
    knowledge=Words("all devices and where they were", "tous les appareils et leurs positions"),
    control=Words(
        "none: one device counted twice or lost is a failure",
        "aucun : un seul appareil compté deux fois ou perdu est un échec",
    ),
    levels=tuple(Level(figure, 0, _SOURCE) for figure in (_TWICE, _STRANGE, _LOST, _SUMS)),
    subject=shown,
    measure=_disjoint,
    weaknesses=(
        Weakness(Words("totals beside the parts", "totaux à côté des parties"), _with_totals),
        Weakness(Words("small parts left out, not pooled", "petites parties omises, non regroupées"), _suppressed),
        Weakness(Words("windows that overlap", "fenêtres qui se chevauchent"), _sliding),
        Weakness(
            Words("classes of parts that are not published", "les classes de parties qui ne sont pas publiées"),
            _without_wholes,
            breaks=(_STRANGE,),
        ),
    ),
)
