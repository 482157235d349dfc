"""Malformed requests leave the server and what it holds as they were."""

import contextlib
import hashlib
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import MetaData, select, update

from pipelines.server.consultations.tables import BOX
from pipelines.server.service import all_services
from pipelines.server.settings import load
from pipelines.server.store import open_store
from tests.server import made, whole
from tests.server.malformed import KINDS, rare, requests

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


def held(config: Path) -> dict[str, object]:
    """What the server holds: the rows of every table, and the digest of every file but those of the database."""
    folder, database = config.parent, load(config, all_services()).server.database
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("server.db")]
    digests = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}
    with contextlib.closing(open_store(database, folder)) as store, store.reading() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return digests | {
            name: sorted(map(repr, connection.execute(select(tables.tables[name])))) for name in tables.tables
        }


def memory(pid: int) -> float:
    """MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def survives(config: Path, count: int, seed: int) -> None:
    with made.running(config) as server:
        address = f"http://127.0.0.1:{server.port}"
        for request in requests(len(KINDS) * 5, seed + 1):
            answers(server.port, request)
        before, used = held(config), memory(server.process.pid)
        feeds = httpx.get(f"{address}/v1/dijon", timeout=30).content
        with ThreadPoolExecutor(8) as pool:
            sent = [*rare(), *requests(count, seed)]
            found = list(pool.map(lambda request: answers(server.port, request), sent))
        statuses = {status for each in found for status in each}
        assert {status for status in statuses if status >= 500} == set(), statuses
        assert {400, 404, 405, 413, 431} <= statuses
        assert httpx.get(f"{address}/v1/dijon", timeout=30).content == feeds
        assert httpx.get(f"{address}/health", timeout=30).json() == {"status": "ok"}
        assert held(config) == before
        assert memory(server.process.pid) - used < 100
        code, errors = server.end()
    assert code == 0
    assert "failed" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_500_malformed_requests_leave_the_server_and_its_data_unchanged(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    named = "server.db" if database == "sqlite" else request.getfixturevalue("postgresql").database("malformed")
    survives(whole.configuration(tmp_path, named), 330, seed=1)


def test_what_is_held_is_compared_with_the_smallest_change_of_a_row_or_a_file(tmp_path: Path) -> None:
    config = whole.configuration(tmp_path)
    with contextlib.closing(open_store("server.db", tmp_path)) as store:
        before = held(config)
        assert before["consultations"]
        assert held(config) == before
        store.write(lambda connection: connection.execute(update(BOX).where(BOX.c.choice == "yes").values(people=1)))
        after = held(config)
    assert {name for name in before if before[name] != after[name]} == {BOX.name}
    (tmp_path / "feeds/report.json").write_text("{}")
    assert held(config) != after


@pytest.mark.slow
def test_10_000_malformed_requests_leave_the_server_and_its_data_unchanged(tmp_path: Path) -> None:
    survives(whole.configuration(tmp_path), 10_000, seed=2)
