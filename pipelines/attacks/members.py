"""Which devices are behind which published rows: worked out from what a row says, not from how it was made.

A row says its window, its zones or cells and its classes; a device is behind it if it counts there, then, and is of
such a class.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Ints, column, instants
from pipelines.attacks.covers import hexagons_in, zones_in
from pipelines.attacks.devices import DayDevices
from pipelines.fold import is_foreign
from pipelines.inputs import Inputs
from pipelines.score.sql import ask
from pipelines.stays import MINUTE
from schemas.errors import UsageError
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import (
    AGE_BANDS,
    ALL,
    DWELL_BAND_STARTS_MINUTES,
    DWELL_BANDS,
    FOREIGN,
    SEPARATOR,
    SPC,
    UNKNOWN,
    VISITOR_CATEGORIES,
)

MEMBERS: Final = pa.schema([("row", pa.int64()), ("device", pa.int32())])
"""A row of a published table and a device behind it, each pair once, ordered."""

Tables = Mapping[str, pa.Table]
"""Published tables by indicator, with the privacy day in `date`, as `read_release` reads them."""


def members(name: str, tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    """MEMBERS of those rows of a published table that are of a day; `row` is the place in the table.

    Raises UsageError for an indicator of which nothing says whom it counts.
    """
    indicator, table = INDICATORS[name], tables[name]
    rows = table.append_column("row", pa.array(np.arange(table.num_rows))).filter(pc.equal(table["date"], day.day))
    if not rows.num_rows:
        return MEMBERS.empty_table()
    if indicator.population not in _POPULATIONS:
        raise UsageError(
            f"attacks: expected to know where devices of {indicator.population} count, found no rule",
            "add it to _POPULATIONS in pipelines/attacks/members.py",
        )
    counted = _POPULATIONS[indicator.population](indicator, rows, tables, day, inputs)
    found = _of_class(indicator, counted, rows)
    return found.cast(MEMBERS).sort_by([("row", "ascending"), ("device", "ascending")])


def members_of_release(tables: Tables, day: DayDevices, inputs: Inputs) -> dict[str, pa.Table]:
    """MEMBERS by indicator, for every declared indicator that is published."""
    return {name: members(name, tables, day, inputs) for name in tables}


def counts(found: pa.Table, rows: int) -> Ints:
    """int64[rows]: how many devices are behind each row of a table."""
    return np.bincount(column(found, "row").astype(np.int64), minlength=rows)


# Where a device counts, by population: (row, device, the class of the device for each attribute, as `<name>_is`).


def _of_presence(indicator: Indicator, rows: pa.Table, tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    edges = day.grid.slots if indicator.window == "slot" else day.grid.hours
    window = np.searchsorted(edges, instants(rows, "window_start"))
    slot = window if indicator.window == "slot" else day.grid.half_hours[window].astype(np.int64)
    row, hexagon = hexagons_in(rows, inputs.territory.hexagons)
    places = pa.table({"row": column(rows, "row")[row], "slot": slot[row], "hexagon": hexagon})
    return ask(
        "SELECT people.*, row FROM places JOIN people USING (slot, hexagon)",
        places=places,
        people=_known(day.presence, inputs),
    )


def _of_attendance(indicator: Indicator, rows: pa.Table, tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    """A device counts once in a part: with all its time there, its first arrival, and its night if it has one there."""
    weighing, minutes = inputs.weighing(day.day), [at * MINUTE for at in DWELL_BAND_STARTS_MINUTES]
    return ask(
        _ATTENDANCE.format(first=weighing.first_hour, whom=_whom(indicator)),
        zones=_zones_of(rows, "zone_id", inputs),
        homes=_residents(rows, inputs),
        visits=_known(day.visits, inputs).append_column("home", pa.array(weighing.origins(day.visits))),
        origins=pa.table({"home": np.arange(len(inputs.origins.names)), "origin_is": list(inputs.origins.names)}),
        bands=pa.table({"least": minutes, "below": [*minutes[1:], _FOR_EVER], "dwell_band_is": list(DWELL_BANDS)}),
        categories=pa.table(
            {"category": np.arange(len(VISITOR_CATEGORIES)), "visitor_category_is": list(VISITOR_CATEGORIES)}
        ),
    )


_FOR_EVER: Final = 2**62
_ATTENDANCE: Final = """
    WITH once AS (
        SELECT row, device, sum(dwell)::BIGINT AS dwell, min((arrival - {first} + 24) % 24) AS after,
            bool_or(night) AS asleep, any_value(home) AS home, any_value(abroad) AS abroad,
            any_value(age_band_is) AS age_band_is, any_value(spc_is) AS spc_is
        FROM zones JOIN visits USING (zone) GROUP BY row, device
    ), who AS (
        SELECT once.*, format('{{:02d}}', (after + {first}) % 24) AS arrival_hour_is,
            CASE WHEN homes.home IS NOT NULL THEN 0 ELSE 1 + 2 * abroad::INT + asleep::INT END AS category
        FROM once LEFT JOIN homes USING (row, home)
    )
    SELECT * FROM who JOIN categories USING (category) JOIN origins USING (home)
        JOIN bands ON dwell >= least AND dwell < below
    WHERE {whom}
