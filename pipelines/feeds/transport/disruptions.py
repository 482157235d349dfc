"""Disruptions of a network, judged and understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Row, Rows
from pipelines.feeds.transport.network import Network
from pipelines.feeds.transport.words import CAUSES, EFFECTS
from schemas.feeds import Text


@dataclass(frozen=True)
class Disruption:
    """What is disrupted, from when to when, and why; routes and stops by identifier, without both the whole network."""

    id: str
    routes: tuple[str, ...]
    stops: tuple[str, ...]
    starts: datetime
    ends: datetime | None
    cause: str
    effect: str
    header: Text
    description: Text
    url: str


class _Refused(Exception):
    """A field of a row that cannot be told."""

    def __init__(self, field: str, expected: Text, found: str) -> None:
        super().__init__(field)
        self.field = field
        self.expected = expected
        self.found = found


def disruptions(rows: Rows, network: Network, file: str) -> tuple[tuple[Disruption, ...], tuple[Finding, ...]]:
    """The disruptions whose routes and stops are there, in the order of their rows, and what is wrong with others."""
    found: list[Disruption] = []
    findings: list[Finding] = []
    for row in rows:
        try:
            found.append(_disruption(row, network))
        except _Refused as refused:
            line = int(str(row["line"]))
            findings.append(Finding(file, line, refused.field, "error", refused.expected, shown(refused.found)))
    return tuple(found), tuple(findings)


def _disruption(row: Row, network: Network) -> Disruption:
    starts, ends = row["starts"], row["ends"]
    begin = datetime.fromisoformat(str(starts))
    end = ends if isinstance(ends, datetime) else None
    if end is not None and end <= begin:
        raise _Refused("ends", Text("an end after the begin", "une fin après le début"), end.isoformat())
    routes = _known(row, "routes", network.routes, Text("routes of routes.txt", "des lignes de routes.txt"))
    stops = _known(row, "stops", network.stops, Text("stops of stops.txt", "des arrêts de stops.txt"))
    if not routes and not stops and not network.agencies:
        expected = "a route or a stop, because agency.txt has no agency_id", "une ligne ou un arrêt, faute d’agency_id"
        raise _Refused("routes", Text(*expected), "")
    return Disruption(
        id=str(row["id"]),
        routes=routes,
        stops=stops,
        starts=begin,
        ends=end,
        cause=_word(row, "cause", CAUSES, "unknown_cause"),
        effect=_word(row, "effect", EFFECTS, "unknown_effect"),
        header=_both(row, "header"),
        description=_both(row, "description"),
        url=str(row["url"] or ""),
    )


def _known(row: Row, name: str, there: Mapping[str, Row], expected: Text) -> tuple[str, ...]:
    """The identifiers of a list, each once, in its order."""
    text = str(row[name] or "")
    found = tuple(dict.fromkeys(piece.strip() for piece in text.split("|"))) if text else ()
    for piece in found:
        if piece not in there:
            raise _Refused(name, expected, piece)
    return found


def _word(row: Row, name: str, words: Mapping[str, Text], usual: str) -> str:
    word = str(row[name] or usual).lower()
    if word not in words:
        listed = ", ".join(words)
        raise _Refused(name, Text(f"one of {listed}", f"une valeur parmi {listed}"), str(row[name]))
    return word


def _both(row: Row, name: str) -> Text:
    french = str(row[f"{name}_fr"] or "")
    return Text(str(row[f"{name}_en"] or french), french)
