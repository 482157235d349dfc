"""Keeps the servers that Beam starts for Python workers, and its job server, on loopback.

They listen on all interfaces otherwise, with no setting to say where: the class that starts them takes the port of its
loopback address and drops the rest.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.flink_errors import FlinkError

CLASS: Final = "org/apache/beam/sdk/fn/server/ServerFactory$InetSocketAddressServerFactory.class"

# How many constants the class has.
_COUNT: Final = slice(8, 10)


@dataclass(frozen=True)
class Layout:
    """Where a release of Beam has in this class what is changed.

    `grpc`: the version in the names of its packages. `after`: what follows the last constant, before which goes one
    more, for the descriptor of the other method. `named`: the name of the method and its descriptor, which another
    method has as well. `calls`: invokevirtual getPort, invokestatic forPort.
    """

    sha256: str
    grpc: bytes
    after: bytes
    named: bytes
    calls: bytes


PYFLINK: Final = Layout(
    "c1118447c1a3ca918c1a766c1319a42789455667f0ad312689ffabed3849cfe9",
    b"v1p60p1",
    b"\x00\x21\x00\x2a\x00\x01\x00\x00\x00\x02",
    b"\x0c\x00\xc9\x00\xca",
    b"\xb6\x00\x18\xb8\x00\x19",
)
JOB_SERVER: Final = Layout(
    "93b5a86013416deb22c25aef442c20d57cc5aec9ae73d000ddb667601ef45f2c",
    b"v1p69p0",
    b"\x00\x21\x00\x02\x00\x04\x00\x00\x00\x02",
    b"\x0c\x00\xa3\x00\xa4",
    b"\xb6\x00\xa0\xb8\x00\xa6",
)


def write_class(jar: Path, folder: Path, layout: Layout = PYFLINK) -> None:
    """Write the class anew into a folder of classes; raises FlinkError where the jar holds another one."""
    with zipfile.ZipFile(jar) as archive:
        found = archive.read(CLASS)
    if hashlib.sha256(found).hexdigest() != layout.sha256:
        raise FlinkError(f"{jar.name} holds another {CLASS}: see on which addresses it listens")
    path = folder / CLASS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(on_loopback(found, layout))


def on_loopback(found: bytes, layout: Layout) -> bytes:
    """The class with `forAddress(socket)` in the place of `forPort(socket.getPort())`."""
    count = int.from_bytes(found[_COUNT], "big")
    builder = b"Lorg/apache/beam/vendor/grpc/" + layout.grpc + b"/io/grpc/netty/NettyServerBuilder;"
    descriptor = _text(b"(Ljava/net/SocketAddress;)" + builder)
    changed = found[: _COUNT.start] + (count + 1).to_bytes(2, "big") + found[_COUNT.stop :]
    changed = _once(changed, layout.after, descriptor + layout.after)
    changed = _once(changed, _text(b"forPort"), _text(b"forAddress"))
    changed = _once(changed, layout.named, layout.named[:3] + count.to_bytes(2, "big"))
    # Three bytes that do nothing: the address itself is what is handed on.
    return _once(changed, layout.calls, b"\0\0\0" + layout.calls[3:])


def _text(text: bytes) -> bytes:
    """A constant that holds a text."""
    return b"\x01" + len(text).to_bytes(2, "big") + text


def _once(within: bytes, old: bytes, new: bytes) -> bytes:
    if within.count(old) != 1:
        raise FlinkError(f"expected {old!r} once in {CLASS}, found it {within.count(old)} times")
    return within.replace(old, new)
