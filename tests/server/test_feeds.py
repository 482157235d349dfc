"""Feeds over HTTP: what the manifest lists, of one build, and never twice to who has it."""

import asyncio
import gzip
import hashlib
import json
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from starlette.testclient import TestClient

from pipelines.feeds import folder
from pipelines.server.published import current, edition
from pipelines.server.published.answers import _takes_gzip
from tests.server import made

PLAIN = {"accept-encoding": "identity"}


def listed(feeds: Path) -> dict[str, str]:
    manifest = json.loads((feeds / "manifest.json").read_bytes())
    files = [*manifest["files"], *(file for module in manifest["modules"] for file in module["files"])]
    return {file["path"]: file["sha256"] for file in files if file["path"].startswith("dijon/")}


def test_every_file_of_the_town_that_the_manifest_lists_is_served(config: Path, ask: TestClient) -> None:
    files = listed(config.parent / "feeds")
    assert len(files) >= 5
    for path, digest in files.items():
        found = ask.get(f"/v1/{path}", headers=PLAIN)
        assert (found.status_code, hashlib.sha256(found.content).hexdigest()) == (200, digest)
        assert found.headers["etag"] == f'"{digest}"'


def test_a_town_is_its_manifest_and_a_module_its_items(config: Path, ask: TestClient) -> None:
    feeds = config.parent / "feeds"
    assert ask.get("/v1/dijon").content == (feeds / "manifest.json").read_bytes()
    assert ask.get("/v1/dijon/places").content == (feeds / "dijon/places/index.json").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/paris",
        "/v1/dijon/shops",
        "/v1/dijon/places/other.csv",
        "/v1/dijon/places/",
        "/v1/manifest.json",
        "/v1/report.json",
        "/v1/",
        "/v1/dijon/places/index.json/x",
    ],
)
def test_what_the_manifest_does_not_list_is_not_there(ask: TestClient, path: str) -> None:
    found = ask.get(path)
    assert (found.status_code, found.json()["code"]) == (404, "NOT_FOUND")


def test_a_file_that_lies_in_the_folder_unlisted_is_not_served(config: Path) -> None:
    (config.parent / "feeds/dijon/places/secret.csv").write_text("x")
    with made.client(config) as ask:
        assert ask.get("/v1/dijon/places/secret.csv").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("places/index.json", "application/json; charset=utf-8"),
        ("places/equipements.csv", "text/csv; charset=utf-8"),
        ("places/map.geojson", "application/geo+json; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
    ],
)
def test_each_file_has_its_type(ask: TestClient, name: str, kind: str) -> None:
    assert ask.get(f"/v1/dijon/{name}").headers["content-type"] == kind


def test_a_client_that_has_it_is_told_so(ask: TestClient) -> None:
    tag = ask.get("/v1/dijon", headers=PLAIN).headers["etag"]
    for known, status in (
        (tag, 304),
        (f"W/{tag}", 304),
        (f'"x", {tag}', 304),
        (f'W/"x",W/{tag} , "y"', 304),
        ("*", 304),
        ('"x"', 200),
        (tag.strip('"'), 200),
        ("", 200),
        (f'"{tag[1:-1]}-gzip"', 200),
    ):
        found = ask.get("/v1/dijon", headers=PLAIN | {"if-none-match": known})
        assert (known, found.status_code) == (known, status)
        assert found.headers["etag"] == tag
        assert bool(found.content) == (status == 200)


