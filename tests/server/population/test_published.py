"""The release changes while it is served."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from anonymization.manifest import HEAD
from pipelines.server import clients
from pipelines.server.population import published
from pipelines.server.population.published import Published
from pipelines.server.population.routes import PREFIX, SCOPE
from schemas.errors import CheckFailed, UsageError
from tests.feeds import town as feeds
from tests.server import made
from tests.server.population.town import NEXT, PAST, SATURDAYS, asking, release, serve


@pytest.fixture(scope="module")
def shorter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release as it was before its last Saturday."""
    return release(tmp_path_factory.mktemp("shorter") / "release", SATURDAYS[:2])


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "usual_folder", lambda: None)


def test_a_release_that_has_grown_is_answered_from_once_it_verifies(shorter: Path, root: Path, tmp_path: Path) -> None:
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    served = Published(here, [].append)
    before = served.now()
    shutil.rmtree(here)
    shutil.copytree(root, here)
    assert served.now() is before
    served.renew()
    assert len(served.now().release.days) == len(SATURDAYS)
    same = served.now()
    served.renew()
    assert served.now() is same


def test_a_release_that_no_longer_verifies_changes_nothing_and_the_operator_is_told(
    shorter: Path, root: Path, tmp_path: Path
) -> None:
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    told: list[Mapping[str, str]] = []
    served = Published(here, told.append)
    before = served.now()
    shutil.rmtree(here)
    shutil.copytree(root, here)
    damaged = next(here.glob("presence/*/*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    served.renew()
    assert served.now() is before
    assert [each["event"] for each in told] == ["release not taken"]
    assert "does not verify" in told[0]["why"]


def test_it_is_looked_after_a_while_whether_the_release_has_grown(
    shorter: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    served = Published(here, [].append)
    renewed = []
    monkeypatch.setattr(served, "renew", lambda: renewed.append(True))
    served.now()
    assert renewed == []
    served._looked -= published.LOOK_SECONDS + 1
    served.now()
    served.now()
    for _ in range(100):
        if renewed:
            break
    assert renewed == [True]


def test_the_log_of_the_server_tells_that_a_release_is_not_taken(
    shorter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "LOOK_SECONDS", -1.0)
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    config = feeds.write(tmp_path, town=f'{feeds.TOWN}[release]\ndirectory = "release"\n[server.population]\n')
    headers = {"x-api-key": clients.add(tmp_path / "clients.json", "drones", [SCOPE])}
    lines: list[dict[str, str]] = []
    with made.client(config, lines) as client:
        (here / HEAD).unlink()
        client.post(f"{PREFIX}/retrieve", json=asking(), headers=headers)
        end = time.monotonic() + 10
        while not lines and time.monotonic() < end:
            time.sleep(0.001)
    assert lines[0]["event"] == "release not taken"


def test_a_release_that_does_not_verify_is_not_served(shorter: Path, tmp_path: Path) -> None:
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    next(here.glob("presence/*/*.parquet")).write_bytes(b"x")
    with pytest.raises(CheckFailed, match="does not verify"):
        Published(here, [].append)


def test_without_a_release_the_service_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\[server.population\]"):
        serve(tmp_path, None)


def test_before_the_first_release_the_service_says_how_to_publish_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a release to answer from, found none") as refused:
        serve(tmp_path, tmp_path / "release")
    assert "hexaflux run" in refused.value.hint


def test_a_file_that_changes_after_the_audit_is_not_answered_from(shorter: Path, tmp_path: Path) -> None:
    here = Path(shutil.copytree(shorter, tmp_path / "release"))
    (tmp_path / "served").mkdir()
    town = serve(tmp_path / "served", here)
    for file in here.glob("presence/*/*.parquet"):
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    for period in (NEXT, ("2026-06-27T08:00:00Z", "2026-06-27T09:00:00Z")):
        refused = town.ask(asking(period))
        assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
    assert town.ask(asking(PAST)).status_code == 200
    town.store.close()
