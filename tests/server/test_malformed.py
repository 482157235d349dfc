"""Malformed requests leave the server and what it holds as they were."""

import hashlib
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.server import made, whole
from tests.server.malformed import KINDS, requests

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def answers(port: int, request: bytes) -> list[int]:
    """The statuses that came back until the server hung up, or said nothing for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.settimeout(0.3)
        found = bytearray()
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                found += piece
        except (TimeoutError, ConnectionError):
            pass
    return [int(status) for status in _STATUS.findall(bytes(found))]


def digest(config: Path) -> dict[str, str]:
    """Of every file that the server holds; the log of SQLite is of what the database says."""
    folder = config.parent
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def memory(pid: int) -> float:
    """MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def survives(config: Path, count: int, seed: int) -> None:
    with made.running(config) as server:
        address = f"http://127.0.0.1:{server.port}"
        for request in requests(len(KINDS) * 5, seed + 1):
            answers(server.port, request)
        before, held = digest(config), memory(server.process.pid)
        feeds = httpx.get(f"{address}/v1/dijon", timeout=30).content
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda request: answers(server.port, request), requests(count, seed)))
        statuses = {status for each in found for status in each}
        assert {status for status in statuses if status >= 500} == set(), statuses
        assert {400, 404, 405, 413, 431} <= statuses
        assert httpx.get(f"{address}/v1/dijon", timeout=30).content == feeds
        assert httpx.get(f"{address}/health", timeout=30).json() == {"status": "ok"}
        assert digest(config) == before
        assert memory(server.process.pid) - held < 100
        code, errors = server.end()
    assert code == 0
    assert "failed" not in errors
    assert "Traceback" not in errors


def test_240_malformed_requests_leave_the_server_and_its_data_unchanged(tmp_path: Path) -> None:
    survives(whole.configuration(tmp_path), 240, seed=1)


@pytest.mark.slow
def test_10_000_malformed_requests_leave_the_server_and_its_data_unchanged(tmp_path: Path) -> None:
    survives(whole.configuration(tmp_path), 10_000, seed=2)
