"""Generated requests made such that the server knows what they ask for: its feeds, its release, its services."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis

from pipelines.server.clients import add
from pipelines.server.population.routes import SCOPE
from pipelines.server.reports.interface import WRITE
from tests.server.consultations.made import person
from tests.server.consultations.people import card
from tests.server.population.town import PAST, A, around, asking, geohash_at, listed
from tests.server.reports.made import FAULT

RETRIEVE, REPORT = "POST /population-density-data/v1rc1/retrieve", "POST /open311/v2/requests.{form}"
TOKEN = "POST /oauth2/token"  # noqa: S105 (a path)
GIVE = "POST /consultations/{consultation}/answers"
CLIENT = "tester"
_FAULT = {name: text for name, text in FAULT.items() if name != "api_key"}
"""A report whose client proves itself by a header."""
_KEPT = ("description", "first_name", "last_name", "address_string")
"""Of a generated report: what any text may stand in."""


def key_of_all(clients: Path) -> str:
    """The key of a client that may ask for everything that needs one."""
    return add(clients, CLIENT, [SCOPE, WRITE])


def known(case: schemathesis.Case, key: str) -> schemathesis.Case:
    """The request with names that there are, and without a generated proof that would be none."""
    case.headers.pop("Authorization", None)
    names = {"town": "dijon", "module": "places", "file": "index.json", "consultation": "playground"}
    names |= {"service_code": FAULT["service_code"]}
    case.path_parameters = {name: names.get(name, value) for name, value in (case.path_parameters or {}).items()}
    if case.operation.label in _BODIES:
        case.body = _BODIES[case.operation.label](case.body, key)
    return case


def _question(body: dict[str, Any], key: str) -> dict[str, Any]:
    if body["area"]["areaType"] == "GEOHASHLIST":
        return listed(*(geohash_at(A, precision) for precision in range(5, 8)), period=PAST)
    size = 0.001 * len(body["area"]["boundary"])
    return asking(PAST, area=around(A, size), precision=5 + body.get("precision", 7) % 3)


def _report(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: body[name] for name in _KEPT if name in body} | _FAULT


def _answer(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {"mrz": card(person(len(body["mrz"]))), "choice": "yes", "district": "north"}


def _proof(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": key}


_BODIES: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    RETRIEVE: _question,
    REPORT: _report,
    GIVE: _answer,
    TOKEN: _proof,
}
