"""Open311 GeoReport v2 as its own schemas and its text have it."""

import asyncio
import json
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from xml.dom import minidom

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from pipelines.server.refused import Refused
from pipelines.server.reports import desk
from pipelines.server.reports.form import read_form
from schemas.errors import UsageError
from schemas.feeds import Town
from tests.paths import shared_conformance
from tests.server.reports.made import BASE, FAULT, NOON, Keys, Served, picture, sent, served

EVERY_TYPE = """
[[service]]
service_code = "all"
service_name = { fr = "Tout", en = "All" }
description = { fr = "Toutes les questions", en = "All questions" }
keywords = ["a", "b"]
group = "g"
attributes = [
    { code = "told", description = { fr = "À savoir", en = "To know" }, variable = false },
    { code = "string", description = { fr = "x", en = "x" }, required = true },
    { code = "text", description = { fr = "x", en = "x" }, datatype = "text" },
    { code = "number", description = { fr = "x", en = "x" }, datatype = "number" },
    { code = "datetime", description = { fr = "x", en = "x" }, datatype = "datetime" },
    { code = "one", description = { fr = "x", en = "x" }, datatype = "singlevaluelist", values = [
        { key = "a", name = { fr = "A", en = "A" } }, { key = "b", name = { fr = "B", en = "B" } } ] },
    { code = "many", description = { fr = "x", en = "x" }, datatype = "multivaluelist", values = [
        { key = "a", name = { fr = "A", en = "A" } }, { key = "b", name = { fr = "B", en = "B" } } ] },
]
"""
ANSWERED = FAULT | {"service_code": "all", "attribute[string]": "s"}


@pytest.fixture
def server(tmp_path: Path) -> Served:
    return served(tmp_path)


@pytest.fixture
def client(server: Served) -> TestClient:
    return server.client()


