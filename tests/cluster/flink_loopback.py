"""Keeps the servers that TaskManagers start for Python workers on loopback.

They listen on all interfaces otherwise, with no setting to say where: the class of Beam that starts them takes the port
of its loopback address and drops the rest.
"""

import hashlib
import zipfile
from pathlib import Path
from typing import Final

from tests.cluster.flink_errors import FlinkError

CLASS: Final = "org/apache/beam/sdk/fn/server/ServerFactory$InetSocketAddressServerFactory.class"

_SHA256: Final = "c1118447c1a3ca918c1a766c1319a42789455667f0ad312689ffabed3849cfe9"
_BUILDER: Final = b"Lorg/apache/beam/vendor/grpc/v1p60p1/io/grpc/netty/NettyServerBuilder;"
# The constants of the class: their count, one more for the descriptor of the other method, and what follows the last.
_COUNT: Final = slice(8, 10)
_AFTER: Final = b"\x00\x21\x00\x2a\x00\x01\x00\x00\x00\x02"
# The name of the method, 201, and its descriptor, 202, which another method has as well.
_NAMED: Final = b"\x0c\x00\xc9\x00\xca"
# invokevirtual getPort, invokestatic forPort.
_CALLS: Final = b"\xb6\x00\x18\xb8\x00\x19"


def write_class(jar: Path, folder: Path) -> None:
    """Write the class anew into a folder of classes; raises FlinkError where the jar holds another one."""
    with zipfile.ZipFile(jar) as archive:
        found = archive.read(CLASS)
    if hashlib.sha256(found).hexdigest() != _SHA256:
        raise FlinkError(f"{jar.name} holds another {CLASS}: see on which addresses it listens")
    path = folder / CLASS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(on_loopback(found))


def on_loopback(found: bytes) -> bytes:
    """The class with `forAddress(socket)` in the place of `forPort(socket.getPort())`."""
    count = int.from_bytes(found[_COUNT], "big")
    descriptor = _text(b"(Ljava/net/SocketAddress;)" + _BUILDER)
    changed = found[: _COUNT.start] + (count + 1).to_bytes(2, "big") + found[_COUNT.stop :]
    changed = _once(changed, _AFTER, descriptor + _AFTER)
    changed = _once(changed, _text(b"forPort"), _text(b"forAddress"))
    changed = _once(changed, _NAMED, _NAMED[:3] + count.to_bytes(2, "big"))
    # Three bytes that do nothing: the address itself is what is handed on.
    return _once(changed, _CALLS, b"\0\0\0" + _CALLS[3:])


def _text(text: bytes) -> bytes:
    """A constant that holds a text."""
    return b"\x01" + len(text).to_bytes(2, "big") + text


def _once(within: bytes, old: bytes, new: bytes) -> bytes:
    if within.count(old) != 1:
        raise FlinkError(f"expected {old!r} once in {CLASS}, found it {within.count(old)} times")
    return within.replace(old, new)
