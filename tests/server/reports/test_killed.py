"""A server that is killed while a report comes in leaves all of it or nothing."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from pipelines.server.reports import register
from tests.server.reports.made import BASE, FAULT, picture, served

POINTS = {"within the photo": (1, 0), "before the row": (1, 0), "within the row": (1, 0), "after the answer": (1, 1)}


def killed(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def report(folder: Path, point: str) -> None:
    """Report a fault with a photo, in a process of its own, and be killed at a point."""
    client = served(folder).client()
    if point == "within the photo":
        os.replace = killed
    if point == "before the row":
        register.Register.add = killed
    if point == "within the row":
        register._append = killed
    answered = client.post(f"{BASE}/requests.json", data=FAULT, files={"media": picture()})
    (folder / "answered").write_text(answered.json()[0]["service_request_id"])
    killed()


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_report_leaves_all_of_it_or_nothing(point: str, tmp_path: Path) -> None:
    # A fork, since a new interpreter takes seconds to import all.
    process = multiprocessing.get_context("fork").Process(target=report, args=(tmp_path, point))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    left, kept = POINTS[point]
    photos, answered = tmp_path / "photos", tmp_path / "answered"
    (photos / "theirs.txt").write_text("not ours")
    assert len(list(photos.iterdir())) == left + 1
    client = served(tmp_path).client()
    found = [each["service_request_id"] for each in client.get(f"{BASE}/requests.json").json()]
    assert found == ([answered.read_text()] if answered.exists() else [])
    assert len(found) == kept
    assert len(list(photos.glob("*.jpg"))) == kept
    assert len(list(photos.iterdir())) == kept + 1