"""


def _of_flows(indicator: Indicator, rows: pa.Table, tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    """A device is behind a row if it went from an origin to a destination that the row names, or `all` stands for."""
    return ask(
        """
        WITH leaving AS (
            SELECT row, device, from_zone, to_zone
            FROM trips JOIN hours USING (hour) JOIN origins USING (row, from_zone)
                JOIN parts p ON p.zone = from_zone JOIN parts q ON q.zone = to_zone
            WHERE p.part <> q.part
        ), moving AS (
            SELECT row, device FROM leaving JOIN destinations USING (row, to_zone)
            UNION
            SELECT row, device FROM leaving JOIN anywhere USING (row)
        )
        SELECT row, device, origin_zone_id AS origin_zone_id_is, destination_zone_id AS destination_zone_id_is,
            distance_class AS distance_class_is
        FROM moving JOIN rows USING (row)
        """,
        rows=rows,
        hours=_hours(rows, day),
        trips=day.trips,
        origins=_zones_of(rows, "origin_zone_id", inputs).rename_columns(["row", "from_zone"]),
        destinations=_zones_of(rows, "destination_zone_id", inputs).rename_columns(["row", "to_zone"]),
        anywhere=rows.filter(pc.equal(rows["destination_zone_id"], ALL)).select(["row"]),
        parts=_parts(tables, day, inputs),
    )


def _parts(tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    """(zone, part): the parts of the day's attendance between which flows go: those without a sensitive zone."""
    published = tables[_plain(tables)]
    rows = published.append_column("row", pa.array(np.arange(published.num_rows)))
    return ask(
        "SELECT row AS part, zone FROM named ANTI JOIN (SELECT row FROM named JOIN sensitive USING (zone)) USING (row)",
        named=_zones_of(rows.filter(pc.equal(rows["date"], day.day)), "zone_id", inputs),
        sensitive=pa.table({"zone": pa.array(_sensitive(inputs), pa.int32())}),
    )


def _plain(tables: Tables) -> str:
    """The indicator whose rows are the parts of a day: the first that is declared of attendance as a whole."""
    for name, indicator in INDICATORS.items():
        if name in tables and indicator.population == "attendance" and not indicator.attributes:
            return name
    raise UsageError(
        f"attacks: expected the parts between which movements go, found only {', '.join(tables)}",
        "attack a release that publishes attendance as well",
    )


def _sensitive(inputs: Inputs) -> list[int]:
    return [place for place, zone in enumerate(inputs.territory.zones) if zone.sensitive]


def _of_transit(indicator: Indicator, rows: pa.Table, tables: Tables, day: DayDevices, inputs: Inputs) -> pa.Table:
    return ask(
        "SELECT DISTINCT row, device FROM crossings JOIN hours USING (hour) JOIN zones USING (row, zone)",
        crossings=day.crossings,
        hours=_hours(rows, day),
        zones=_zones_of(rows, "zone_id", inputs),
    )


