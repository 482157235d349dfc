"""What happens to reports is added, never changed; on SQLite and on PostgreSQL alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from pipelines.server.reports import w3c
from pipelines.server.reports.register import Register
from pipelines.server.reports.report import Event, Kind, New, Report
from tests.server.reports.made import BASE, FAULT, NOON, ZONE, Served, picture, sent, served


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Served:
    if request.param == "sqlite":
        return served(tmp_path)
    number = sum(map(ord, request.node.name + str(tmp_path)))
    return served(tmp_path, request.getfixturevalue("postgresql").database(f"reports{number}"))


def done(server: Served, name: str, *kinds: Kind) -> list[bool]:
    register = Register(server.store)
    found = []
    for kind in kinds:
        server.clock.after(hours=1)
        found.append(register.append(name, Event(kind, server.clock().astimezone(UTC), f"note {kind}")))
    return found


def one(client: TestClient, name: str) -> dict:
    return client.get(f"{BASE}/requests/{name}.json").json()[0]


def test_the_state_follows_from_what_happened(server: Served) -> None:
    client = server.client()
    name = sent(client)
    assert (one(client, name)["status"], one(client, name)["status_notes"]) == ("open", None)
    assert done(server, name, "acknowledged", "acknowledged", "closed") == [True, False, True]
    closed = one(client, name)
    assert (closed["status"], closed["status_notes"]) == ("closed", "note closed")
    assert closed["updated_datetime"] == "2026-06-20T15:00:00+02:00"
    # Text that is published after the closing does not move its date.
    assert done(server, name, "closed", "published") == [False, True]
    assert one(client, name)["updated_datetime"] == "2026-06-20T15:00:00+02:00"
    assert done(server, name, "reopened", "closed") == [True, True]
    assert one(client, name)["updated_datetime"] == "2026-06-20T19:00:00+02:00"
    assert one(client, name)["expected_datetime"] == "2026-06-22T12:00:00+02:00"
    kinds = [event.kind for event in Register(server.store).get(name).events]
    assert kinds == ["opened", "acknowledged", "closed", "published", "reopened", "closed"]
    assert done(server, "nothing", "closed") == [False]


def ids(client: TestClient, **query: str) -> set[str]:
    answered = client.get(f"{BASE}/requests.json", params=query)
    assert answered.status_code == 200, answered.text
    return {each["service_request_id"] for each in answered.json()}


def test_reports_are_found_by_what_the_standard_asks(server: Served) -> None:
    client = server.client()
    line, wifi = sent(client), sent(client, service_code="wifi")
    done(server, wifi, "closed")
    server.clock.at = NOON
    assert ids(client) == {line, wifi}
    assert ids(client, service_code="wifi,mobile") == {wifi}
    assert ids(client, service_code="nothing") == set()
    assert ids(client, status="closed") == {wifi}
    assert ids(client, status="open") == {line}
    assert ids(client, status="open,closed") == {line, wifi}
    # Identifiers override the rest, also what is wrong with it.
    assert ids(client, service_request_id=f"{line},none", status="nonsense", start_date="23/11/2026") == {line}
    assert ids(client, start_date="2026-06-20T10:00:00Z") == {line, wifi}
    assert ids(client, start_date="2026-06-20T10:00:01Z") == set()
    assert ids(client, end_date="2026-06-20T12:00:00+02:00") == {line, wifi}
    assert ids(client, end_date="2026-06-20T11:59:59+02:00") == set()
    assert client.get(f"{BASE}/requests.json?start_date=2026-06-20T12:00:00+02:00").json() != []
    answered = client.get(f"{BASE}/requests.json?status=open&status=closed")
    assert len(answered.json()) == 2


def test_without_dates_the_last_90_days_are_told(server: Served) -> None:
    client = server.client()
    name = sent(client)
    server.clock.after(days=90)
    assert ids(client) == {name}
    server.clock.after(seconds=1)
    assert ids(client) == set()
    assert ids(client, service_request_id=name) == {name}


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", ""),
        ("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z", "plus de 90 jours"),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "avant start_date"),
        ("23/11/2026", "", "start_date"),
        ("2026-01-01", "", "start_date"),
        ("2026-01-01T00:00:00", "", "start_date"),
        ("", "2026-02-30T00:00:00Z", "end_date"),
        ("", "9999-12-31T23:59:59-12:00", "end_date"),
    ],
)
def test_a_span_of_more_than_90_days_and_a_date_without_offset_are_refused(
    start: str, end: str, said: str, tmp_path: Path
) -> None:
    query = f"start_date={quote(start)}&end_date={quote(end)}"
    answered = served(tmp_path).client().get(f"{BASE}/requests.json?{query}")
    assert answered.status_code == (400 if said else 200)
    assert said in answered.text


def test_of_many_reports_the_latest_thousand_are_told(tmp_path: Path) -> None:
    server = served(tmp_path)
    client = server.client()
    name, noon = sent(client), int(NOON.timestamp())
    with server.store.writing() as connection:
        for table, key, at in (("reports", "id", "requested_at"), ("report_events", "report_id", "at")):
            (row,) = connection.execute(text(f"SELECT * FROM {table} WHERE {key} = '{name}'")).mappings()
            rows = [dict(row) | {key: f"r{minute}", at: noon - 60 * minute} for minute in range(1, 1001)]
            values = ", ".join(f":{column}" for column in row)
            connection.execute(text(f"INSERT INTO {table} VALUES ({values})"), rows)
    found = client.get(f"{BASE}/requests.json").json()
    assert len(found) == 1000
    assert found[0]["requested_datetime"] == NOON.isoformat()
    assert found[-1]["requested_datetime"] == (NOON - timedelta(minutes=999)).isoformat()


@pytest.mark.parametrize("keep", [False, True])
def test_who_reports_is_kept_only_where_it_is_asked_for(keep: bool, server: Served) -> None:
    person = {"email": "p@a.example", "phone": "0611223344", "first_name": "Paule", "last_name": "Petit"}
    name = sent(server.client(keep_contact=keep), **person, device_id="dev1ce", account_id="acc0unt")
    with server.store.reading() as connection:
        tables = ("reports", "report_events", "report_contacts")
        held = str([connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables])
    assert [each in held for each in person.values()] == [keep] * 4
    assert "dev1ce" not in held
    assert "acc0unt" not in held
    assert bool(Register(server.store).get(name).new.contact) == keep


def test_a_report_is_deleted_with_all_of_it_its_days_after_the_closing(server: Served) -> None:
    client = server.client(keep_days=10, keep_contact=True)
    answered = client.post(f"{BASE}/requests.json", data=FAULT | {"email": "p@a.example"}, files={"media": picture()})
    name, still_open = answered.json()[0]["service_request_id"], sent(client)
    done(server, name, "closed")
    server.clock.after(days=10)
    assert ids(client, service_request_id=f"{name},{still_open}") == {name, still_open}
    server.clock.after(hours=1)
    assert ids(client, service_request_id=f"{name},{still_open}") == {still_open}
    assert list((server.folder / "photos").iterdir()) == []
    with server.store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM report_events")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM report_contacts")).scalar() == 0


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 10, 24, 12, tzinfo=ZONE), "2026-10-26T11:00:00+01:00"),
        (datetime(2026, 3, 28, 12, tzinfo=ZONE), "2026-03-30T13:00:00+02:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=ZONE), "2026-10-27T01:30:00+01:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=1), "2026-10-27T02:30:00+01:00"),
        (datetime(2026, 6, 20, 12, tzinfo=ZONE), "2026-06-22T12:00:00+02:00"),
    ],
)
def test_the_term_is_48_hours_that_pass_whatever_clocks_do(at: datetime, expected: str, tmp_path: Path) -> None:
    server = served(tmp_path)
    server.clock.at = at
    client = server.client()
    found = one(client, sent(client))
    assert found["expected_datetime"] == expected
    requested = datetime.fromisoformat(found["requested_datetime"])
    assert datetime.fromisoformat(expected) - requested == timedelta(hours=48)


def report(*events: tuple[Kind, int]) -> Report:
    """A report whose events happened so many seconds after its term."""
    start = NOON.astimezone(UTC)
    term = w3c.later(start, 48)
    happened = [Event("opened", start), *(Event(kind, term + timedelta(seconds=after)) for kind, after in events)]
    return Report("x", start, term, New("line"), "", happened)


@pytest.mark.parametrize(("seconds", "overdue"), [(-1, False), (0, False), (1, True)])
def test_a_report_is_overdue_a_second_after_its_term(seconds: int, overdue: bool) -> None:
    now = report().expected + timedelta(seconds=seconds)
    assert report().overdue(now) == overdue
    assert not report(("closed", seconds)).overdue(now)
    assert report(("closed", seconds)).closed_late == overdue
    assert report(("closed", -5), ("reopened", -4)).overdue(now) == overdue


def test_nothing_is_published_until_somebody_says_so_and_it_can_be_taken_back() -> None:
    assert not report().published
    assert not report(("acknowledged", 1), ("closed", 2)).published
    assert report(("published", 1), ("closed", 2)).published
    assert not report(("published", 1), ("withdrawn", 2)).published
    assert report(("published", 1)).may("withdrawn")
    assert not report(("published", 1)).may("published")
    assert not report().may("withdrawn")