@cache
def schema(name: str) -> Draft202012Validator:
    folder = shared_conformance() / "open311-georeport-v2"
    parts = {each: json.loads((folder / each).read_text("utf-8")) for each in ("request.json", "service.json")}
    registry = Registry().with_resources(
        [
            (each, Resource.from_contents({"$schema": Draft202012Validator.META_SCHEMA["$id"]} | part))
            for each, part in parts.items()
        ]
    )
    found = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return Draft202012Validator(found, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def xml_of(content: bytes) -> minidom.Document:
    return minidom.parseString(content)  # noqa: S318 (of the server that is tested)


def told(element: minidom.Element) -> object:
    """XML by the Spark convention: what has one kind of child is a list of it, what is empty is null."""
    children = [node for node in element.childNodes if isinstance(node, minidom.Element)]
    if not children:
        return element.firstChild.data if element.firstChild else None
    if element.tagName in ("services", "service_requests", "attributes", "values", "endpoints", "formats", "errors"):
        return [told(child) for child in children]
    return {child.tagName: told(child) for child in children}


def texts(tree: object) -> object:
    """JSON with its values as XML has them."""
    if isinstance(tree, dict):
        return {key: texts(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [texts(each) for each in tree]
    return str(tree).lower() if isinstance(tree, bool) else None if tree is None else str(tree)


def publish(server: Served, name: str) -> None:
    from pipelines.server.reports.register import Register
    from pipelines.server.reports.report import Event

    assert Register(server.store).append(name, Event("published", server.clock()))


@pytest.mark.parametrize(
    "path", ["discovery", "services", "services/mobile", "requests", "requests/{name}", "requests?status=nonsense"]
)
def test_xml_and_json_say_the_same(path: str, server: Served, client: TestClient) -> None:
    name = sent(client, description='Câble <à> "terre" & co\n]]> €', address_string="<b>")
    publish(server, name)
    parts = path.format(name=name).partition("?")
    answers = {form: client.get(f"{BASE}/{parts[0]}.{form}?{parts[2]}") for form in ("xml", "json")}
    assert answers["xml"].headers["content-type"] == "text/xml; charset=utf-8"
    assert answers["json"].headers["content-type"] == "application/json; charset=utf-8"
    assert answers["xml"].text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert answers["xml"].status_code == answers["json"].status_code
    assert told(xml_of(answers["xml"].content).documentElement) == texts(answers["json"].json())


def test_official_schemas_find_nothing_wrong(server: Served, client: TestClient) -> None:
    (server.folder / "services.toml").write_text(EVERY_TYPE, "utf-8")
    publish(server, sent(client, description="x", address_string="y"))
    sent(client, service_code="wifi")
    asked = {"services": "services", "requests": "requests", "service-definition": "services/mobile"}
    for name, path in asked.items():
        assert [error.message for error in schema(name).iter_errors(client.get(f"{BASE}/{path}.json").json())] == []
    every = server.client(services=server.folder / "services.toml").get(f"{BASE}/services/all.json").json()
    assert [error.message for error in schema("service-definition").iter_errors(every)] == []
    assert [each["datatype"] for each in every["attributes"]] == [
        "string", "string", "text", "number", "datetime", "singlevaluelist", "multivaluelist",
    ]  # fmt: skip
    assert [each["order"] for each in every["attributes"]] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "change", [{"status": "in_progress"}, {"requested_datetime": "23/11/2026"}, {"lat": "47.3"}, {"service_code": None}]
)
def test_official_schemas_refuse_what_is_wrong(change: dict[str, object], client: TestClient) -> None:
    sent(client)
    request = client.get(f"{BASE}/requests.json").json()[0] | change
    assert list(schema("request").iter_errors({key: value for key, value in request.items() if value is not None}))


def test_discovery_has_all_fields(server: Served) -> None:
    town = Town(id="dijon", name="Dijon", address="https://dijon.example/")
    found = server.client(town=town, type="test").get(f"{BASE}/discovery.json").json()
    assert found == {
        "changeset": "2026-06-20T12:00:00+02:00",
        "contact": "reseau@town.example",
        "key_service": "Demander une clé d’API\u00a0: reseau@town.example",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": "https://dijon.example/open311/v2",
                "changeset": "2026-06-20T12:00:00+02:00",
                "type": "test",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"service_code": ""}, 400, "service_code was not given"),
        ({"service_code": "LINE"}, 404, "service_code was not found"),
        ({"service_code": ["line", "line"]}, 400, "service_code was given more than once"),
        ({"lat": "", "long": " "}, 400, "no location was given: lat and long, address_string or address_id"),
        ({"lat": ""}, 400, "lat and long have to be given together"),
        ({"lat": "90.0001"}, 400, "lat is not a number of degrees from -90 to 90"),
        ({"lat": "nan"}, 400, "lat is not a number of degrees from -90 to 90"),
        ({"lat": "1e1"}, 400, "lat is not a number of degrees from -90 to 90"),
        ({"lat": "४७"}, 400, "lat is not a number of degrees from -90 to 90"),
        ({"long": "-180.1"}, 400, "long is not a number of degrees from -180 to 180"),
        ({"description": "x" * 4001}, 400, "description has more than 4000 characters"),
        ({"description": "a\x00b"}, 400, "description has control characters"),
        ({"description": "\ufffe"}, 400, "description has control characters"),
        ({"address_string": "x" * 501}, 400, "address_string has more than 500 characters"),
        ({"address_id": "x" * 101}, 400, "address_id has more than 100 characters"),
        ({"media_url": "http://a.example/1.jpg"}, 400, "media_url is no address that begins with https://"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url is no address that begins with https://"),
        ({"media_url": "https://user@a.example/"}, 400, "media_url is no address that begins with https://"),
        ({"media_url": "https://[a"}, 400, "media_url is no address that begins with https://"),
        ({"attribute[x]": "1"}, 400, "attribute: this service has none"),
        ({"jurisdiction_id": "other.example"}, 404, "jurisdiction_id was not found"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_never_quoted(
    change: dict[str, object], status: int, said: str, server: Served
) -> None:
    client = server.client(language="en", jurisdiction="town.example")
    answered = client.post(f"{BASE}/requests.json", data=FAULT | change)
    assert (answered.status_code, answered.json()) == (status, [{"code": status, "description": said}])
    assert client.get(f"{BASE}/requests.json").json() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"attribute[string]": ""}, "attribute[string] was not given"),
        ({"attribute[string]": "a\nb"}, "attribute[string] is not a text of one line"),
        ({"attribute[string]": ["a", "b"]}, "attribute[string] was given too often"),
        ({"attribute[number]": "many"}, "attribute[number] is not a number"),
        ({"attribute[datetime]": "23/11/2026"}, "attribute[datetime] is not a date and time of ISO 8601"),
        ({"attribute[datetime]": "2026-02-30T10:00"}, "attribute[datetime] is not a date and time of ISO 8601"),
        ({"attribute[one]": "c"}, "attribute[one] is not one of a, b"),
        ({"attribute[one]": ["a", "b"]}, "attribute[one] was given too often"),
        ({"attribute[many][]": ["a", "c"]}, "attribute[many] is not one of a, b"),
        ({"attribute[text]": "x" * 1001}, "attribute[text] is too long, or has control characters"),
        ({"attribute[told]": "x"}, "attribute: this service has string, text, number, datetime, one, many"),
    ],
)
def test_an_answer_that_is_not_of_its_type_is_refused(change: dict[str, object], said: str, server: Served) -> None:
    (server.folder / "services.toml").write_text(EVERY_TYPE, "utf-8")
    client = server.client(services=server.folder / "services.toml", language="en")
    answered = client.post(f"{BASE}/requests.json", data=ANSWERED | change)
    assert (answered.status_code, answered.json()) == (400, [{"code": 400, "description": said}])


