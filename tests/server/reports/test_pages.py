"""The pages of who mends and of who reports: what they show, and whom they obey."""

import errno
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from pipelines.quality import facts, outages
from pipelines.quality.outages import NAME
from pipelines.server.guard import Guard
from pipelines.server.reports.handing import Handing
from pipelines.server.reports.pages.resident import Allowance
from pipelines.server.reports.pages.sessions import LASTS, Sessions
from pipelines.server.reports.pages.words import WORDS
from pipelines.server.reports.register import Register
from pipelines.server.reports.report import Event, Outage, Report
from schemas.typography import set_in_french
from tests.server.reports.made import BASE, FAULT, NOON, Keys, Served, picture, sent, served

PLACE = {"lat": "47.3216", "long": "5.0415"}


@pytest.fixture
def server(tmp_path: Path) -> Served:
    return served(tmp_path)


def form(text: str) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def plain(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def logged_in(client: TestClient, key: str = "desk") -> TestClient:
    token = form(client.get("/open311/").text)
    answered = client.post("/open311/login", data={"form": token, "key": key})
    assert answered.status_code == 303
    return client


def act(client: TestClient, name: str, action: str, **fields: str) -> int:
    token = form(client.get(f"/open311/reports/{name}").text)
    answered = client.post(f"/open311/reports/{name}", data={"form": token, "action": action} | fields)
    return answered.status_code


def test_without_a_key_nothing_is_shown(server: Served) -> None:
    client = server.client()
    name = sent(client, description="geheim")
    assert "geheim" not in client.get("/open311/").text
    for path in (f"reports/{name}", "photos/x"):
        answered = client.get(f"/open311/{path}")
        assert answered.status_code == 403
        assert "geheim" not in answered.text
    token = form(client.get("/open311/").text)
    fields = {"form": token, "action": "closed", "note": "x"}
    assert client.post(f"/open311/reports/{name}", data=fields).status_code == 403
    assert client.get(f"{BASE}/requests/{name}.json").json()[0]["status"] == "open"


@pytest.mark.parametrize(("key", "status"), [("", 403), ("nobody", 403), ("writer", 403), ("desk", 303)])
def test_only_a_key_for_managing_opens_the_pages(key: str, status: int, server: Served) -> None:
    client = server.client()
    token = form(client.get("/open311/").text)
    answered = client.post("/open311/login", data={"form": token, "key": key})
    assert answered.status_code == status
    assert ("Se déconnecter" in client.get("/open311/").text) == (status == 303)


def test_the_cookie_is_of_no_use_to_scripts_and_to_other_sites(server: Served) -> None:
    client = server.client(address="https://town.example/open311/v2")
    before = client.get("/open311/")
    assert "Secure" not in before.headers["set-cookie"]
    answered = client.post("/open311/login", data={"form": form(before.text), "key": "desk"})
    cookie = answered.headers["set-cookie"]
    assert all(each in cookie for each in ("HttpOnly", "SameSite=strict", "Secure", "Path=/open311"))
    value = re.search("hexaflux_reports=([^;]+)", cookie)
    assert value
    # The visitor's value is not the one that is logged in, and a token of the one does not fit the other.
    assert value[1] not in before.headers["set-cookie"]


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_that_was_made_elsewhere_changes_nothing(token: str, server: Served) -> None:
    client = logged_in(server.client())
    name = sent(client)
    fields = {"form": token, "action": "closed", "note": "x"}
    assert client.post(f"/open311/reports/{name}", data=fields).status_code == 403
    assert client.post("/open311/logout", data={"form": token}).status_code == 403
    assert client.get(f"{BASE}/requests/{name}.json").json()[0]["status"] == "open"


def test_a_session_ends_by_itself_and_when_it_is_told_to(server: Served) -> None:
    client = logged_in(server.client())
    server.clock.after(seconds=LASTS.total_seconds() - 1)
    assert "Se déconnecter" in client.get("/open311/").text
    server.clock.after(seconds=1)
    assert "Se déconnecter" not in client.get("/open311/").text
    logged_in(client)
    kept = dict(client.cookies)
    client.post("/open311/logout", data={"form": form(client.get("/open311/").text)})
    client.cookies.update(kept)
    assert "Se déconnecter" not in client.get("/open311/").text


def test_sessions_are_kept_as_hashes_alone() -> None:
    sessions = Sessions()
    value = sessions.begin(NOON)
    assert sessions.stands(value, NOON)
    assert value not in repr(sessions)
    assert not sessions.is_ours("", sessions.token(""))


def test_what_is_overdue_stands_first(server: Served) -> None:
    client = logged_in(server.client())
    late = sent(client)
    server.clock.after(hours=48)
    logged_in(client)
    timely = sent(client, service_code="wifi")
    assert 'class="state overdue"' not in client.get("/open311/").text
    server.clock.after(seconds=1)
    page = plain(client.get("/open311/").text)
    assert page.index(late) < page.index(timely)
    assert page.count('class="state overdue"') == 1
    assert "En retard depuis le 22 juin 2026" in page
    counts = re.findall(r"(Ouverts|En retard|Clos|Tous) <b>(\d+)</b>", page)
    assert counts == [("Ouverts", "2"), ("En retard", "1"), ("Clos", "0"), ("Tous", "2")]
    only = client.get("/open311/?state=overdue").text
    assert (late in only, timely in only) == (True, False)
    only = client.get("/open311/?service=wifi&state=nonsense&lang=en").text
    assert (late in only, timely in only, "Open <b>1</b>" in only) == (False, True, True)


def test_a_report_is_acknowledged_closed_with_a_note_and_reopened(server: Served) -> None:
    client = logged_in(server.client())
    name = sent(client)

    def told() -> tuple[str, str | None]:
        found = client.get(f"{BASE}/requests/{name}.json").json()[0]
        return found["status"], found["status_notes"]

    assert act(client, name, "acknowledged", note="Une équipe part <demain>.") == 303
    assert told() == ("open", "Une équipe part <demain>.")
    assert "Une équipe part &lt;demain&gt;." in client.get(f"/open311/reports/{name}").text
    assert act(client, name, "acknowledged") == 409
    assert act(client, name, "closed") == 400
    assert act(client, name, "closed", note="x" * 1001) == 400
    assert act(client, name, "closed", note="a\x00") == 400
    assert told()[0] == "open"
    assert act(client, name, "closed", note="x" * 1000) == 303
    assert told() == ("closed", "x" * 1000)
    assert act(client, name, "reopened", note="") == 303
    assert told() == ("open", None)
    assert act(client, name, "burnt") == 400


def test_text_and_photo_are_published_and_withdrawn(server: Served) -> None:
    client = logged_in(server.client())
    name = client.post(
        f"{BASE}/requests.json", data=FAULT | {"description": "câble"}, files={"media": picture()}
    ).json()[0]["service_request_id"]
    page = client.get(f"/open311/reports/{name}").text
    photo = re.search(r'src="(/open311/photos/[^"]+)"', page)
    assert photo
    assert client.get(photo[1]).headers["content-type"] == "image/jpeg"
    for action, described in (("published", "câble"), ("withdrawn", None)):
        assert act(client, name, action) == 303
        assert client.get(f"{BASE}/requests/{name}.json").json()[0]["description"] == described


def test_hostile_text_is_shown_and_does_nothing(server: Served) -> None:
    client = logged_in(server.client())
    harm = "<script>alert(1)</script>\"'{{7*7}}"
    name = sent(client, description=harm, address_string=harm)
    page = client.get(f"/open311/reports/{name}").text + client.get("/open311/").text
    assert "<script" not in page
    assert "{{7*7}}" in page
    policy = client.get("/open311/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert re.findall(r'(?:src|href|action)="(?!/open311/|#|data:,|\?)', page) == []


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-06-20T10:00", "2026-06-20T11:00", 303),
        ("2026-06-20T12:00", "", 303),
        ("2026-06-20T12:01", "", 400),
        ("2026-06-20T10:00", "2026-06-20T10:00", 400),
        ("", "2026-06-20T11:00", 400),
        ("2026-06-20T10:00", "tomorrow", 400),
    ],
)
def test_an_outage_begins_before_now_and_ends_after_it_begins(
    start: str, end: str, status: int, server: Served, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    facts.folder_of(release).mkdir()
    client = logged_in(server.client(release=release))
    name = sent(client)
    assert act(client, name, "outage", start=start, end=end) == status
    file = facts.folder_of(release) / "outages.jsonl"
    assert file.exists() == (status == 303)
    if status == 303:
        (written,) = map(json.loads, file.read_text("utf-8").splitlines())
        assert written["id"] == name
        assert (written["latitude"], written["longitude"]) == (47.3216, 5.0415)
        assert (written["from"][11:], written["to"]) == (
            ("08:00:00Z", "2026-06-20T09:00:00Z") if end else ("10:00:00Z", None)
        )
        assert act(client, name, "no-outage") == 303
        assert file.read_text("utf-8") == ""


BEGAN = "2026-06-20T10:00"


def written(release: Path) -> set[str]:
    """The reports whose outages the pipeline reads."""
    return {json.loads(line)["id"] for line in (facts.folder_of(release) / NAME).read_text("utf-8").splitlines()}


@pytest.mark.parametrize("evidence", [True, False])
def test_where_the_operator_made_no_folder_none_is_made_and_the_page_says_so(
    evidence: bool, server: Served, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    client = logged_in(server.client(release=release, evidence=evidence))
    name = sent(client)
    page = f"/open311/reports/{name}?lang=en"
    assert act(client, name, "outage", start=BEGAN) == 303
    assert not facts.folder_of(release).exists()
    assert "no figures are flagged" in client.get(page).text
    facts.folder_of(release).mkdir()
    assert "Figures of attendance of this place and time will be flagged" in client.get(page).text


def test_what_could_not_be_written_is_told_and_written_within_the_hour_and_at_the_next_start(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release = tmp_path / "release"
    facts.folder_of(release).mkdir()
    client = logged_in(server.client(release=release))
    name = sent(client)

    def read_only(path: Path, data: bytes, mode: int) -> None:
        raise OSError(errno.EROFS, "read-only")

    with monkeypatch.context() as full:
        full.setattr(outages, "write_bytes", read_only)
        token = form(client.get(f"/open311/reports/{name}").text)
        fields = {"form": token, "action": "outage", "start": BEGAN}
        answered = client.post(f"/open311/reports/{name}?lang=en", data=fields)
        assert (answered.status_code, "cannot be written" in answered.text) == (500, True)
        assert "Outage confirmed" in answered.text
        assert server.client(release=release).get(f"{BASE}/requests.json").status_code == 200
    assert NAME in caplog.text
    assert name not in caplog.text
    assert not (facts.folder_of(release) / NAME).exists()
    server.clock.after(hours=1)
    client.get(f"{BASE}/requests.json")
    assert written(release) == {name}
    (facts.folder_of(release) / NAME).unlink()
    server.client(release=release)
    assert written(release) == {name}


def test_of_outages_that_are_confirmed_at_once_none_is_lost(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = tmp_path / "release"
    facts.folder_of(release).mkdir()
    names = [sent(server.client()) for _ in range(2)]
    register = Register(server.store)
    handing = Handing(register, release)
    read, first = Register.with_outages, threading.Event()

    def slowly(self: Register) -> tuple[Report, ...]:
        found = read(self)
        if not first.is_set():
            # Who read only the first outage writes after who read both, if they need not wait for each other.
            first.set()
            time.sleep(0.1)
        return found

    def confirm(name: str) -> None:
        assert register.append(name, Event("outage", NOON, outage=Outage(NOON - timedelta(hours=1), None)))
        assert handing.write()

    monkeypatch.setattr(Register, "with_outages", slowly)
    with ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(confirm, names[0])
        assert first.wait(10)
        confirm(names[1])
        earlier.result()
    assert written(release) == set(names)


def test_a_report_that_is_deleted_is_gone_from_what_the_pipeline_reads(server: Served, tmp_path: Path) -> None:
    release = tmp_path / "release"
    facts.folder_of(release).mkdir()
    client = logged_in(server.client(release=release, keep_days=1))
    name = sent(client)
    assert act(client, name, "outage", start=BEGAN) == 303
    assert act(client, name, "closed", note="x") == 303
    assert written(release) == {name}
    server.clock.after(days=2)
    client.get(f"{BASE}/requests.json")
    assert written(release) == set()


def test_a_report_without_a_place_confirms_no_outage(server: Served, tmp_path: Path) -> None:
    client = logged_in(server.client(release=tmp_path / "release"))
    name = sent(client, lat="", long="", address_string="x")
    assert "ne peut pas confirmer" in client.get(f"/open311/reports/{name}").text


@pytest.mark.parametrize(("state", "said"), [("silent", "Corroboré"), ("up", "Contredit"), (None, "ne permet pas")])
def test_what_the_network_tells_is_shown_and_closes_nothing(
    state: str | None, said: str, server: Served, tmp_path: Path
) -> None:
    from datetime import UTC, date, datetime

    import h3.api.numpy_int as h3

    from schemas.tables import CELL_FACT, SERVING

    release = tmp_path / "release"
    folder = facts.folder_of(release)
    client = logged_in(server.client(release=release))
    name = sent(client)
    page = f"/open311/reports/{name}"
    assert "Pas encore connu" in client.get(page).text
    hours = [datetime(2026, 6, 20, hour, tzinfo=UTC) for hour in range(6, 14)]
    rows = (
        CELL_FACT.empty()
        if state is None
        else pa.Table.from_pydict(
            {"cell_id": ["c"] * 8, "hour_start": hours, "state": [state] * 8}, schema=CELL_FACT.schema
        )
    )
    serving = {"hexagon": [h3.latlng_to_cell(47.3216, 5.0415, 9)], "cell_id": ["c"], "share": [1.0]}
    facts.write_serving(folder, pa.Table.from_pydict(serving, schema=SERVING.schema), "mark")
    facts.write(folder, date(2026, 6, 20), rows, int(hours[-1].timestamp()) * 1_000_000)
    assert said in client.get(page).text
    public = client.get(f"{BASE}/requests/{name}.json").text
    assert "open" in public
    assert not re.search("corrob|contrad|evidence", public, re.IGNORECASE)
    # Two weeks later the states that it follows from are removed.
    facts.write(folder, date(2026, 7, 4), CELL_FACT.empty(), int(hours[-1].timestamp()) * 1_000_000)
    assert "ne permet pas de le dire, ou plus" in client.get(page).text


def test_residents_report_without_a_key_only_where_the_town_lets_them(server: Served) -> None:
    assert server.client().get("/open311/report").status_code == 404
    assert 'href="/open311/"' in server.client().get("/").text
    client = server.client(public=True)
    assert 'href="/open311/report"' in client.get("/").text
    assert 'href="/open311/report?lang=fr&amp;service=mobile"' in client.get("/open311/report").text
    token = form(client.get("/open311/report?service=mobile&lang=en").text)
    fields = {"form": token, "address_string": "Place Darcy", "attribute[operator]": "orange"} | {
        "attribute[trouble][]": ["voice", "data"],
        "attribute[since]": "2026-06-20T09:30",
    }
    path = "/open311/report?service=mobile&lang=en"
    answered = client.post(path, data=fields, files={"media": ("x.jpg", picture(), "image/jpeg")})
    assert answered.status_code == 303
    page = client.get(answered.headers["location"]).text
    assert "Thank you" in page
    assert "Place Darcy" not in page
    logged_in(client)
    shown = plain(client.get(re.sub("/report/", "/reports/", answered.headers["location"])).text)
    assert all(each in shown for each in ("Place Darcy", "Orange", "Calls, Internet", "20 June 2026, 9:30", "<img"))


def test_a_form_that_is_wrong_comes_back_as_it_was_filled_in(server: Served) -> None:
    client = server.client(public=True)
    token = form(client.get("/open311/report?service=mobile").text)
    fields = {"form": token, "description": "<b>rien</b>", "lat": "x", "long": "5", "attribute[trouble][]": "data"}
    answered = client.post("/open311/report?service=mobile", data=fields)
    assert answered.status_code == 400
    assert "attribute[operator]\u00a0: réponse manquante" in answered.text
    assert "&lt;b&gt;rien&lt;/b&gt;" in answered.text
    assert 'value="data" checked' in answered.text
    assert client.get(f"{BASE}/requests.json").json() == []


def test_one_address_may_report_so_often_in_an_hour(server: Served) -> None:
    client = server.client(public=True, public_per_hour=2)
    token = form(client.get("/open311/report?service=line").text)

    def report() -> int:
        fields = {"form": token, "address_string": "x"}
        return client.post("/open311/report?service=line", data=fields).status_code

    assert [report() for _ in range(3)] == [303, 303, 429]
    server.clock.after(hours=1)
    assert report() == 303


def test_a_household_with_many_addresses_may_report_as_often_as_one(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard(tmp_path / "none", 600)
    monkeypatch.setattr(Keys, "address", lambda self, request: guard.address(request))
    server.client(public=True, public_per_hour=1)

    def report(host: str) -> int:
        client = TestClient(server.app, client=(host, 1), follow_redirects=False)
        fields = {"form": form(client.get("/open311/report?service=line").text), "address_string": "x"}
        return client.post("/open311/report?service=line", data=fields).status_code

    hosts = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.1")
    assert [report(host) for host in hosts] == [303, 429, 303, 303]


def test_all_addresses_together_may_report_twenty_times_as_often() -> None:
    allowance = Allowance(1)
    assert [allowance.take(b"%d" % each, NOON) for each in range(21)] == [True] * 20 + [False]


def test_what_is_wrong_is_a_page_in_the_language_of_the_reader(server: Served) -> None:
    client = logged_in(server.client())
    english, french = (client.get(f"/open311/reports/none?lang={each}") for each in ("en", "fr"))
    assert (english.status_code, french.status_code) == (404, 404)
    assert "There is no such report" in english.text
    assert '<html lang="fr">' in french.text


def test_french_is_set_with_its_spaces_and_both_languages_take_the_same_values() -> None:
    for name, text in WORDS.items():
        assert "'" not in text.fr, name
        assert re.findall("{(.*?)}", text.en) == re.findall("{(.*?)}", text.fr), name
    assert set_in_french(WORDS["which"].fr).endswith("\u202f?")