_POPULATIONS: Final[Mapping[str, Callable[[Indicator, pa.Table, Tables, DayDevices, Inputs], pa.Table]]] = {
    "presence": _of_presence,
    "attendance": _of_attendance,
    "flows": _of_flows,
    "transit": _of_transit,
}
"""How the devices of each population are found."""

_ONLY: Final = {"nights": "asleep"}
"""Of an indicator that gives some of the devices of another: which ones."""


def _whom(indicator: Indicator) -> str:
    """The devices that an indicator gives; one that is declared without a rule here stops the battery."""
    if not indicator.partial:
        return "true"
    if indicator.name not in _ONLY:
        raise UsageError(
            f"attacks: expected to know which devices {indicator.name} gives of {indicator.splits}, found no rule",
            "add it to _ONLY in pipelines/attacks/members.py",
        )
    return _ONLY[indicator.name]


def _of_class(indicator: Indicator, counted: pa.Table, rows: pa.Table) -> pa.Table:
    """(row, device): of the devices that count in a row's place, those of the classes that it lists.

    Foreign devices are among the unknown ones where a part has no class of its own for them.
    """
    foreign = " OR ".join(f"{name} = '{FOREIGN}'" for name in indicator.attributes) or "false"
    lists = "".join(f", string_split({name}, '{SEPARATOR}') AS {name}_in" for name in indicator.attributes)
    classes = "".join(f", {name}_is" for name in indicator.attributes)
    tests = "".join(
        f""" AND ({name} IN ('{ALL}', {name}_is) OR list_contains({name}_in,
            CASE WHEN {name}_is = '{FOREIGN}' AND NOT apart THEN '{UNKNOWN}' ELSE {name}_is END))"""
        for name in indicator.attributes
    )
    query = f"""
        WITH labels AS (
            SELECT *, bool_or({foreign}) OVER (PARTITION BY window_start, zone_id, cells) AS apart {lists} FROM rows
        )
        SELECT DISTINCT row, device FROM (SELECT row, device {classes} FROM counted) JOIN labels USING (row)
        WHERE true {tests}
    """  # noqa: S608 - the names are those of declared indicators
    return ask(query, rows=rows, counted=counted)


def _known(table: pa.Table, inputs: Inputs) -> pa.Table:
    """With what the register says of each device, in words, and whether it is from abroad."""
    abroad = is_foreign(table, inputs.configuration.area.domestic_mcc)
    for name, words in (("age_band", AGE_BANDS), ("spc", SPC)):
        code = np.where(abroad, len(words), column(table, name).astype(np.int64))
        table = table.append_column(f"{name}_is", pa.array([*words, FOREIGN], pa.string()).take(pa.array(code)))
    return table.append_column("abroad", pa.array(abroad))


def _hours(rows: pa.Table, day: DayDevices) -> pa.Table:
    """(row, hour): the hour of the day of each row."""
    return pa.table({"row": rows["row"], "hour": np.searchsorted(day.grid.hours, instants(rows, "window_start"))})


def _zones_of(rows: pa.Table, name: str, inputs: Inputs) -> pa.Table:
    """(row, zone): the zones that a column of a row names, as places among those of the territory."""
    row, zone = zones_in(rows[name], inputs.territory.zones)
    return pa.table({"row": column(rows, "row")[row], "zone": zone.astype(np.int32)})


def _residents(rows: pa.Table, inputs: Inputs) -> pa.Table:
    """(row, home): the origins, places among their names, whose devices are residents of the part of a row."""
    place = {zone.zone_id: at for at, zone in enumerate(inputs.territory.zones)}
    known: dict[str, list[int]] = {}
    found_rows, homes = [], []
    for row, name in zip(column(rows, "row").tolist(), rows["zone_id"].to_pylist(), strict=True):
        if name not in known:
            zones = [place[zone] for zone in name.split(SEPARATOR) if zone in place]
            known[name] = inputs.origins.residents(zones).tolist()
        found_rows += [row] * len(known[name])
        homes += known[name]
    return pa.table({"row": pa.array(found_rows, pa.int64()), "home": pa.array(homes, pa.int64())})
