"""Bearer tokens, for which a client gave its secret: in memory, as hashes, for an hour."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipelines.server.clients import Registered, digest

SECONDS: Final = 3600
"""How long a token holds."""
MOST: Final = 20
"""Tokens that one client holds at a time; its oldest one goes first."""
_BYTES: Final = 32


@dataclass(frozen=True)
class Token:
    """What a token stands for: a client as it was then, the scopes it asked for, and when it ends."""

    client: Registered
    scopes: frozenset[str]
    ends: float


class Tokens:
    """The tokens that hold; a restart forgets them, and clients ask for new ones."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._of_clients: dict[str, OrderedDict[str, Token]] = {}

    def issue(self, client: Registered, scopes: frozenset[str]) -> str:
        """A new token."""
        token = f"{client.name}.{secrets.token_urlsafe(_BYTES)}"
        with self._lock:
            held = self._of_clients.setdefault(client.name, OrderedDict())
            held[digest(token)] = Token(client, scopes, self._clock() + SECONDS)
            if len(held) > MOST:
                held.popitem(last=False)
        return token

    def find(self, token: str) -> Token | None:
        """What a token stands for, or None for one that is unknown or has ended."""
        name = token.rpartition(".")[0]
        with self._lock:
            # Found by its hash: how long that takes says nothing of tokens that are close.
            found = self._of_clients.get(name, OrderedDict()).get(digest(token))
        return found if found and found.ends > self._clock() else None
