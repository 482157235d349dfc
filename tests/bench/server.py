"""The benchmark of the server: a cached feed at a constant rate, beside a bare application that answers the same bytes.

The client is a process of its own with an open loop: request n is due at n / rate whatever became of those before, and
its latency counts from that instant, so that a server that stalls is charged for all that it kept waiting. `--write
FILE` puts the figures into a page.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Final

import uvicorn
import uvloop

from anonymization.atomic import write_bytes
from tests.bench.command import HEXAFLUX
from tests.bench.feeds import build, write_town
from tests.bench.report import machine
from tests.bench.sections import with_section

TITLE: Final = "The server"
PLACES: Final = 30
RATE: Final = 500
SECONDS: Final = 30
CONNECTIONS: Final = 64
TARGET_MS: Final = 50.0
"""Of 99 requests in a hundred."""
PATH: Final = "/v1/town/places"
_HEAD: Final = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def main() -> int:
    """Run it; 1 where the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.server", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for how long each of the two is asked")
    parser.add_argument("--rate", type=int, default=RATE, help="requests a second")
    parser.add_argument("--ask", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--bare", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.ask:
        chosen.out.write_text(json.dumps(uvloop.run(asked(chosen.ask, chosen.rate, chosen.seconds))))
        return 0
    if chosen.bare:
        bare(chosen.bare)
        return 0
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="hexaflux-server-") as temporary:
        ours, theirs, size = both(Path(temporary), chosen.rate, chosen.seconds)
    text = told(ours, theirs, size, chosen.rate, chosen.seconds, load)
    sys.stdout.write(text)
    if chosen.write:
        write_bytes(chosen.write, with_section(chosen.write.read_text(encoding="utf-8"), TITLE, text).encode())
    return 0 if percentile(ours, 99) < TARGET_MS else 1


def both(folder: Path, rate: int, seconds: int) -> tuple[list[float], list[float], int]:
    """The latencies of the server and of the bare application, and the bytes of an answer."""
    config = write_town(folder, PLACES)
    build(config, folder / "feeds")
    with config.open("a", encoding="utf-8") as file:
        file.write("[server]\nrequests_per_minute = 10000000\n")
    answer = folder / "answer"
    with listening(*HEXAFLUX, "serve", str(config), "--port", "0") as port:
        answer.write_bytes(whole(port))
        ours = latencies(port, rate, seconds)
    with listening(sys.executable, "-W", "ignore", "-m", "tests.bench.server", "--bare", str(answer)) as port:
        assert len(whole(port).partition(b"\r\n\r\n")[2]) == len(answer.read_bytes().partition(b"\r\n\r\n")[2])
        theirs = latencies(port, rate, seconds)
    return ours, theirs, len(answer.read_bytes().partition(b"\r\n\r\n")[2])


@contextlib.contextmanager
def listening(*command: str) -> Iterator[int]:
    """The port of a server that tells its address in its first line, and is ended with the context."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=60)


def whole(port: int) -> bytes:
    """An answer as it comes."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def latencies(port: int, rate: int, seconds: int) -> list[float]:
    """Milliseconds from the instant each request was due to its last byte, from a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.server", "--ask", str(port)]
    with tempfile.NamedTemporaryFile("r") as out:
        options = ["--rate", str(rate), "--seconds", str(seconds), "--out", out.name]
        subprocess.run([*command, *options], check=True)
        return [float(each) for each in json.load(out)]


async def asked(port: int, rate: int, seconds: int) -> list[float]:
    """The latencies of all requests; what is due while every connection is busy waits, and is charged for it."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    start, found = time.perf_counter() + 0.2, list[float]()

    async def one(due: float) -> None:
        reader, writer = await free.get()
        try:
            writer.write(_HEAD)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head[:50]
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            found.append(1000 * (time.perf_counter() - due))
            free.put_nowait((reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            # A connection that the server hung up on, as it was idle: the request is asked again, and charged for it.
            free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
            await one(due)

    async with asyncio.TaskGroup() as tasks:
        for number in range(rate * seconds):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(one(due))
    return found


def bare(answer: Path) -> None:
    """Answer the same body and nothing else, in the same server of HTTP."""
    body = answer.read_bytes().partition(b"\r\n\r\n")[2]
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await send(dict(start))
        await send({"type": "http.response.body", "body": body})

    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
    bound.listen()
    config = uvicorn.Config(app, loop="uvloop", http="httptools", ws="none", lifespan="off", log_level="critical")
    uvicorn.Server(config).run([bound])


def percentile(values: list[float], percent: int) -> float:
    """One of the latencies."""
    return quantiles(values, n=100)[percent - 1]


def told(ours: list[float], theirs: list[float], size: int, rate: int, seconds: int, load: float) -> str:
    """The figures as Markdown."""
    verdict = "met" if percentile(ours, 99) < TARGET_MS else "MISSED"
    rows = [
        f"| {name} | {len(found):,} | " + " | ".join(f"{value:.1f}" for value in (*shown(found), max(found))) + " |"
        for name, found in (("`hexaflux serve`", ours), ("bare application", theirs))
    ]
    ratio = percentile(ours, 99) / percentile(theirs, 99)
    return "\n".join(
        (
            f"`make bench-server` asks for a cached feed ({size:,} bytes) {rate} times a second for {seconds} s",
            f"over {CONNECTIONS} connections, from a process of its own with an open loop: latencies count from the",
            "instant a request was due. A bare ASGI application that answers the same bytes is asked in the same run.",
            "",
            *(f"- {line}" for line in machine()),
            f"- load average at the start: {load:.1f}",
            "",
            "| server | answers | median, ms | p90, ms | p99, ms | slowest, ms |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"- ratio of the two at p99: {ratio:.1f}",
            f"- limit: p99 below {TARGET_MS:.0f} ms, {verdict}",
            "",
        )
    )


def shown(found: list[float]) -> tuple[float, ...]:
    """Median, 90th and 99th percentile."""
    return tuple(percentile(found, each) for each in (50, 90, 99))


if __name__ == "__main__":
    sys.exit(main())
