"""`[server]` of a configuration, and the table of each of its services, checked key by key."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines import declared_table
from pipelines.configuration import load_shared, release_of
from pipelines.configuration_errors import refusal, shown, unknown
from pipelines.feeds import settings as feeds
from pipelines.server.service import Service
from schemas.feeds import Town
from schemas.server import Server, ServiceSettings

MOST: Final = 10_000_000
"""Of every limit that is a number: a larger one would be none."""


@dataclass(frozen=True)
class Chosen:
    """What a configuration asks to be served; `town` and `release` are None where it has none."""

    path: Path
    server: Server
    town: Town | None
    zone: ZoneInfo
    policy: Policy
    release: Path | None
    services: tuple[tuple[Service, ServiceSettings], ...]


def load(path: Path, known: Mapping[str, Service]) -> Chosen:
    """Read `[server]`, `[feeds.town]`, `[release]`, `[area]` and `[policy]` of a configuration; each may be absent.

    Raises UsageError, which names the key, what was expected, what was found and what to write instead.
    """
    configuration = load_shared(path)
    folder = configuration.path.parent
    tables = {name: value for name, value in configuration.server.items() if name in known}
    keys = {name: value for name, value in configuration.server.items() if name not in known}
    for name, value in keys.items():
        if name not in (own := [item.name for item in fields(Server)]):
            raise unknown(("server", name), (*own, *known))
        if isinstance(value, dict):
            raise refusal(("server", name), "a value", shown(value), f"remove [server.{name}]")
    server = declared_table.read(keys, ("server",), Server, folder)
    _see_that_limits_are_some(server)
    chosen = [_service(service, tables.get(name), folder) for name, service in known.items()]
    return Chosen(
        configuration.path,
        server,
        feeds.town(configuration),
        ZoneInfo(configuration.area.timezone),
        Policy.of(configuration.policy, configuration.test),
        release_of(configuration.path),
        tuple((service, settings) for service, settings in chosen if settings.enabled),
    )


def _see_that_limits_are_some(server: Server) -> None:
    for name in (item.name for item in fields(Server)):
        value = getattr(server, name)
        if isinstance(value, int) and not 1 <= value <= MOST:
            raise refusal(
                ("server", name), f"a whole number from 1 to {MOST:,}", shown(value), "leave it out, or raise it"
            )


def _service(service: Service, table: object, folder: Path) -> tuple[Service, ServiceSettings]:
    if table is None:
        return service, ServiceSettings(enabled=False) if not service.always else service.settings()
    if not isinstance(table, dict):
        raise refusal(("server", service.name), "a table", shown(table), f"write [server.{service.name}]")
    return service, declared_table.read(table, ("server", service.name), service.settings, folder)
