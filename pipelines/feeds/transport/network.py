"""The network of a GTFS: its agencies, routes and stops, each of which refers to what is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Row, Rows
from pipelines.feeds.transport.columns import AGENCIES, ROUTES, STOPS
from schemas.feeds import Text

_Wrong = Iterable[tuple[str, Text]]
_STATION: Final = Text("a station of stops.txt", "une gare de stops.txt")
_STOP: Final = Text("a stop of stops.txt", "un arrêt de stops.txt")


@dataclass(frozen=True)
class Network:
    """Routes and stops by identifier, in the order of their files, and the agencies that have an identifier."""

    agencies: tuple[str, ...]
    routes: Mapping[str, Row]
    stops: Mapping[str, Row]

    def route(self, route_id: str) -> str:
        """What a route is called."""
        row = self.routes[route_id]
        return str(row["route_short_name"] or row["route_long_name"])

    def stop(self, stop_id: str) -> str:
        """What a stop is called."""
        return str(self.stops[stop_id]["stop_name"] or stop_id)


def network(rows: Mapping[str, Rows]) -> tuple[Network, tuple[Finding, ...]]:
    """The network of the rows that are right, and what is wrong with the others."""
    findings: list[Finding] = []
    agencies = _right(rows, AGENCIES.name, _agencies(rows[AGENCIES.name]), findings)
    ids = tuple(str(row["agency_id"]) for row in agencies if row["agency_id"])
    known = {_line(row): list(_route(row, ids, len(agencies))) for row in rows[ROUTES.name]}
    routes = _right(rows, ROUTES.name, known, findings)
    every = {str(row["stop_id"]): row for row in rows[STOPS.name]}
    stops = _right(rows, STOPS.name, {_line(row): list(_stop(row, every)) for row in rows[STOPS.name]}, findings)
    found = Network(
        ids,
        {str(row["route_id"]): row for row in routes},
        {str(row["stop_id"]): row for row in stops},
    )
    return found, tuple(findings)


def _right(
    rows: Mapping[str, Rows], file: str, wrong: Mapping[int, list[tuple[str, Text]]], findings: list[Finding]
) -> list[Row]:
    """The rows of a file with nothing wrong; the first thing of each other one is added to the findings."""
    right = []
    for row in rows[file]:
        told = wrong.get(_line(row), [])
        if not told:
            right.append(row)
            continue
        field, expected = told[0]
        text = "" if row[field] is None else str(row[field])
        findings.append(Finding(file, _line(row), field, "error", expected, shown(text)))
    return right


def _agencies(rows: Rows) -> dict[int, list[tuple[str, Text]]]:
    """Several agencies need identifiers, and one time zone."""
    expected = Text("an identifier, because there are several agencies", "un identifiant, car il y a plusieurs réseaux")
    zone = Text("the time zone of the first agency", "le fuseau horaire du premier réseau")
    found: dict[int, list[tuple[str, Text]]] = {}
    for row in rows if len(rows) > 1 else ():
        if not row["agency_id"]:
            found[_line(row)] = [("agency_id", expected)]
        elif row["agency_timezone"] != rows[0]["agency_timezone"]:
            found[_line(row)] = [("agency_timezone", zone)]
    return found


def _route(row: Row, agencies: tuple[str, ...], count: int) -> _Wrong:
    if not row["route_short_name"] and not row["route_long_name"]:
        yield "route_short_name", Text("a short or a long name", "un nom court ou un nom long")
    if row["agency_id"] and row["agency_id"] not in agencies:
        yield "agency_id", Text("an agency of agency.txt", "un réseau de agency.txt")
    if not row["agency_id"] and count > 1:
        yield "agency_id", Text("an agency, because there are several", "un réseau, car il y en a plusieurs")


def _stop(row: Row, every: Mapping[str, Row]) -> _Wrong:
    kind = row["location_type"] or "0"
    for name in ("stop_name", "stop_lat", "stop_lon"):
        if kind in ("0", "1", "2") and row[name] is None:
            yield (
                name,
                Text("a value for a stop, station or entrance", "une valeur pour un arrêt, une gare ou un accès"),
            )
    parent = row["parent_station"]
    if parent is None:
        if kind in ("2", "3", "4"):
            yield "parent_station", Text("the station it belongs to", "la gare à laquelle il appartient")
        return
    above = every.get(str(parent))
    needed = "0" if kind == "4" else "1"
    if kind == "1":
        yield "parent_station", Text("none for a station", "rien pour une gare")
    elif above is None or (above["location_type"] or "0") != needed:
        yield "parent_station", _STOP if kind == "4" else _STATION


def _line(row: Row) -> int:
    return int(str(row["line"]))
