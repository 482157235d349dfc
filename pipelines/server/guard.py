"""Who is let in: keys and tokens against the file of clients, and how often anybody may ask."""

import hashlib
import hmac
import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final

from starlette.requests import Request

from pipelines.server import clients
from pipelines.server.access import Client
from pipelines.server.clients import Registered
from pipelines.server.rates import Rates
from pipelines.server.refused import Refused
from pipelines.server.tokens import Tokens
from schemas.errors import HexafluxError

KEY_HEADER: Final = "x-api-key"
_REALM: Final = 'realm="hexaflux"'
_COUNTED: Final = "hexaflux.counted"
"""What stands in the scope of a request that was counted."""
_LONGEST: Final = 200
"""Characters of a key or a token; a longer one is none."""


class Guard:
    """The access of a server; safe to ask from several threads.

    Addresses are kept in memory only, as a hash under a key of this process, and as many as there are buckets.
    """

    def __init__(self, path: Path, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.tokens = Tokens(clock)
        self._file = _ClientsFile(path)
        self._rates = Rates(per_minute, clock)
        self._secret = secrets.token_bytes(32)

    def needs(self, request: Request, scope: str, key: str = "") -> Client:
        """The client of a request that has the scope; see `Access.needs`."""
        client = self._proven(request, key or request.headers.get(KEY_HEADER, ""))
        if client is None:
            self.anyone(request)
            raise _unproven(request)
        self._count(f"client {client.name}")
        request.scope[_COUNTED] = True
        if scope not in client.scopes:
            refused = {"www-authenticate": f'Bearer {_REALM}, error="insufficient_scope", scope="{scope}"'}
            raise Refused(403, "PERMISSION_DENIED", f"this client was not given the scope {scope}", refused)
        return client

    def anyone(self, request: Request) -> None:
        """Count a request of an address; see `Access.anyone`."""
        if _COUNTED not in request.scope:
            request.scope[_COUNTED] = True
            self._count(self.address(request))

    def address(self, request: Request) -> bytes:
        """The address of a request as a hash; see `Access.address`."""
        return household(request.client.host if request.client else "", self._secret)

    def named(self, name: str, secret: str) -> Registered | None:
        """The client of a name, if the secret is its key."""
        found = self._file.clients().get(name)
        kept = found.digest if found else "0" * 64
        # Also for a name that is none, so that time does not tell which there are.
        right = hmac.compare_digest(kept, clients.digest(secret))
        return found if right else None

    def _proven(self, request: Request, key: str) -> Client | None:
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and len(bearer) <= _LONGEST:
            return self._of_token(bearer.strip())
        if not key or len(key) > _LONGEST:
            return None
        given = clients.digest(key)
        # All of them are compared, so that time does not tell how far it came.
        found = [each for each in self._file.clients().values() if hmac.compare_digest(each.digest, given)]
        return Client(found[0].name, found[0].scopes) if found else None

    def _of_token(self, bearer: str) -> Client | None:
        token = self.tokens.find(bearer)
        if token is None:
            return None
        # Whoever was removed, or given another key, has no tokens; a scope that was taken away is gone at once.
        now = self._file.clients().get(token.client.name)
        return Client(now.name, now.scopes & token.scopes) if now and now.digest == token.client.digest else None

    def _count(self, key: str | bytes) -> None:
        seconds = self._rates.wait(key)
        if seconds:
            wait = {"retry-after": str(math.ceil(seconds))}
            raise Refused(429, "TOO_MANY_REQUESTS", "too many requests: ask again later", wait)


class _ClientsFile:
    """The file of clients, read again when it changes; one that cannot be read lets nobody in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen = self._signature()
        self._clients: Mapping[str, Registered] = clients.read(path)

    def clients(self) -> Mapping[str, Registered]:
        with self._lock:
            if (found := self._signature()) != self._seen:
                self._seen = found
                try:
                    self._clients = clients.read(self._path)
                except (HexafluxError, OSError):
                    self._clients = {}
            return self._clients

    def _signature(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode


def _unproven(request: Request) -> Refused:
    given = "authorization" in request.headers
    challenge = f'Bearer {_REALM}, error="invalid_token"' if given else f"Bearer {_REALM}"
    message = "an API key or a token is needed, and none or a wrong one came"
    return Refused(401, "UNAUTHENTICATED", message, {"www-authenticate": challenge})


def household(host: str, secret: bytes) -> bytes:
    """A keyed hash of an address, the same for all addresses of a household."""
    return hashlib.blake2b(_network(host), key=secret, digest_size=16).digest()


def _network(host: str) -> bytes:
    """An address; of IPv6 the first 64 bits, all of which one household has."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.encode("utf-8", "replace")[:64]
    return address.packed[:8] if isinstance(address, IPv6Address) and address.ipv4_mapped is None else address.packed
