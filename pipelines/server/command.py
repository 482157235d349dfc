"""`hexaflux serve`: the services of a configuration on a port of this machine, until a signal ends them."""

import contextlib
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import uvicorn

from pipelines import loopback
from pipelines.server.app import application
from pipelines.server.context import Context
from pipelines.server.guard import Guard
from pipelines.server.service import all_services
from pipelines.server.settings import Chosen, load
from pipelines.server.store import Store, open_store


def serve(config: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve a configuration until SIGTERM or Ctrl-C, which let running requests end; `ready` gets the address.

    Raises UsageError for a configuration that cannot be served, SystemFailure where the port is taken or the store
    cannot be opened.
    """
    with loopback.until_stopped():
        chosen = load(config, all_services())
        with (
            contextlib.closing(loopback.bound(port)) as listening,
            contextlib.closing(open_store(chosen.server.database, chosen.path.parent)) as store,
        ):
            run(chosen, context_of(chosen, store), listening, ready)


def context_of(chosen: Chosen, store: Store) -> Context:
    """What the services of a configuration are made with."""
    return Context(
        chosen.path.parent,
        chosen.server,
        chosen.town,
        chosen.zone,
        chosen.policy,
        chosen.release,
        store,
        Guard(chosen.server.clients, chosen.server.requests_per_minute),
        lambda: datetime.now(chosen.zone).replace(microsecond=0),
    )


def run(chosen: Chosen, context: Context, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Answer at a socket until a signal."""
    config = uvicorn.Config(
        application(context, chosen.services),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        # A proxy on this machine tells for whom it asks.
        proxy_headers=True,
        forwarded_allow_ips=loopback.HOST,
        timeout_graceful_shutdown=chosen.server.longest_request,
    )
    _Server(config, ready).run([listening])


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and give the address to whoever waits for it."""
        await super().startup(sockets)
        for listening in sockets or ():
            self._ready(f"http://{loopback.HOST}:{listening.getsockname()[1]}")
