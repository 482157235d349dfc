import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.feeds import folder
from schemas.errors import SystemFailure, UsageError

MANIFEST = '{"schema_version": 1, "software": "hexaflux", "town": {}, "modules": []'
OLD = {"manifest.json": (MANIFEST + "}").encode(), "dijon/places/index.json": b"old places"}
NEW = {"manifest.json": (MANIFEST + ', "at": ""}').encode(), "dijon/alerts/index.json": b"new alerts"}


def held(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("before", ["nothing", "empty", "feeds"])
def test_what_is_published_takes_the_place_of_all_that_stood_there(tmp_path: Path, before: str) -> None:
    out = tmp_path / "feeds"
    if before == "empty":
        out.mkdir()
    if before == "feeds":
        folder.publish(out, OLD)

    folder.publish(out, NEW)

    assert held(out) == NEW
    assert sorted(path.name for path in tmp_path.iterdir()) == [".feeds.lock", "feeds"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")

    with pytest.raises(UsageError, match="expected a folder of feeds"):
        folder.publish(tmp_path, NEW)
    assert held(tmp_path) == {"letter.txt": b"dear"}


@pytest.mark.parametrize("manifest", ['{"name": "App", "icons": []}', "[]", "manifest", "[" * 100_000])
def test_a_manifest_of_something_else_is_not_one_of_feeds(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "app.js").write_text("dear")

    with pytest.raises(UsageError, match="expected a folder of feeds"):
        folder.publish(tmp_path, NEW)
    assert (tmp_path / "app.js").read_text() == "dear"


@pytest.mark.parametrize("name", ["feeds", "presence/feeds"])
def test_nothing_is_written_into_a_release(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest" / "public.pem").write_text("key")

    with pytest.raises(UsageError, match="outside of releases"):
        folder.publish(tmp_path / name, NEW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest"]


def test_a_name_that_no_folder_can_have_is_a_failure_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match="cannot be written"):
        folder.publish(tmp_path / ("x" * 300), NEW)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "feeds").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match="expected a folder"):
        folder.publish(tmp_path / "feeds", NEW)


def test_a_second_build_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with folder._taken(tmp_path / "feeds"), pytest.raises(SystemFailure, match="another build"):
        folder.publish(tmp_path / "feeds", NEW)


def test_a_folder_that_may_not_be_written_is_a_failure_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SystemFailure, match="cannot be written"):
        folder.publish(tmp_path / "file" / "feeds", NEW)


@pytest.mark.parametrize(("owner", "name"), [(Path, "open"), (os, "fsync"), (folder, "_exchange")])
def test_an_error_on_the_way_leaves_the_feeds_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    out = tmp_path / "feeds"
    folder.publish(out, OLD)

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fails)
        with pytest.raises(SystemFailure, match="No space left"):
            folder.publish(out, NEW)

    assert held(out) == OLD
    folder.publish(out, NEW)
    assert held(out) == NEW


KILLED = """
import itertools, sys
from pathlib import Path
from pipelines.feeds import folder
for number in itertools.count():
    data = f'{sys.argv[3]}, "at": "{sys.argv[2]}, {number}"}}'.encode()
    files = {f"dijon/{name}.json": data for name in range(40)} | {"manifest.json": data}
    folder.publish(Path(sys.argv[1]), files)
    print("published", flush=True)
"""


def test_whenever_a_build_is_killed_the_folder_holds_one_build_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    seen = set()
    for turn in range(12):
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(out), str(turn), MANIFEST], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.02 + 0.017 * turn)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        contents = held(out)
        assert len(contents) == 41
        assert len(set(contents.values())) == 1
        seen |= set(contents.values())
    assert len(seen) == 12


def test_a_reader_never_finds_the_folder_gone(tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    folder.publish(out, OLD)
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(out), "0", MANIFEST], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        end = time.monotonic() + 2
        looks = 0
        while time.monotonic() < end:
            assert (out / "manifest.json").read_bytes()
            looks += 1
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    assert looks > 100
