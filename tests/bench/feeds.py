"""The benchmark of the feeds: a town of 5,000 places, from its CSV to the folder that is published.

The reference in the same run is the least that any program has to do: the same CSV to the same number of JSON objects,
with the standard library, no judgement, no hours, no page. `--write FILE` puts the figures into a page.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from anonymization.atomic import write_bytes
from pipelines.feeds.modules.places import COLUMNS, THEMES
from tests.bench.command import HEXAFLUX
from tests.bench.report import machine
from tests.bench.sections import with_section

TITLE: Final = "Civic feeds"
PLACES: Final = 5_000
ROUNDS: Final = 5
TARGET: Final = 5.0
"""Seconds for a build, from the start of the process to its exit."""
_DAYS: Final = ("Mo-Fr", "Tu-Sa", "Mo-Sa", "We,Sa", "Mo,Tu,Th,Fr")


def write_town(folder: Path, places: int, seed: int = 1) -> Path:
    """A configuration with so many places of as many kinds of hours as a town has, a tenth of them with exceptions."""
    chance = random.Random(seed)
    rows = [_row(number, chance) for number in range(places)]
    _csv(folder / "places.csv", [column.name for column in COLUMNS], rows)
    closed = [
        {"place_id": row["EQUIP_UID"], "when": "dates", "first": "2026-12-24", "last": "2027-01-02", "hours": "off"}
        for row in chance.sample(rows, places // 10)
    ]
    _csv(folder / "exceptions.csv", ["place_id", "when", "first", "last", "hours"], closed)
    config = folder / "town.toml"
    config.write_text(
        '[feeds.town]\nid = "town"\nname = "Town"\nexceptions = "exceptions.csv"\n'
        '[feeds.places]\nsource = "places.csv"\nvalid_until = 2027-12-31\n',
        encoding="utf-8",
    )
    return config


def _row(number: int, chance: random.Random) -> dict[str, str]:
    theme = number % len(THEMES)
    opens, closes = chance.choice((8, 9, 10)), chance.choice((17, 18, 19))
    half = chance.choice(("00", "15", "30"))
    hours = f"{chance.choice(_DAYS)} {opens:02}:{half}-12:00,{chance.choice((13, 14))}:00-{closes}:{half}; PH off"
    return {
        "COLL_NOM": "Ville",
        "COLL_SIRET": "21210231300013",
        "EQUIP_UID": f"21231-{number:08}-{number % 1000:03}",
        "EQUIP_THEME": THEMES[theme],
        "EQUIP_CODE": f"{theme:02}010401-{number % 1000:03}",
        "EQUIP_TYPE": "Lieu",
        "EQUIP_NOM": f"Lieu {number}",
        "ADR_NUMERO": str(number % 200 + 1),
        "ADR_NOMVOIE": "Rue de la Liberté",
        "ADR_CODEPOSTAL": "21000",
        "ADR_COMMUNE": "Dijon",
        "EQUIP_LAT": f"{47.28 + chance.random() / 10:.6f}",
        "EQUIP_LONG": f"{4.98 + chance.random() / 10:.6f}",
        "EQUIP_OUVERTURE": hours if number % 10 else "",
        "EQUIP_WEB": "https://town.example/lieu",
    }


def _csv(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def build(config: Path, out: Path) -> None:
    """The command, in a process of its own."""
    subprocess.run(
        [*HEXAFLUX, "feeds", "build", str(config), "--out", str(out), "--at", "2026-06-20T18:00", "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def reference(config: Path, out: Path) -> None:
    """The same CSV as JSON objects, by the standard library in a process of its own."""
    code = (
        "import csv, json, sys; "
        "rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8'))); "
        "open(sys.argv[2], 'w').write(json.dumps(rows))"
    )
    subprocess.run([sys.executable, "-c", code, str(config.parent / "places.csv"), str(out)], check=True)


def seconds(job: Callable[[], None]) -> float:
    """How long a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def main() -> int:
    """Run it; 1 where the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.feeds", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hexaflux-feeds-") as temporary:
        folder = Path(temporary)
        config = write_town(folder, PLACES)
        builds, references = [], []
        for _ in range(ROUNDS):
            builds.append(seconds(lambda: build(config, folder / "feeds")))
            references.append(seconds(lambda: reference(config, folder / "reference.json")))
        (module,) = json.loads((folder / "feeds" / "manifest.json").read_bytes())["modules"]
        assert module["items"] == PLACES
        size = sum(path.stat().st_size for path in (folder / "feeds").rglob("*") if path.is_file())
    text = told(builds, references, size)
    sys.stdout.write(text)
    if chosen.write:
        write_bytes(chosen.write, with_section(chosen.write.read_text(encoding="utf-8"), TITLE, text).encode())
    return 0 if max(builds) < TARGET else 1


def told(builds: list[float], references: list[float], size: int) -> str:
    """The figures as Markdown."""
    verdict = "met" if max(builds) < TARGET else "MISSED"
    return "\n".join(
        (
            f"`make bench-feeds` builds a town of {PLACES:,} places {ROUNDS} times, each in a process of its",
            "own, beside a program that only writes the same CSV as JSON.",
            "",
            *(f"- {line}" for line in machine()),
            f"- build: {median(builds):.2f} s, the slowest {max(builds):.2f} s; {size / 1e6:.1f} MB written",
            f"- only CSV to JSON: {median(references):.2f} s",
            f"- ratio: {median(builds) / median(references):.1f}",
            f"- limit: {TARGET:.0f} s, {verdict}",
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
