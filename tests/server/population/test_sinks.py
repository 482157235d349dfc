"""Where nothing is sent to, and how often it is tried."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from pipelines.server.population import callback, sinks
from pipelines.server.population.callback import Callbacks, Operation
from pipelines.server.refused import Refused
from schemas.errors import CheckFailed, UsageError
from tests.server.population.sink import Sink, listening
from tests.server.population.town import NOW, Town, asking


def operation(
    sink: str,
    answer: Callable[[], bytes] = lambda: b'{"a":1}',
    expires: datetime | None = None,
    client: str = "drones",
) -> Operation:
    return Operation(client, "one", answer, sink, "secret", expires, "corr")


def made(allowed: tuple[str, ...] = (), pauses: tuple[float, ...] = ()) -> tuple[Callbacks, list[Mapping[str, str]]]:
    """Callbacks, and the list of what they tell the operator."""
    told: list[Mapping[str, str]] = []
    return Callbacks(allowed, lambda: NOW, told.append, pauses), told


def carried_out(callbacks: Callbacks) -> bool:
    """Wait until nothing waits and nothing is being sent; whether that came about within 10 s."""
    with callbacks._changed:
        return callbacks._changed.wait_for(lambda: not callbacks._waiting and not callbacks._served, 10)


def delivered(sink: str, allowed: tuple[str, ...] = (), expires: datetime | None = None) -> str:
    """What goes wrong in sending, with two more attempts and no pause."""
    return made(allowed, (0.0, 0.0))[0]._deliver(operation(sink, expires=expires), b'{"a":1}')


def _until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.001)
    return holds()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sink]]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "sink.pem"))
    opened = []

    def begin(*statuses: int, location: str = "") -> Sink:
        opened.append(listening(tmp_path, statuses, location))
        return opened[-1].__enter__()

    yield begin
    for each in opened:
        each.__exit__(None, None, None)


@pytest.mark.parametrize(
    "sink",
    [
        "https://127.0.0.1/",
        "https://127.0.0.1:8443/x",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://a.localhost/",
        "http://sink.example/",
        "https://user:password@sink.example/",
        "https://sink.example/#part",
        "https://sink.example:0x50/",
        "https://sink.example:99999/",
        "https://sink.example/a b",
        "https://sink.example/\r\nx: y",
        "https://",
        "https:///path",
        "https://" + "a" * 64 + ".example/",
        "https://a..example/",
    ],
)
def test_a_sink_inside_the_network_or_of_another_form_is_refused(sink: str) -> None:
    assert not sinks.may_be_sent(sink, ())


@pytest.mark.parametrize("sink", ["https://sink.example", "https://sink.example:8443/a?b=c", "https://93.184.216.34/"])
def test_a_public_sink_is_taken(sink: str) -> None:
    assert sinks.may_be_sent(sink, ())


def test_an_origin_that_the_operator_allows_is_taken_and_no_other_port_of_it() -> None:
    allowed = ("https://127.0.0.1:8443", "https://[::1]")
    assert sinks.may_be_sent("https://127.0.0.1:8443/x", allowed)
    assert sinks.may_be_sent("https://[::1]:443/x", allowed)
    assert not sinks.may_be_sent("https://127.0.0.1:8444/x", allowed)


@pytest.mark.parametrize(
    "written", ["https://sink.intern/", "http://sink.intern", "sink.intern", "https://Sink.intern", "https://a:443", ""]
)
def test_an_allowed_origin_that_no_sink_can_have_is_told(written: str) -> None:
    sinks.see_that_they_are_origins(["https://sink.intern:8443", "https://127.0.0.1"])
    with pytest.raises(UsageError, match="sinks"):
        sinks.see_that_they_are_origins([written])


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"]])
def test_a_name_with_an_address_inside_the_network_is_never_connected_to(addresses: list[str]) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    with (
        mock.patch("socket.getaddrinfo", return_value=found) as looked_up,
        mock.patch("socket.create_connection", side_effect=OSError) as connected,
    ):
        outcome = delivered("https://sink.example/")
    assert outcome == "the sink is inside the network"
    assert looked_up.call_count == 1
    assert not connected.called


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
def test_an_address_in_another_spelling_is_looked_up_and_refused(host: str) -> None:
    assert delivered(f"https://{host}/") == "the sink is inside the network"


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    with (
        mock.patch("socket.getaddrinfo", return_value=found),
        mock.patch("socket.create_connection", side_effect=OSError) as connected,
    ):
        assert delivered("https://sink.example/") == "not delivered (OSError)"
    assert {call.args[0] for call in connected.call_args_list} == {("93.184.216.34", 443)}
    assert connected.call_count == 3


def test_a_sink_that_is_busy_is_tried_again(trusted: Callable[..., Sink]) -> None:
    sink = trusted(503, 429, 204)
    assert delivered(f"{sink.origin}/", (sink.origin,)) == ""
    assert sink.received.qsize() == 3


@pytest.mark.parametrize("status", [400, 401, 403, 410])
def test_a_sink_that_refuses_is_not_tried_again(trusted: Callable[..., Sink], status: int) -> None:
    sink = trusted(status)
    assert delivered(f"{sink.origin}/", (sink.origin,)) == f"the sink answered {status}"
    assert sink.received.qsize() == 1


def test_a_redirection_is_not_followed(trusted: Callable[..., Sink]) -> None:
    other = trusted(204)
    sink = trusted(307, location=f"{other.origin}/elsewhere")
    assert delivered(f"{sink.origin}/", (sink.origin, other.origin)) == "the sink answered 307"
    assert other.received.empty()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    trusted: Callable[..., Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = trusted(204)
    monkeypatch.delenv("SSL_CERT_FILE")
    assert delivered(f"{sink.origin}/", (sink.origin,)) == "not delivered (SSLCertVerificationError)"
    assert sink.received.empty()


def test_a_token_that_has_expired_is_sent_no_more() -> None:
    assert delivered("https://sink.example/", expires=NOW - timedelta(seconds=1)) == "the token has expired"


def test_a_sink_that_says_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "LONGEST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"https://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr(sinks, "IDLE_SECONDS", 0.5)
        assert delivered(f"{origin}/", (origin,)).startswith("not delivered")


def test_a_sink_that_cannot_be_named_does_not_end_what_serves_the_others(trusted: Callable[..., Sink]) -> None:
    sink = trusted(204)
    callbacks, told = made((sink.origin,))
    with mock.patch.object(sinks, "post", side_effect=UnicodeError):
        for _ in range(callback.WORKERS * 2):
            callbacks.submit(operation("https://sink.example/"))
        assert carried_out(callbacks)
    callbacks.submit(operation(f"{sink.origin}/"))
    assert sink.next()[1] == {"a": 1}
    assert {each["why"] for each in told} == {"not delivered (UnicodeError)"}


def test_the_operator_is_told_of_a_callback_that_failed_and_not_of_one_that_came(trusted: Callable[..., Sink]) -> None:
    sink = trusted(204, 410)
    callbacks, told = made((sink.origin,))

    def broken() -> bytes:
        raise CheckFailed("damaged", "restore it")

    callbacks.submit(operation(f"{sink.origin}/secret-path", client="secret-client"))
    callbacks.submit(operation(f"{sink.origin}/secret-path", broken, client="secret-client"))
    assert carried_out(callbacks)
    whys = ["not completed (CheckFailed)", "the sink answered 410"]
    assert told == [{"event": "callback failed", "operation": "one", "why": why} for why in whys]


def test_a_client_whose_sink_says_nothing_holds_up_no_other_client(trusted: Callable[..., Sink]) -> None:
    sink = trusted(204)
    callbacks, _ = made((sink.origin,))
    goes_on = threading.Event()

    def silent() -> bytes:
        goes_on.wait(10)
        return b"{}"

    # One is being carried out, and as many wait as may.
    for _ in range(callback.MOST_OF_CLIENT + 1):
        callbacks.submit(operation("https://127.0.0.1/", silent, client="slow"))
        assert _until(lambda: "slow" in callbacks._served)
    with pytest.raises(Refused):
        callbacks.submit(operation("https://127.0.0.1/", silent, client="slow"))
    for _ in range(2):
        callbacks.submit(operation(f"{sink.origin}/", client="quick"))
        assert sink.next()[1] == {"a": 1}
    goes_on.set()
    assert carried_out(callbacks)


def test_what_waits_is_of_the_client_that_asked(town: Town) -> None:
    with mock.patch.object(Callbacks, "submit") as submitted:
        assert town.ask(asking(sink="https://sink.example/")).status_code == 202
    assert submitted.call_args.args[0].client == "drones"


def test_more_than_the_queue_holds_is_refused_and_no_secret_is_shown() -> None:
    callbacks, _ = made()
    with mock.patch.object(callback.threading, "Thread"):
        for at in range(callback.MOST_WAITING):
            callbacks.submit(operation("https://sink.example/secret-path", client=str(at)))
        with pytest.raises(Refused) as refused:
            callbacks.submit(operation("https://sink.example/"))
    assert (refused.value.status, refused.value.code) == (429, "TOO_MANY_REQUESTS")
    assert "secret" not in repr(operation("https://sink.example/secret-path"))
