import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.anonymization.releases import draft, publish
from tests.cli.command import assert_refused, call
from tests.dashboards.town_feeds import write_feeds


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return publish(tmp_path / "release", draft())


@pytest.fixture
def port() -> int:
    """A port that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    return number


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(release: Path, port: int, *more: object) -> subprocess.Popen[str]:
    script = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", script, "dashboard", str(release), "--port", str(port), *map(str, more)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_it_answers_at_the_printed_address_and_ends_with_its_child(
    sound: Path, port: int, number: signal.Signals
) -> None:
    program = start(sound, port)
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == f"Dashboard: http://127.0.0.1:{port}\n"
        for path in ("/", "/dwell", "/_stcore/health"):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            assert connection.getresponse().status == 200
            connection.close()
        program.send_signal(number)
        out, err = program.communicate(timeout=20)
    finally:
        program.kill()
    assert (program.returncode, out, err) == (0, "", "")
    assert not listens(port)


def test_a_port_in_use_is_a_system_failure(
    sound: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = call(monkeypatch, capfd, "dashboard", sound, "--port", port)
    assert_refused(ran, 4, f"127.0.0.1:{port}", "--port")


def test_a_tampered_release_is_refused_with_the_reason(
    sound: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = sound / "dwell" / "date=2026-06-20" / "part-0.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    assert_refused(call(monkeypatch, capfd, "dashboard", sound), 1, "dwell/date=2026-06-20/part-0.parquet", "audit")


def test_what_is_no_folder_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_refused(call(monkeypatch, capfd, "dashboard", tmp_path / "none"), 2, "found nothing")


def test_the_server_is_told_where_the_feeds_are(sound: Path, port: int, tmp_path: Path) -> None:
    program = start(sound, port, "--feeds", write_feeds(tmp_path / "town"))
    try:
        assert program.stdout is not None
        program.stdout.readline()
        (child,) = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        told = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=20)
    finally:
        program.kill()
    assert f"HEXAFLUX_FEEDS={tmp_path / 'town'}".encode() in told


@pytest.mark.parametrize("there", [False, True])
def test_feeds_that_are_no_folder_are_a_usage_error(
    sound: Path, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if there:
        (tmp_path / "town").write_text("")
    ran = call(monkeypatch, capfd, "dashboard", sound, "--feeds", tmp_path / "town")
    assert_refused(ran, 2, "expected a folder of feeds", "hexaflux feeds build")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_an_impossible_port_is_a_usage_error(
    sound: Path, port: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_refused(call(monkeypatch, capfd, "dashboard", sound, "--port", port), 2, "--port")