def test_all_that_is_wrong_is_told_at_once_in_the_language_of_the_town(client: TestClient) -> None:
    answered = client.post(f"{BASE}/requests.json", data=FAULT | {"lat": "x", "description": "x" * 4001})
    assert [each["description"] for each in answered.json()] == [
        "description\u00a0: plus de 4000 caractères",
        "lat\u00a0: degrés de -90 à 90 attendus",
    ]


@pytest.mark.parametrize(
    "fields", [{"description": "x" * 4000, "address_string": "x" * 500}, {"lat": "-90", "long": "180"}]
)
def test_what_is_just_within_a_limit_is_taken(fields: dict[str, str], client: TestClient) -> None:
    assert sent(client, **fields)


@pytest.mark.parametrize(
    ("key", "status"), [("writer", 200), ("", 403), ("nobody", 403), ("reader", 403), ("desk", 403)]
)
def test_only_a_key_for_writing_reports(key: str, status: int, client: TestClient) -> None:
    answered = client.post(f"{BASE}/requests.json", data=FAULT | {"api_key": key})
    assert answered.status_code == status
    assert "www-authenticate" not in answered.headers
    assert len(client.get(f"{BASE}/requests.json").json()) == (status == 200)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"service_code": "line"}', "application/json"),
        (b"<request/>", "text/xml"),
        (b"api_key=writer&description=%ff", "application/x-www-form-urlencoded"),
        (b"api_key=writer&description=\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=%d" % each for each in range(300)), "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
    ],
)
def test_a_body_that_is_no_form_is_refused(body: bytes, kind: str, client: TestClient) -> None:
    answered = client.post(f"{BASE}/requests.json", content=body, headers={"content-type": kind})
    assert answered.status_code == 400
    assert answered.json()[0]["code"] == 400


FORMS = {"/open311/login", "/open311/logout", "/open311/report?service=line", "/open311/reports/x"}


@pytest.mark.parametrize("path", sorted({f"{BASE}/requests.json"} | FORMS))
@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x; charset=undefined",
        "multipart/form-data; boundary=x; charset=punycode",
        "multipart/form-data; boundary=x; charset=utf-7",
        'multipart/form-data; boundary=x; charset="UTF-16"',
        "application/x-www-form-urlencoded; charset=utf-7",
    ],
)
def test_a_form_that_is_not_in_utf_8_is_refused(path: str, kind: str, server: Served) -> None:
    client = server.client(public=True)
    client.get("/open311/")
    body = b'--x\r\nContent-Disposition: form-data; name="form"\r\n\r\n+2AA-\r\n--x--\r\n'
    assert client.post(path, content=body, headers={"content-type": kind}).status_code == 400


@pytest.mark.parametrize("charset", ["", "; charset=UTF-8", '; charset="utf8"'])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_may_say_that_it_is_in_utf_8(kind: str, charset: str, client: TestClient) -> None:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in FAULT.items()]
    body = "".join([*parts, "--x--\r\n"]) if "multipart" in kind else urlencode(FAULT)
    answered = client.post(f"{BASE}/requests.json", content=body, headers={"content-type": kind + charset})
    assert answered.status_code == 200


