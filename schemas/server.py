"""`[server]` of a configuration: what the server keeps and where, and what it lets a client ask."""

from dataclasses import dataclass, field
from pathlib import Path

from schemas.configuration import means


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where the server keeps what it is told, and how much it takes."""

    database: str = field(
        default="server.db",
        metadata=means("An SQLite file, or the URL of a PostgreSQL database: `postgresql://user@host/name`.")
        | {"secret": True},
    )
    feeds: Path = field(default=Path("feeds"), metadata=means("The folder that `hexaflux feeds build` writes."))
    clients: Path = field(
        default=Path("clients.json"), metadata=means("Who may ask what: `hexaflux clients` writes it.")
    )
    requests_per_minute: int = field(
        default=600, metadata=means("How often one client, or one address without a key, may ask in a minute.")
    )
    largest_body: int = field(
        default=64, metadata=means("The largest body of a request, in KiB; photos have their own.")
    )
    longest_request: int = field(default=30, metadata=means("How long a request may take to arrive, in seconds."))


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What the table of every service may hold: `[server.NAME]`."""

    enabled: bool = field(default=True, metadata=means("Whether the service answers."))
