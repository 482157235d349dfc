"""Keys, tokens and rates, each as a client meets it."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from pipelines.server import clients, oauth2, tokens
from pipelines.server.clients import add, read, remove
from pipelines.server.guard import Guard
from pipelines.server.rates import MOST, Rates
from pipelines.server.refused import Refused
from schemas.errors import HexafluxError, InputError, SystemFailure, UsageError

SCOPE = "population:read"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Door:
    """One path that needs a scope and one that does not, and the endpoint of tokens."""

    def __init__(self, folder: Path, per_minute: int = 6000) -> None:
        self.clock, self.file = Clock(), folder / "clients.json"
        self.key = add(self.file, "a", [SCOPE, "other"])
        self.guard = Guard(self.file, per_minute, self.clock)
        service = oauth2.service(self.guard)
        app = FastAPI()
        app.include_router(service.routes(None, None))
        app.add_exception_handler(Refused, lambda request, error: service.refusal(request.url.path, error))
        app.add_api_route("/in", self._in)
        app.add_api_route("/open", self._open)
        self.ask = TestClient(app)

    def _in(self, request: Request, scope: str = SCOPE) -> str:
        return self.guard.needs(request, scope).name

    def _open(self, request: Request) -> None:
        self.guard.anyone(request)

    def token(self, form: dict | None = None, **headers: str):
        usual = {"grant_type": "client_credentials", "client_id": "a", "client_secret": self.key}
        return self.ask.post("/oauth2/token", data=usual if form is None else form, headers=headers)

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token().json()['access_token']}"}


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_the_file_of_clients_holds_no_key_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    key = add(path, "a", [SCOPE])
    text = path.read_text()
    assert key.removeprefix(clients.PREFIX) not in text
    assert hashlib.sha256(key.encode()).hexdigest() in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(key.removeprefix(clients.PREFIX)) == 43


@pytest.mark.parametrize("name", ["", "a b", "é", "a" * 65, "-a", "a:b"])
def test_a_name_that_a_header_could_not_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        add(tmp_path / "clients.json", name, [SCOPE])


@pytest.mark.parametrize("scopes", [[], [""], ["a b"], ['"'], ["é"]])
def test_a_scope_that_a_token_could_not_hold_is_refused(tmp_path: Path, scopes: list[str]) -> None:
    with pytest.raises(UsageError):
        add(tmp_path / "clients.json", "a", scopes)


def test_a_client_is_added_once_and_removed_once(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    add(path, "a", [SCOPE])
    with pytest.raises(UsageError):
        add(path, "a", [SCOPE])
    remove(path, "a")
    assert read(path) == {}
    with pytest.raises(UsageError):
        remove(path, "a")


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_lets_nobody_in(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "clients.json"
    add(path, "a", [SCOPE])
    path.chmod(mode)
    with pytest.raises(SystemFailure):
        read(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"clients": [1]}', '{"clients": [{"name": "a", "sha256": "00"}]}'])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "clients.json").write_text(text)
    with pytest.raises(InputError) as raised:
        read(tmp_path / "clients.json")
    assert isinstance(raised.value, HexafluxError)


def test_a_key_lets_its_client_in_and_any_other_text_does_not(door: Door) -> None:
    assert door.ask.get("/in", headers={"x-api-key": door.key}).json() == "a"
    for wrong in ("", "x", door.key[:-1], door.key + "x", "é", "x" * 10_000):
        found = door.ask.get("/in", headers={"x-api-key": wrong.encode()})
        assert (found.status_code, found.headers["www-authenticate"]) == (401, 'Bearer realm="hexaflux"')


def test_a_scope_that_was_not_given_is_forbidden(door: Door) -> None:
    found = door.ask.get("/in?scope=more", headers={"x-api-key": door.key})
    assert found.status_code == 403
    assert 'error="insufficient_scope"' in found.headers["www-authenticate"]


def test_a_client_that_is_added_or_removed_counts_at_once(door: Door) -> None:
    bearer = door.bearer()
    other = add(door.file, "b", [SCOPE])
    assert door.ask.get("/in", headers={"x-api-key": other}).json() == "b"
    remove(door.file, "a")
    assert door.ask.get("/in", headers={"x-api-key": door.key}).status_code == 401
    assert door.ask.get("/in", headers=bearer).status_code == 401
    add(door.file, "a", [SCOPE])
    assert door.ask.get("/in", headers=bearer).status_code == 401, "the token of another key"


def test_a_file_that_is_spoilt_while_it_is_served_lets_nobody_in(door: Door) -> None:
    door.file.write_text("{")
    assert door.ask.get("/in", headers={"x-api-key": door.key}).status_code == 401


def test_a_token_holds_for_an_hour(door: Door) -> None:
    bearer = door.bearer()
    door.clock.now = tokens.SECONDS - 1
    assert door.ask.get("/in", headers=bearer).json() == "a"
    door.clock.now = tokens.SECONDS
    found = door.ask.get("/in", headers=bearer)
    assert (found.status_code, 'error="invalid_token"' in found.headers["www-authenticate"]) == (401, True)


def test_a_token_is_answered_as_the_standard_has_it(door: Door) -> None:
    found = door.token()
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    body = found.json()
    assert body | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": f"other {SCOPE}",
    }


def test_a_token_has_only_the_scopes_that_were_asked_for(door: Door) -> None:
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": door.key, "scope": "other"}
    bearer = {"authorization": f"bearer {door.token(form).json()['access_token']}"}
    assert door.ask.get("/in?scope=other", headers=bearer).status_code == 200
    assert door.ask.get("/in", headers=bearer).status_code == 403


def test_a_client_may_prove_itself_by_http_basic(door: Door) -> None:
    for name, secret, status in (("a", door.key, 200), ("a", "x", 401), ("b", door.key, 401)):
        basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
        found = door.token({"grant_type": "client_credentials"}, authorization=f"Basic {basic}")
        assert found.status_code == status
        if status == 401:
            assert found.headers["www-authenticate"] == 'Basic realm="hexaflux"'


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"client_secret": "x"}, 401, "invalid_client"),
        ({"client_id": "b"}, 401, "invalid_client"),
        ({"client_id": "\udce9"}, 401, "invalid_client"),
        ({"scope": "more"}, 400, "invalid_scope"),
        ({f"x{number}": "" for number in range(20)}, 400, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_for_a_token_is_told(door: Door, changed: dict, status: int, error: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": door.key} | changed
    if any("\udce9" in value for value in form.values()):
        form["client_id"] = "é"
    found = door.token(form)
    assert (found.status_code, found.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"grant_type=client_credentials&grant_type=x", "application/x-www-form-urlencoded"),
        (b"grant_type=client_credentials&client_id=%ff", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"", ""),
    ],
)
def test_a_body_that_is_no_form_is_refused(door: Door, body: bytes, kind: str) -> None:
    found = door.ask.post("/oauth2/token", content=body, headers={"content-type": kind})
    assert (found.status_code, found.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("given", ["Basic", "Basic !", "Basic eA==", "Bearer eDp4", "Basic /w==", "Digest eDp4"])
def test_a_header_that_proves_nothing_is_refused(door: Door, given: str) -> None:
    found = door.token({"grant_type": "client_credentials"}, authorization=given)
    assert (found.status_code, found.json()["error"]) == (401, "invalid_client")


def test_a_client_proves_itself_in_one_way_only(door: Door) -> None:
    assert door.token(authorization="Basic eDp4").json()["error"] == "invalid_request"


def test_the_tokens_of_a_client_are_bounded_and_the_oldest_goes_first(door: Door) -> None:
    first = door.bearer()
    for _ in range(tokens.MOST - 1):
        second = door.bearer()
    assert door.ask.get("/in", headers=first).status_code == 200
    last = door.bearer()
    assert [door.ask.get("/in", headers=each).status_code for each in (first, second, last)] == [401, 200, 200]


def test_tokens_are_not_held_in_memory() -> None:
    held = tokens.Tokens(lambda: 0.0)
    token = held.issue(clients.Registered("a", "0" * 64, frozenset(), ""), frozenset())
    assert token not in repr(vars(held))
    assert held.find(token) is not None


def test_an_address_may_ask_as_often_as_is_said_and_then_has_to_wait(tmp_path: Path) -> None:
    door = Door(tmp_path, per_minute=60)
    assert [door.ask.get("/open").status_code for _ in range(11)] == [200] * 10 + [429]
    assert door.ask.get("/open").headers["retry-after"] == "1"
    door.clock.now = 1
    assert [door.ask.get("/open").status_code for _ in range(2)] == [200, 429]


def test_a_client_is_counted_apart_from_its_address(tmp_path: Path) -> None:
    door = Door(tmp_path, per_minute=60)
    for _ in range(11):
        door.ask.get("/open")
    known = {"x-api-key": door.key}
    assert [door.ask.get("/in", headers=known).status_code for _ in range(11)] == [200] * 10 + [429]


def test_whoever_guesses_keys_is_counted_by_address(tmp_path: Path) -> None:
    door = Door(tmp_path, per_minute=60)
    wrong = {"x-api-key": "x"}
    assert [door.ask.get("/in", headers=wrong).status_code for _ in range(11)] == [401] * 10 + [429]


def of_address(guard: Guard, host: str) -> int:
    scope = {"type": "http", "headers": [], "client": (host, 1), "path": "/", "query_string": b"", "method": "GET"}
    try:
        guard.anyone(Request(scope))
    except Refused as refused:
        return refused.status
    return 200


def test_the_addresses_of_one_household_are_one(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "none", 6, lambda: 0.0)
    asked = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.1", "192.0.2.2", "192.0.2.1"]
    assert [of_address(guard, host) for host in asked] == [200, 429, 200, 200, 200, 429]


def test_no_address_stands_in_memory(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "none", 6, lambda: 0.0)
    of_address(guard, "192.0.2.1")
    address = guard.address(Request({"type": "http", "client": ("192.0.2.1", 1)}))
    held = repr(vars(guard._rates)) + repr(vars(guard)) + repr(address)
    assert "192.0.2.1" not in held
    assert repr(bytes((192, 0, 2, 1)))[2:-1] not in held


def test_buckets_are_bounded_and_the_one_asked_longest_ago_goes_first() -> None:
    rates = Rates(6, lambda: 0.0)
    for number in range(MOST):
        rates.wait(str(number))
    assert rates.wait("0") > 0
    rates.wait("one more")
    assert rates.wait("0") > 0
    assert rates.wait("1") == 0


def test_the_document_of_the_file_is_the_same_whatever_the_order_of_scopes(tmp_path: Path) -> None:
    add(tmp_path / "clients.json", "a", ["b", "a"])
    assert json.loads((tmp_path / "clients.json").read_text())["clients"][0]["scopes"] == ["a", "b"]
    assert os.listdir(tmp_path) == ["clients.json"]