@pytest.mark.parametrize("path", sorted({f"{BASE}/requests.json"} | FORMS))
def test_an_address_that_asks_too_often_is_refused_before_its_form_is_read(
    path: str, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anyone(self: object, request: Request) -> None:
        raise Refused(429, "TOO_MANY_REQUESTS", "too many requests: ask again later")

    client = server.client(public=True)
    monkeypatch.setattr(Keys, "anyone", anyone)
    assert client.post(path, content=b"no form", headers={"content-type": "text/plain"}).status_code == 429


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_form_counts_once(path: str, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(Keys, "anyone", lambda self, request: counted.append(request.url.path))
    assert server.client(public=True).post(path, data={"form": "x"}).status_code == 403
    assert len(counted) == 1


def test_others_have_their_turn_while_a_form_is_read() -> None:
    body = b"--xy\r\nContent-Disposition: form-data; name=media; filename=a\r\n\r\n" + b"\r\n--xz" * 50_000
    kind = (b"content-type", b"multipart/form-data; boundary=xy")

    async def receive() -> Message:
        return {"type": "http.request", "body": body + b"\r\n--xy--\r\n"}

    async def turns() -> int:
        asked = Request({"type": "http", "method": "POST", "headers": [kind]}, receive)
        reading, found = asyncio.ensure_future(read_form(asked)), 0
        while not reading.done():
            await asyncio.sleep(0)
            found += 1
        assert len((await reading).photo) == 300_000
        return found

    assert asyncio.run(turns()) > len(body) // 20_000


def test_a_photo_is_not_written_to_a_disk_before_it_is_drawn_anew(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rollover(self: object) -> None:
        raise AssertionError

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rollover)
    large = picture() + b"\0" * 9_000_000
    assert client.post(f"{BASE}/requests.json", data=FAULT, files={"media": large}).status_code == 200


def test_a_body_too_large_is_refused(client: TestClient) -> None:
    body = b"description=" + b"x" * 65536
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post(f"{BASE}/requests.xml", content=body, headers=kind).status_code == 413


def test_text_that_is_not_escaped_is_read_as_utf_8(server: Served, client: TestClient) -> None:
    body = "api_key=writer&service_code=line&address_string=Médiathèque €".encode()
    answered = client.post(
        f"{BASE}/requests.json", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    name = answered.json()[0]["service_request_id"]
    publish(server, name)
    assert client.get(f"{BASE}/requests/{name}.json").json()[0]["address"] == "Médiathèque €"


def test_nothing_that_was_written_is_told_before_it_is_published(server: Served, client: TestClient) -> None:
    written = {"description": "chez M. Dupont", "address_string": "3 rue du Nom", "address_id": "A3"}
    fields = written | {"email": "dupont@a.example", "media_url": "https://a.example/1.jpg"}
    name = client.post(f"{BASE}/requests.json", data=FAULT | fields, files={"media": picture()}).json()[0][
        "service_request_id"
    ]
    forms = ("xml", "json", "geojson")
    before = "".join(client.get(f"{BASE}/requests.{form}").text for form in forms)
    assert not [each for each in ("Dupont", "rue du Nom", "A3", "47.3", "5.04", "jpg") if each in before]
    publish(server, name)
    (found,) = client.get(f"{BASE}/requests.json").json()
    assert (found["description"], found["address"], found["address_id"]) == tuple(written.values())
    assert (found["lat"], found["long"]) == (47.3216, 5.0415)
    photo = client.get(found["media_url"].removeprefix("http://testserver"))
    assert photo.content.startswith(b"\xff\xd8\xff")
    # Another's picture could be changed after it was read, and tells its server who looks at it.
    after = "".join(client.get(f"{BASE}/requests.{form}").text for form in forms)
    assert not [each for each in ("a.example", "dupont@") if each in after]


def test_a_photo_is_there_for_all_only_while_its_report_is_published(server: Served, client: TestClient) -> None:
    answered = client.post(
        f"{BASE}/requests.json", data=FAULT, files={"media": ("../../x.html", picture(), "text/html")}
    )
    (file,) = (server.folder / "photos").iterdir()
    path = f"{BASE}/photos/{file.name}"
    assert client.get(path).status_code == 404
    publish(server, answered.json()[0]["service_request_id"])
    found = client.get(path)
    assert found.content == file.read_bytes()
    assert found.headers["content-type"] == "image/jpeg"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"{BASE}/photos/..%2fserver.db").status_code == 404
    assert file.stat().st_mode & 0o777 == 0o600


def test_photos_are_drawn_one_at_a_time(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    running = threading.Semaphore(10)

    def drawn(data: bytes) -> bytes:
        with running:
            at_once.append(10 - running._value)
            time.sleep(0.02)
        return data

    monkeypatch.setattr(desk, "drawn_anew", drawn)
    client = server.client()
    with ThreadPoolExecutor(4) as pool:
        answered = pool.map(
            lambda _: client.post(f"{BASE}/requests.json", data=FAULT, files={"media": picture()}), range(4)
        )
        assert [each.status_code for each in answered] == [200] * 4
    assert at_once == [1] * 4


def test_a_photo_that_would_wait_too_long_is_refused(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    started, ended = threading.Event(), threading.Event()

    def drawn(data: bytes) -> bytes:
        started.set()
        ended.wait(10)
        return data

    monkeypatch.setattr(desk, "drawn_anew", drawn)
    monkeypatch.setattr(desk, "LONGEST_WAIT", 0.01)
    client = server.client(language="en")

    def report() -> tuple[int, str]:
        answered = client.post(f"{BASE}/requests.json", data=FAULT, files={"media": picture()})
        return answered.status_code, answered.json()[0].get("description", "")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(report)
        assert started.wait(10)
        second = report()
        ended.set()
    assert (first.result(), second) == ((200, ""), (503, "media: the server is busy with other photos; send it again"))
    assert len(client.get(f"{BASE}/requests.json").json()) == 1


@pytest.mark.parametrize(
    "path", ["requests/x.xml", "services/x.xml", "services.txt", "requests.html", "tokens/1.xml", ""]
)
def test_what_is_not_there_is_an_error_of_open311(path: str, client: TestClient) -> None:
    answered = client.get(f"{BASE}/{path}")
    assert answered.status_code == 404
    assert told(xml_of(answered.content).documentElement)[0]["code"] == "404"


def test_the_jurisdiction_may_be_left_out_and_may_not_be_another(server: Served) -> None:
    client = server.client(jurisdiction="town.example")
    statuses = [
        client.get(f"{BASE}/services.json?jurisdiction_id={each}").status_code for each in ("", "town.example", "x")
    ]
    assert statuses == [200, 200, 404]


@pytest.mark.parametrize("query", ["service_request_id=a%00b", "service_code=%00", "service_code=line,a%1bb"])
def test_control_signs_in_what_is_asked_for_are_refused(query: str, server: Served) -> None:
    answered = server.client(language="en").get(f"{BASE}/requests.json?{query}")
    said = f"{query.partition('=')[0]} has control characters"
    assert (answered.status_code, answered.json()) == (400, [{"code": 400, "description": said}])


def test_requests_on_a_map_are_points_once_they_are_published(server: Served, client: TestClient) -> None:
    name = sent(client)
    assert client.get(f"{BASE}/requests.geojson").json()["features"][0]["geometry"] is None
    publish(server, name)
    answered = client.get(f"{BASE}/requests/{name}.geojson")
    assert answered.headers["content-type"] == "application/geo+json; charset=utf-8"
    (feature,) = answered.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [5.0415, 47.3216]}
    assert feature["properties"]["requested_datetime"] == NOON.isoformat()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('datatype = "text"', "values for"),
        ('service_code = "a b"', "String should match pattern"),
        ('colour = "red"', "Unexpected keyword argument"),
    ],
)
def test_a_file_of_services_that_is_wrong_is_explained(change: str, expected: str, server: Served) -> None:
    key = change.partition(" ")[0]
    text = EVERY_TYPE.replace('datatype = "singlevaluelist"', change) if key == "datatype" else EVERY_TYPE
    text = text.replace('service_code = "all"', change) if key == "service_code" else text
    text = text.replace('group = "g"', change) if key == "colour" else text
    (server.folder / "services.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=expected):
        server.client(services=server.folder / "services.toml")


@pytest.mark.parametrize("change", [{"hours": 0}, {"keep_days": 3651}, {"contact": " "}, {"address": "town.example"}])
def test_settings_that_cannot_be_are_refused(change: dict[str, object], server: Served) -> None:
    with pytest.raises(UsageError, match=next(iter(change))):
        server.client(**change)
