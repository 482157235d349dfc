"""A server that only this machine can reach: its port, and the signals that end it."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Final

from schemas.errors import SystemFailure

Handler = Callable[[int, FrameType | None], object] | int | None
"""What `signal.signal` takes and gives."""

HOST: Final = "127.0.0.1"


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Take SIGTERM and Ctrl-C as the end of the work, also in a shell's background, where Ctrl-C is ignored."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        restore(before)


def restore(before: Mapping[signal.Signals, Handler]) -> None:
    """Give the signals back to whom they belonged."""
    for number, handler in before.items():
        signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def see_that_it_is_free(port: int) -> None:
    """Raise SystemFailure where a port cannot be used."""
    bound(port).close()


def bound(port: int) -> socket.socket:
    """A socket at a port, at any free one for 0, which its caller closes; raises SystemFailure where it is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port that was in use a moment ago is free.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
    except OSError as error:
        found.close()
        raise SystemFailure(
            f"{HOST}:{port}: expected a free port, found one that cannot be used ({error.strerror})",
            "give another one with --port, or end the program that uses it",
        ) from None
    return found
