"""A sink: an HTTPS server on loopback that keeps what it is sent, and answers as it is told."""

import contextlib
import datetime
import ipaddress
import json
import queue
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Sink:
    """`received`: headers with small letters, and the body, of each request; `certificate`: by which it is trusted."""

    port: int
    certificate: Path
    received: "queue.Queue[tuple[dict[str, str], Any]]" = field(default_factory=queue.Queue)

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"https://127.0.0.1:{self.port}"

    def next(self) -> tuple[dict[str, str], Any]:
        """What came next; raises queue.Empty after 20 seconds."""
        return self.received.get(timeout=20)


@contextlib.contextmanager
def listening(folder: Path, statuses: Sequence[int] = (204,), location: str = "") -> Iterator[Sink]:
    """A sink that answers with these statuses in turn, and then with the last one."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sink.received.put(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            if location:
                self.send_header("location", location)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    chain = _certified(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    sink = Sink(server.server_address[1], chain)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certified(folder: Path) -> Path:
    """A key and its own certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "sink.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return folder / "sink.pem"
