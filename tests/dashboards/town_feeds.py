"""A folder of feeds by hand, as a build for a Saturday evening in June would have written it; a test may damage it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

AT: Final = "2026-06-20T18:00:00+02:00"
FEED_ENDS: Final = "2026-12-31T00:00:00+01:00"
OPEN_UNTIL: Final = "2026-06-20T19:00:00+02:00"
MONDAY: Final = ("2026-06-22T09:00:00+02:00", "2026-06-22T12:00:00+02:00")

Json = dict[str, object]


def both(english: str, french: str = "") -> Json:
    return {"en": english, "fr": french or english}


def item(key: str, title: str, at: tuple[float, float] | None = None, **more: object) -> Json:
    """An item, at a latitude and longitude."""
    place: Json = {"address": f"1 rue de {title}, 21000 Dijon"}
    if at is not None:
        place |= {"latitude": at[0], "longitude": at[1]}
    return {"id": key, "title": both(title), "place": place, **more}


def opening(state: str, *intervals: tuple[str, str], hours: str = "Mo-Sa 09:00-19:00") -> Json:
    return {"hours": hours, "state": state, "intervals": [list(each) for each in intervals]}


DIGITAL: Final = both("Digital help", "Aide au numérique")
PRINTING: Final = both("Printing of documents", "Impression de documents")
MODULES: Final[Mapping[str, tuple[Json, list[Json]]]] = {
    "alerts": (
        both("Alerts of the town", "Alertes de la ville"),
        [
            item("flood", "Crue du lac", starts="2026-06-20T08:00:00+02:00", ends="2026-06-21T08:00:00+02:00"),
            item("works", "Travaux du pont", starts="2026-06-23T08:00:00+02:00"),
            item("storm", "Orage", starts="2026-06-18T08:00:00+02:00", ends="2026-06-18T20:00:00+02:00"),
        ],
    ),
    "places": (
        both("Places of the town", "Lieux de la ville"),
        [
            item("hall", "Mairie", (47.3216, 5.0415), opening=opening("closed", MONDAY)),
            item("pool", "Piscine", (47.3290, 5.0260), opening=opening("open", (AT, OPEN_UNTIL))),
            item("old", "Musée", (47.3205, 5.0440), opening={"state": "unknown"}, link="https://musee.example/visite"),
        ],
    ),
    "inclusion": (
        both("Digital inclusion centres", "Lieux d’inclusion numérique"),
        [
            item("far", "Médiathèque", (47.3400, 5.0600), opening=opening("open", (AT, OPEN_UNTIL)), tags=[DIGITAL]),
            item("close", "Maison des services", (47.3220, 5.0420), opening=opening("open", (AT, OPEN_UNTIL)),
                 tags=[PRINTING]),
        ],
    ),
    "waste": (
        both("Waste rounds", "Collectes de déchets"),
        [item("glass", "Verre, secteur nord", dates=["2026-06-19", "2026-06-20", "2026-06-24"])],
    ),
    "wifi": (
        both("Wi-Fi of the town", "Wi-Fi de la ville"),
        [
            item(
                "ap1",
                "Borne du lac",
                (47.3260, 5.0060),
                facts=[{"label": both("Available in June", "Disponible en juin"), "value": both("99.2%", "99,2 %")}],
                valid_until="2026-06-21T00:00:00+02:00",
            )
        ],
    ),
}  # fmt: skip
FINDINGS: Final[list[Json]] = [
    {
        "module": None,
        "file": "exceptions.csv",
        "line": 2,
        "field": "date",
        "level": "error",
        "expected": both("a date"),
    },
    {
        "module": "places",
        "file": "places.csv",
        "line": 7,
        "field": "EQUIP_LAT",
        "level": "error",
        "expected": both("a number such as 47.32", "un nombre, par exemple 47.32"),
    },
    {
        "module": "waste",
        "file": "rounds.csv",
        "line": 3,
        "field": "day",
        "level": "warning",
        "expected": both("one round a day", "une collecte par jour"),
    },
]


def write_feeds(
    folder: Path,
    change: Callable[[dict[str, Json]], None] = lambda documents: None,
    state: Callable[[Json], None] = lambda manifest: None,
) -> Path:
    """Write the folder; `change` alters the documents before they are stated, `state` the manifest itself."""
    documents: dict[str, Json] = json.loads(json.dumps({name: _index(name) for name in MODULES}))
    change(documents)
    written = {f"dijon/{name}/index.json": as_bytes(document) for name, document in documents.items()}
    shared = {"report.json": as_bytes(FINDINGS), "dijon/index.fr.html": b"<!doctype html><title>Dijon</title>"}
    manifest: Json = {
        "schema_version": 1,
        "town": {"id": "dijon", "name": "Dijon"},
        "test": False,
        "at": AT,
        "modules": [_module(name, documents[name], written) for name in documents],
        "files": [_file(path, data) for path, data in shared.items()],
    }
    state(manifest)
    for path, data in (*written.items(), *shared.items(), ("manifest.json", as_bytes(manifest))):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _index(name: str) -> Json:
    title, items = MODULES[name]
    return {"town": "dijon", "module": name, "title": title, "at": AT, "valid_until": FEED_ENDS, "items": items}


def _module(name: str, document: Json, written: Mapping[str, bytes]) -> Json:
    items = document["items"]
    assert isinstance(items, list)
    return {
        "name": name,
        "title": document["title"],
        "standard": "SCDL",
        "updated": "2026-05-01",
        "valid_until": document["valid_until"],
        "rows": len(items) + (name == "places"),
        "items": len(items),
        "refused": int(name == "places"),
        "warnings": int(name == "waste"),
        "files": [_file(path, data) for path, data in written.items() if f"/{name}/" in path],
    }


def _file(path: str, data: bytes) -> Json:
    return {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def as_bytes(document: object) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()
