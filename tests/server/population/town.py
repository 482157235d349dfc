"""A small release to ask: four Saturdays, two hours each, and the server over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import h3
import shapely
from fastapi.testclient import TestClient
from httpx import Response

from anonymization.policy import Policy
from pipelines.server import clients
from pipelines.server.app import guarded
from pipelines.server.context import Context
from pipelines.server.guard import Guard
from pipelines.server.population import area, geohash
from pipelines.server.population.routes import PREFIX, SCOPE
from pipelines.server.population.settings import Population
from pipelines.server.services.population import SERVICE
from pipelines.server.store import Store, open_store
from pipelines.server.watched import Told
from schemas.indicators import INDICATORS
from schemas.server import Server
from tests.anonymization.releases import EIGHTS, VENUE, A, B, C, Row, draft, publish, table

SATURDAYS = [date(2026, 6, 20) + timedelta(weeks=week) for week in range(4)]
NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
"""A Thursday after the last of them."""
PAST = ("2026-07-11T08:00:00Z", "2026-07-11T10:00:00Z")
"""The two hours that are published, 10:00 to 12:00 of the clock."""
NEXT = ("2026-07-18T08:00:00Z", "2026-07-18T10:00:00Z")
QUIET = ("2026-07-11T12:00:00Z", "2026-07-11T13:00:00Z")
"""An hour that is held back below k."""
REST = EIGHTS[3]
TERRITORY = [A, B, C, REST]
_AROUND_VENUE = sorted(set(h3.cell_to_children(A, 9)) - {VENUE})


def rows(week: int) -> list[Row]:
    """The presence of a Saturday: in the first hour the venue is a part, in the second one B and C are pooled."""
    found: list[Row] = []
    for slot, clock in enumerate(("10:00", "10:15", "10:30", "10:45")):
        found += [(clock, "A", _AROUND_VENUE, "", 60 + 5 * slot), (clock, "B", [B], "", 40 + 10 * week)]
        found += [(clock, "C|rest", [C, REST], "", 45), (clock, "V", [VENUE], "", 25 + 5 * week)]
    for clock in ("11:00", "11:15", "11:30", "11:45"):
        found += [(clock, "A", [A], "", 85), (clock, "B|C", [B, C], "", 50 + 5 * week), (clock, "rest", [REST], "", 25)]
    return found


def release(folder: Path, saturdays: list[date] = SATURDAYS, *, test: bool = False) -> Path:
    """The release, which passes an audit; of one that is marked as a test, one that allows it."""
    tables = {day: {"presence": table("presence", rows(week), day)} for week, day in enumerate(saturdays)}
    made = replace(draft(), tables=tables, test=test, key_ids=tuple(f"{week:02x}" for week in range(len(saturdays))))
    # One effect: a part of commune A without its venue is no whole zone.
    made = replace(made, effects={name: {"zone": 1.0, "hexagons": 1.0} for name in INDICATORS})
    return publish(folder, made)


@dataclass
class Clock:
    """Seconds that a test counts on."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Town:
    """A server over the release, and clients with and without the scope."""

    http: TestClient
    guard: Guard
    clock: Clock
    store: Store
    keys: dict[str, str] = field(default_factory=dict)
    told: list[Mapping[str, str]] = field(default_factory=list)

    def token(self, name: str = "drones") -> str:
        """A token of a client."""
        found = self.guard.named(name, self.keys[name])
        assert found is not None
        return self.guard.tokens.issue(found, found.scopes)

    def ask(self, body: object, headers: dict[str, str] | None = None) -> Response:
        """A request; with a good token and a correlator, unless `headers` say otherwise."""
        given = {"authorization": f"Bearer {self.token()}", "x-correlator": "b4333c46-49c0"} | (headers or {})
        return self.http.post(f"{PREFIX}/retrieve", json=body, headers={k: v for k, v in given.items() if v})


def serve(folder: Path, root: Path, per_minute: int = 60_000, **settings: Any) -> Town:
    """The server over a release, from TestClient; 16 July 2026 is today."""
    path, clock = folder / "clients.json", Clock()
    keys = {name: clients.add(path, name, scopes) for name, scopes in (("drones", [SCOPE]), ("other", ["x"]))}
    guard, store = Guard(path, per_minute, clock), open_store("server.db", folder)
    policy = Policy(20, 0.8, 5, test=False)
    told: list[Mapping[str, str]] = []
    paris = ZoneInfo("Europe/Paris")
    context = Context(folder, Server(), None, paris, policy, root, store, guard, lambda: NOW, told.append)
    app = guarded(context, [(SERVICE, Population(**settings))], Told(lambda line: None))
    return Town(TestClient(app, raise_server_exceptions=False), guard, clock, store, keys, told)


def around(cell: str, size: float = 0.001, of: float = 0.0) -> dict[str, object]:
    """A square POLYGON about the middle of a hexagon, `size` degrees to each side, its middle `of` degrees east."""
    latitude, longitude = h3.cell_to_latlng(cell)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    points = [{"latitude": latitude + size * y, "longitude": longitude + of + size * x} for x, y in corners]
    return {"areaType": "POLYGON", "boundary": points}


def asking(period: tuple[str, str] = NEXT, **changes: object) -> dict[str, Any]:
    """A request about the middle of commune A; a property that is None is left out."""
    body = {"area": around(A), "startTime": period[0], "endTime": period[1], "precision": 7} | changes
    return {name: value for name, value in body.items() if value is not None}


def listed(*geohashes: str, period: tuple[str, str] = NEXT) -> dict[str, Any]:
    """A request about a list of geohashes."""
    return asking(period, precision=None, area={"areaType": "GEOHASHLIST", "geohashes": list(geohashes)})


def geohash_at(cell: str, precision: int) -> str:
    """The geohash around the middle of a hexagon."""
    latitude, longitude = h3.cell_to_latlng(cell)
    tiny = shapely.box(longitude, latitude, longitude + 1e-9, latitude + 1e-9)
    return geohash.texts(area.cover(tiny, precision), precision)[0]
