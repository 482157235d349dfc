"""`hexaflux serve`: the services of a configuration on a port of this machine, until a signal ends them."""

import contextlib
import json
import logging
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

import uvicorn
from starlette.types import ASGIApp

from pipelines import loopback
from pipelines.server import oauth2
from pipelines.server.access import Access
from pipelines.server.app import guarded
from pipelines.server.context import Context
from pipelines.server.guard import Guard
from pipelines.server.protocol import Bounded
from pipelines.server.service import all_services
from pipelines.server.settings import Chosen, load
from pipelines.server.store import Store, open_store
from pipelines.server.watched import Log, Told
from schemas.server import ServiceSettings


def serve(config: Path, port: int, ready: Callable[[str], None], log: Log) -> None:
    """Serve a configuration until SIGTERM or Ctrl-C, which let running requests end; `ready` gets the address.

    Raises UsageError for a configuration that cannot be served, SystemFailure where the port is taken or the store
    cannot be opened.
    """
    with loopback.until_stopped():
        chosen = load(config, all_services())
        guard = Guard(chosen.server.clients, chosen.server.requests_per_minute)
        with (
            contextlib.closing(loopback.bound(port)) as listening,
            contextlib.closing(open_store(chosen.server.database, chosen.path.parent)) as store,
        ):
            told = Told(log)
            app = served(chosen, store, guard, told)
            _Server(_options(app, chosen.server.longest_request), told, ready).run([listening])


def served(chosen: Chosen, store: Store, guard: Guard, told: Told) -> ASGIApp:
    """All that a configuration has served, and the endpoint of tokens."""
    services = (*chosen.services, (oauth2.service(guard), ServiceSettings()))
    return guarded(context_of(chosen, store, guard, told), services, told)


def context_of(chosen: Chosen, store: Store, access: Access, told: Told) -> Context:
    """What the services of a configuration are made with."""
    return Context(
        chosen.path.parent,
        chosen.server,
        chosen.town,
        chosen.zone,
        chosen.policy,
        chosen.release,
        store,
        access,
        lambda: datetime.now(chosen.zone).replace(microsecond=0),
        told.tell,
    )


def to_stream(stream: TextIO) -> Log:
    """A log of JSON lines."""

    def write(facts: dict[str, str | int]) -> None:
        stream.write(json.dumps(facts) + "\n")
        stream.flush()

    return write


def _options(app: ASGIApp, longest_request: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Bounded,
        ws="none",
        lifespan="off",
        # What uvicorn logs of an error has the path in it.
        log_config=None,
        log_level=logging.CRITICAL + 1,
        access_log=False,
        server_header=False,
        # A proxy on this machine tells for whom it asks.
        proxy_headers=True,
        forwarded_allow_ips=loopback.HOST,
        timeout_graceful_shutdown=longest_request,
    )


class _Server(uvicorn.Server):
    """A server that says when it answers, and has each minute told once it is over."""

    def __init__(self, config: uvicorn.Config, told: Told, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._told, self._ready = told, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and give the address to whoever waits for it."""
        await super().startup(sockets)
        for listening in sockets or ():
            self._ready(f"http://{loopback.HOST}:{listening.getsockname()[1]}")

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self._told.turn()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, and tell the minute that is not over."""
        await super().shutdown(sockets)
        self._told.flush()
