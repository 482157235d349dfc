"""`hexaflux serve` and `hexaflux clients` as an operator meets them."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from pipelines.server.settings import load
from schemas.errors import UsageError
from tests.cli.command import Ran, call
from tests.feeds import town
from tests.server import made


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_its_log_tells_what_was_asked(config: Path, by: int) -> None:
    with made.running(config) as server:
        assert httpx.get(f"http://127.0.0.1:{server.port}/v1/dijon").status_code == 200
        code, errors = server.end(by)
    assert code == 0
    [line] = [json.loads(line) for line in errors.splitlines()]
    assert (line["event"], line["route"], line["count"]) == ("requests", "/v1/{town}", 1)


def test_a_request_that_runs_is_answered_before_the_server_ends(config: Path) -> None:
    head = b"POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n"
    with made.running(config) as server, socket.create_connection(("127.0.0.1", server.port), 20) as asked:
        asked.sendall(head + b"x")
        # Asked after it, so that the server has begun with the first request.
        assert httpx.get(f"http://127.0.0.1:{server.port}/health").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(timeout=1)
        asked.sendall(b"x")
        assert asked.recv(1000).startswith(b"HTTP/1.1 400 ")
        assert server.process.wait(timeout=20) == 0


def test_only_this_machine_reaches_the_server(config: Path) -> None:
    with made.running(config) as server:
        listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        hosts = {line.split()[1].split(":")[0] for line in listening.splitlines() if f":{server.port:04X} 0" in line}
    assert hosts == {"0100007F"}


def test_a_port_that_is_taken_ends_the_command_with_4(
    config: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = call(monkeypatch, capfd, "serve", config, "--port", taken.getsockname()[1])
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("Error: 127.0.0.1:")
    assert ran.err.splitlines()[1].startswith("Hint: ")


def test_clients_are_added_listed_and_removed_and_a_key_is_shown_once(
    config: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def clients(*arguments: object) -> Ran:
        return call(monkeypatch, capfd, "clients", *arguments)

    key = clients("add", config, "town-hall", "--scope", "population:read", "--scope", "other").out.strip()
    assert key.startswith("hexaflux_")
    listed = clients("list", config, "--json")
    [client] = json.loads(listed.out)
    assert (client["name"], client["scopes"]) == ("town-hall", ["other", "population:read"])
    assert key not in listed.out + (config.parent / "clients.json").read_text()
    assert clients("add", config, "town-hall", "--scope", "x").code == 2
    assert clients("remove", config, "town-hall").code == 0
    assert clients("remove", config, "town-hall").code == 2


@pytest.mark.parametrize("key", ["requests_per_minute", "largest_body", "longest_request"])
@pytest.mark.parametrize(("value", "fine"), [(0, False), (1, True), (10_000_000, True), (10_000_001, False)])
def test_a_limit_is_at_least_one(tmp_path: Path, key: str, value: int, fine: bool) -> None:
    config = town.write(tmp_path, town=town.TOWN + f"[server]\n{key} = {value}\n")
    if fine:
        assert getattr(load(config, {}).server, key) == value
        return
    with pytest.raises(UsageError, match=rf"\[server\] {key}: expected a whole number from 1"):
        load(config, {})