def test_a_date_decides_only_where_there_is_no_tag(ask: TestClient) -> None:
    at = ask.get("/v1/dijon").headers["last-modified"]
    for headers, status in (
        ({"if-modified-since": at}, 304),
        ({"if-modified-since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Mon, 01 Jan 2001 00:00:00"}, 200),
        ({"if-modified-since": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, 200),
        ({"if-modified-since": at, "if-none-match": '"x"'}, 200),
    ):
        assert ask.get("/v1/dijon", headers=headers).status_code == status


def test_a_head_has_the_headers_of_a_get(ask: TestClient) -> None:
    for path in ("/v1/dijon", "/v1/dijon/places", "/health", "/", "/v1/none"):
        got, head = ask.get(path), ask.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == str(len(got.content)) or "content-encoding" in got.headers


def test_a_packed_file_is_the_same_file_with_another_tag(ask: TestClient) -> None:
    plain = ask.get("/v1/dijon/places", headers=PLAIN)
    packed = ask.get("/v1/dijon/places", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0.001", True),
        ("", False),
        ("identity", False),
        ("x-gzipped", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
    ],
)
def test_a_file_is_packed_where_the_client_takes_it(accepted: str, takes: bool) -> None:
    assert _takes_gzip(accepted) is takes


def test_feeds_are_open_to_pages_of_others_and_may_be_kept_for_a_minute(ask: TestClient) -> None:
    headers = ask.get("/v1/dijon").headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "public, max-age=60"


def test_the_page_of_a_town_keeps_its_own_policy(ask: TestClient) -> None:
    found = ask.get("/v1/dijon/index.html")
    policies = found.headers.get_list("content-security-policy")
    assert len(policies) == 2
    assert "script-src 'sha256-" in policies[0]
    assert "frame-ancestors 'none'" in policies[1]


def test_without_a_build_there_are_no_feeds_and_a_first_build_is_served(config: Path, monkeypatch) -> None:
    monkeypatch.setattr(current, "SECONDS", 0.0)
    shutil.rmtree(config.parent / "feeds")
    with made.client(config) as ask:
        assert ask.get("/v1/dijon").status_code == 404
        made.build(config)
        assert ask.get("/v1/dijon").status_code == 200


def test_a_new_build_is_served_and_the_tag_changes(config: Path, monkeypatch) -> None:
    monkeypatch.setattr(current, "SECONDS", 0.0)
    with made.client(config) as ask:
        before = ask.get("/v1/dijon").headers["etag"]
        made.build(config, "2026-06-21T18:00")
        after = ask.get("/v1/dijon", headers={"if-none-match": before})
        assert (after.status_code, after.json()["at"]) == (200, "2026-06-21T18:00:00+02:00")


def test_a_folder_that_is_spoilt_leaves_the_build_before(config: Path, monkeypatch) -> None:
    monkeypatch.setattr(current, "SECONDS", 0.0)
    monkeypatch.setattr(edition, "ATTEMPTS", 2)
    with made.client(config) as ask:
        before = ask.get("/v1/dijon/places").content
        (config.parent / "feeds/dijon/places/index.json").write_text("{}")
        manifest = config.parent / "feeds/manifest.json"
        manifest.write_text(manifest.read_text() + " ")
        assert ask.get("/v1/dijon/places").content == before


def test_a_build_that_could_not_be_read_once_is_read_at_a_later_look(config: Path, monkeypatch) -> None:
    clock = SimpleNamespace(now=0.0)
    folder = config.parent / "feeds"
    found = current.Current(folder, lambda: clock.now)
    made.build(config, "2026-06-21T18:00")
    refusals = iter((PermissionError, edition.Torn))

    def failing(path: Path) -> edition.Edition | None:
        for refusal in refusals:
            raise refusal
        return edition.read(path)

    monkeypatch.setattr(current, "read", failing)
    dates = []
    for look in range(1, 4):
        clock.now = look * current.SECONDS
        answered = asyncio.run(found.edition())
        assert answered is not None
        dates.append(json.loads(answered.files["dijon"].data)["at"][:10])
    assert dates == ["2026-06-20", "2026-06-20", "2026-06-21"]


def test_a_first_build_that_could_not_be_read_is_read_at_a_later_look(config: Path, monkeypatch) -> None:
    clock = SimpleNamespace(now=0.0)
    with monkeypatch.context() as failing:
        failing.setattr(current, "read", Mock(side_effect=PermissionError))
        found = current.Current(config.parent / "feeds", lambda: clock.now)
    assert asyncio.run(found.edition()) is None
    clock.now = current.SECONDS
    assert asyncio.run(found.edition()) is not None


def test_a_manifest_that_leads_out_of_the_folder_is_not_followed(config: Path) -> None:
    path = config.parent / "feeds/manifest.json"
    (config.parent / "feeds/secret").write_text("x")
    manifest = json.loads(path.read_text())
    digest = hashlib.sha256(b"x").hexdigest()
    manifest["files"].append({"path": "dijon/../secret", "bytes": 1, "sha256": digest})
    path.write_text(json.dumps(manifest))
    with pytest.raises(edition.Torn):
        edition.read(config.parent / "feeds")


def test_an_edition_is_of_one_build_while_builds_are_swapped(tmp_path: Path) -> None:
    """Every file of a build says which one it is of."""
    out = tmp_path / "feeds"
    folder.publish(out, written(0))
    over = threading.Event()

    def swap() -> None:
        for number in range(1, 40):
            folder.publish(out, written(number))
        over.set()

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    while not over.is_set():
        try:
            found = edition.read(out)
        except edition.Torn:
            continue
        assert found is not None
        [number] = {json.loads(file.data)["build"] for file in found.files.values()}
        seen.add(number)
    thread.join()
    assert len(seen) > 1


def written(number: int) -> dict[str, bytes]:
    files = {f"t/m/{name}.json": json.dumps({"build": number, "name": name}).encode() for name in ("index", *"abcdef")}
    stated = [{"path": path, "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()]
    manifest = {"schema_version": 1, "software": "x", "town": {"id": "t"}, "build": number, "files": []}
    manifest["modules"] = [{"name": "m", "files": stated}]
    return files | {folder.MANIFEST: json.dumps(manifest).encode()}


def test_the_same_build_is_packed_into_the_same_bytes(config: Path) -> None:
    one, other = (edition.read(config.parent / "feeds") for _ in range(2))
    assert one is not None
    assert one == other
    assert all(gzip.decompress(file.packed) == file.data for file in one.files.values() if file.packed)
