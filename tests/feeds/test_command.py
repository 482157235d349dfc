import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.command import HEXAFLUX
from tests.bench.feeds import write_town
from tests.feeds import town

AT = ("--at", "2026-06-20T18:00")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*HEXAFLUX, "feeds", "build", *map(str, arguments)], capture_output=True, text=True)


def test_feeds_are_built_beside_their_configuration_and_told_in_a_table(tmp_path: Path) -> None:
    done = run(town.write(tmp_path), *AT)

    assert done.returncode == 0
    assert "places │    3 │         3 │       0 │        0" in done.stdout
    assert f"Feeds of Dijon for 2026-06-20 18:00: {tmp_path / 'feeds'}" in done.stdout
    assert (tmp_path / "feeds" / "manifest.json").is_file()


def test_what_was_refused_is_told_on_standard_error_with_line_and_field(tmp_path: Path) -> None:
    config = town.write(tmp_path, places=town.PLACES.replace("47.33", "north"))

    done = run(config, *AT, "--out", tmp_path / "out")

    assert (done.returncode, done.stderr) == (
        0,
        "Refused: places.csv:4 EQUIP_LAT: expected a number such as 47.32, found 'north'\n",
    )


def test_json_is_for_programs(tmp_path: Path) -> None:
    done = run(town.write(tmp_path, places=town.PLACES.replace("47.33", "north")), *AT, "--json", "--quiet")

    told = json.loads(done.stdout)
    assert told["modules"] == {"places": {"rows": 3, "published": 2, "refused": 1, "warnings": 0}}
    assert told["findings"][0]["field"] == "EQUIP_LAT"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--strict",), 1, "1 of the values are refused, the first one in places.csv:4 EQUIP_LAT"),
        (("--at", "soon"), 2, "--at: expected an instant"),
        (("--out", "."), 2, "expected a folder of feeds, a new or an empty one"),
    ],
)
def test_an_error_is_two_lines_and_writes_nothing(
    tmp_path: Path, options: tuple[str, ...], code: int, told: str
) -> None:
    config = town.write(tmp_path, places=town.PLACES.replace("47.33", "north"))

    done = run(config, *(str(tmp_path) if option == "." else option for option in options))

    assert done.returncode == code
    error, hint = done.stderr.splitlines()
    assert told in error
    assert error.startswith("Error: ")
    assert hint.startswith("Hint: ")
    assert not (tmp_path / "feeds").exists()


def test_a_source_that_is_not_there_is_bad_input_and_leaves_the_feeds_of_before(tmp_path: Path) -> None:
    config = town.write(tmp_path)
    run(config, *AT)
    before = (tmp_path / "feeds" / "manifest.json").read_bytes()
    (tmp_path / "places.csv").unlink()

    done = run(config, *AT)

    assert done.returncode == 2
    assert "places.csv: expected a file, found nothing" in done.stderr
    assert (tmp_path / "feeds" / "manifest.json").read_bytes() == before


def test_a_killed_build_leaves_the_feeds_of_before_whole(tmp_path: Path) -> None:
    config = write_town(tmp_path, 200)
    build = [*HEXAFLUX, "feeds", "build", str(config), "--quiet", "--at"]
    start = time.perf_counter()
    subprocess.run([*build, "2026-06-20T18:00"], check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - start
    out = tmp_path / "feeds"
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    killed = 0
    for turn in range(6):
        child = subprocess.Popen([*build, "2026-06-21T18:00"], stdout=subprocess.DEVNULL)
        time.sleep(whole * (turn + 1) / 7)
        child.send_signal(signal.SIGKILL)
        if child.wait() == 0:
            break
        after = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
        at = json.loads((out / "manifest.json").read_bytes())["at"]
        assert after == before or at.startswith("2026-06-21")
        killed += at.startswith("2026-06-20")
    assert killed > 0
