"""A server of reports in a folder: its clients, its clock, and what tests send it."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from starlette.requests import Request
from starlette.testclient import TestClient

from anonymization.policy import Policy
from pipelines.server.access import Client
from pipelines.server.app import application
from pipelines.server.context import Context
from pipelines.server.refused import Refused
from pipelines.server.reports.settings import ReportsSettings
from pipelines.server.services.reports import SERVICE
from pipelines.server.store import Store, open_store
from schemas.feeds import Town
from schemas.server import Server

ZONE = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 6, 20, 12, tzinfo=ZONE)
BASE = "/open311/v2"
KEYS = {"writer": {"reports:write"}, "desk": {"reports:manage"}, "reader": {"population:read"}}
FAULT = {"api_key": "writer", "service_code": "line", "lat": "47.3216", "long": "5.0415"}


class Keys:
    """Access by keys that are the names of clients."""

    def needs(self, request: Request, scope: str, key: str = "") -> Client:
        key = key or request.headers.get("x-api-key", "")
        if key not in KEYS:
            raise Refused(401, "UNAUTHENTICATED", "an API key is needed", {"www-authenticate": "Bearer"})
        if scope not in KEYS[key]:
            raise Refused(403, "PERMISSION_DENIED", "this client was not given the scope")
        return Client(key, frozenset(KEYS[key]))

    def anyone(self, request: Request) -> None:
        pass

    def address(self, request: Request) -> bytes:
        return request.client.host.encode() if request.client else b""


@dataclass
class Clock:
    """What time it is."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def after(self, **passed: float) -> None:
        self.at = (self.at.astimezone(UTC) + timedelta(**passed)).astimezone(ZONE)


@dataclass
class Served:
    """A server, its store and its clock."""

    folder: Path
    store: Store
    clock: Clock = field(default_factory=Clock)

    def client(self, town: Town | None = None, release: Path | None = None, **settings: object) -> TestClient:
        """A client of the server that starts with these settings."""
        context = Context(
            self.folder, Server(), town, ZONE, Policy(20, 0.8, 5, test=False), release, self.store, Keys(), self.clock
        )
        chosen = ReportsSettings(**{"contact": "reseau@town.example", "photos": self.folder / "photos"} | settings)
        self.app = application(context, [(SERVICE, chosen)])
        return TestClient(self.app, follow_redirects=False)


def served(folder: Path, database: str = "server.db") -> Served:
    return Served(folder, open_store(database, folder))


def sent(client: TestClient, **fields: object) -> str:
    """Report a fault, and say its identifier."""
    answered = client.post(f"{BASE}/requests.json", data=FAULT | fields)
    assert answered.status_code == 200, answered.text
    return answered.json()[0]["service_request_id"]


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()
