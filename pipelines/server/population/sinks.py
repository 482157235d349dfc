"""Where an answer may be sent to: a server of the public network over HTTPS, or one that the operator allows.

The name is looked up once, all its addresses are checked, and the connection goes to one that was checked: a name that
changes its address in between (DNS rebinding) reaches nothing. Redirections are not followed.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from schemas.errors import UsageError

IDLE_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 60.0
"""Of a delivery as a whole."""
_PORT: Final = 443
_LABEL: Final = 63
"""Characters between two dots of a name (RFC 1035)."""


class NotAllowedError(Exception):
    """The sink is at an address that nothing is sent to."""


def may_be_sent(sink: str, allowed: Collection[str]) -> bool:
    """Whether a sink is an HTTPS URL without a user, whose host is not by its spelling inside the network."""
    try:
        url = urlsplit(sink)
        host, _ = url.hostname, url.port
    except ValueError:
        return False
    plain = sink.isascii() and sink.isprintable() and " " not in sink
    if not all(0 < len(label) <= _LABEL for label in (host or "").removesuffix(".").split(".")):
        return False
    if url.scheme != "https" or not host or not plain or "@" in url.netloc or url.fragment:
        return False
    return origin(url) in allowed or not (_is_inside(host) or host == "localhost" or host.endswith(".localhost"))


def origin(url: SplitResult) -> str:
    """Scheme, host and port of a URL, the usual port left out."""
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{url.scheme}://{host}" + ("" if url.port in (None, _PORT) else f":{url.port}")


def see_that_they_are_origins(allowed: Collection[str]) -> None:
    """Raise UsageError for an allowed origin that no sink can have, because it is written in another way."""
    for each in allowed:
        if not may_be_sent(each, allowed) or origin(urlsplit(each)) != each:
            raise UsageError(
                "[server.population] sinks: expected origins in small letters, without a path, found something else",
                'write sinks = ["https://sink.intern:8443"]; port 443 is left out',
            )


def post(sink: str, body: bytes, headers: Mapping[str, str], allowed: Collection[str]) -> int:
    """Send a body to a sink, and return the status of its response, of which no more is read.

    Raises NotAllowedError for an address inside the network, OSError or HTTPException where it does not answer in time.
    """
    url = urlsplit(sink)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection = _Connection(url.hostname or "", url.port or _PORT, inside=origin(url) in allowed)
    watch = threading.Timer(LONGEST_SECONDS, connection.abort)
    watch.start()
    try:
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    finally:
        watch.cancel()
        connection.close()


class _Connection(http.client.HTTPSConnection):
    """A connection to one of the addresses of a host that were checked."""

    def __init__(self, host: str, port: int, *, inside: bool) -> None:
        super().__init__(host, port, timeout=IDLE_SECONDS)
        self._inside = inside

    def connect(self) -> None:
        """Look the host up, check its addresses, and connect to the first of them."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not self._inside and any(_is_inside(address) for address in addresses):
            raise NotAllowedError
        self.sock = socket.create_connection((addresses[0], self.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def abort(self) -> None:
        """End what lasts too long, from another thread."""
        with contextlib.suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


def _is_inside(host: str) -> bool:
    """Whether a host is written as an address that is not one of the public network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    checked = mapped or address
    return not checked.is_global or checked.is_multicast
