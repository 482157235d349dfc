"""No path of the server reaches what a release, the feeds and the reports do not publish."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipelines.server import clients
from pipelines.server.population.routes import SCOPE
from tests.server import made, whole

MARK = "canary-7319"
"""Stands in every file beside what is published, and in nothing that is."""
BESIDE = (
    "release.work/state/state.json",
    "release.work/dead_letters.jsonl",
    "release.work/history/cells.json",
    "release.faults/hours.json",
    "feeds/dijon/places/unlisted.json",
    "feeds/unlisted.json",
    "photos/unlisted.jpg",
    "consultations/playground/results.json",
    "release/presence/unlisted.json",
)
VALUES = ("dijon", "places", "playground", "results.json", "unlisted.json", "json", "%2e%2e")
FILES = (*BESIDE, "clients.json", "server.db", "town.toml", "consultations.jsonl", "consultations.keys", "places.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def ask(folder: Path) -> Iterator[TestClient]:
    config = whole.configuration(folder)
    with made.client(config) as client:
        client.headers["x-api-key"] = clients.add(folder / "clients.json", MARK, [SCOPE, "reports:manage"])
        for name in BESIDE:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'{{"{MARK}": 1}}')
        yield client


def paths(ask: TestClient) -> set[str]:
    """Every path of the document with every value in every place, and the files by their names below every path."""
    told = ask.get("/openapi.json").json()["paths"]
    found = {"/", "/open311/", "/open311/report", "/health", "/metrics", *(f"/{name}" for name in FILES)}
    for path in told:
        places = path.count("{")
        plain = [piece.partition("}")[2] for piece in path.split("{")]
        start = path.partition("{")[0]
        for values in product(VALUES, repeat=places):
            found.add(start + "".join(value + rest for value, rest in zip(values, plain[1:], strict=True)))
        found |= {f"{start}{trick}{name}" for trick in ("../", "..%2f", "%2e%2e/", "") for name in FILES}
    return found


def test_no_path_shows_a_file_beside_what_is_published(ask: TestClient) -> None:
    asked = paths(ask)
    answers = {path: ask.get(path) for path in sorted(asked)}
    assert len(asked) > 500
    assert sum(answer.status_code == 200 for answer in answers.values()) >= 10
    assert {answer.status_code for answer in answers.values() if answer.status_code >= 500} == set()
    assert [path for path, answer in answers.items() if MARK in answer.text or MARK in str(answer.headers)] == []
