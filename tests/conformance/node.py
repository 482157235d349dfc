"""Independent readers from npm: a little script reads what a feed or an export publishes, and tells what it found.

`read(reader, content)` gives a text or bytes to a script of `readers/` as they are, anything else as JSON, and returns
what it said:

hours      `{"values": texts, "instants": seconds since 1970}`, in France and Europe/Paris;
           for each value `{"states": "0110…", "warnings"}`, a digit for each instant, or `{"error"}`
ical       a calendar, text;
           `{"prodid", "version", "name", "events"}` or `{"error"}`; an event has `uid`, `summary`, `description`,
           `location`, `start`, `end`, `tzid`, `all_day`, `recurring`, `occurrences` (60 at most) and `properties`;
           times are `{"local", "utc"}`, days `{"local"}`
jsonfeed   a JSON Feed 1.1, text; `{"valid", "errors", "items": how many}`
gtfs       a GTFS-realtime message, bytes; the message, with the names of its enumerations, or `{"error"}`
geojson    GeoJSON (RFC 7946), text; `{"valid", "errors", "features": how many}`
jsonld     `{"document", "contexts": by address}`; `{"nodes": expanded, "quads": how many}` or `{"error"}`
rdf        `{"syntax": "turtle" or "xml", "text"}`; `{"statements": subject, predicate and object}` or `{"error"}`
mediation  rows of lieux de médiation numérique 1.0.2, each a mapping of texts by column;
           for each row `{"place", "structure"}`, as it is read and as data.inclusion has it, or `{"error", "message",
           "field"}`

The packages stand in `package.json`; npm installs them into `.cache/conformance` by the hashes of `package-lock.json`,
from the registry that this machine is set to. `npm install --omit-lockfile-registry-resolved --ignore-scripts` writes
that file anew, without addresses but those of `funding`, which are taken out.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.paths import ROOT
from tests.programs import CACHE, MissingProgram, command, run

TIER: Final = "tests of conformance"
FOLDER: Final = ROOT / "tests" / "conformance"
LOCK: Final = FOLDER / "package-lock.json"
SECONDS: Final = 600
"""How long a script may take."""


def read(reader: str, content: object, zone: str = "Europe/Paris") -> Any:
    """What a reader says of a content; raises RuntimeError with what it printed where it fails."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    done = subprocess.run(
        [command("node", TIER), str(FOLDER / "readers" / f"{reader}.cjs")],
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        timeout=SECONDS,
        env=os.environ | {"NODE_PATH": str(modules()), "TZ": zone},
    )
    if done.returncode:
        raise RuntimeError(f"the reader {reader} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout)


def modules(cache: Path = CACHE) -> Path:
    """The installed packages; npm is asked for them the first time, and after each change of their list."""
    named = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = cache / "conformance" / named
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as unfinished:
            installed = Path(unfinished, "installed")
            installed.mkdir()
            for name in ("package.json", LOCK.name):
                shutil.copy(FOLDER / name, installed)
            run([command("npm", TIER), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], installed)
            installed.rename(folder)
    return folder / "node_modules"


if __name__ == "__main__":
    try:
        print(modules())
    except MissingProgram as error:
        raise SystemExit(f"Error: {error}") from None
