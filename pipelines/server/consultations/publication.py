"""The files of a closed consultation: CSV with its Table Schema, JSON, and the proof; all in one step, or none."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Final

import numpy as np

from anonymization import atomic
from pipelines.server.consultations.answers import Box, Kept
from pipelines.server.consultations.proof import Proof, prove
from pipelines.server.consultations.results import Results, results
from pipelines.server.consultations.words import WORDS
from schemas.errors import CheckFailed, PrivacyRefusal

JSON_NAME: Final = "results.json"
TYPES: Final = {
    "results.csv": "text/csv; charset=utf-8",
    "results.schema.json": "application/json",
    JSON_NAME: "application/json",
    "proof.txt": "text/plain; charset=utf-8",
}
"""The files, and what each is for a browser."""

_SEPARATOR: Final = "|"
_COLUMNS: Final = {
    "breakdown": ("string", "What the row is broken down by: district or age_band."),
    "members": ("string", "The districts or age bands that the figure is of, with | between them."),
    "choices": ("string", "The choices that the figure is of, with | between them."),
    "people": ("integer", "How many people: every person is in one row of each breakdown."),
}


def files_of(kept: Kept, box: Box) -> dict[str, bytes]:
    """The files of a consultation by name; the same box gives the same bytes.

    Raises CheckFailed where the proof does not hold; nothing may be published then.
    """
    definition = kept.definition
    choices, districts = (tuple(each.id for each in listed) for listed in (definition.choice, definition.district))
    ages = definition.age_bands
    counts = np.array(list(box.values()), np.int64).reshape(len(choices), len(districts), len(ages))
    found = results(counts, choices, districts, ages, kept.k)
    proof = prove(found, choices, districts, ages, kept.k)
    if not proof.holds:
        raise CheckFailed(
            f"{definition.id}: expected results that tell no unpublished cell, found some that do",
            "nothing was published; please report this, it is an error of the program",
        )
    return {
        "results.csv": _csv(found),
        "results.schema.json": _encoded(_schema(kept)),
        JSON_NAME: _encoded(_json(kept, found, proof)),
        "proof.txt": "".join(f"{line}\n" for line in (*_banner(kept), *proof.lines())).encode(),
    }


def publish(folder: Path, files: dict[str, bytes]) -> None:
    """Write the folder of a consultation in one step; raises PrivacyRefusal where another one stands there."""
    if folder.exists():
        if {path.name: path.read_bytes() for path in folder.iterdir()} != files:
            raise PrivacyRefusal(
                f"{folder}: expected no results, or the same ones, found others",
                "results are published once: find out who changed them, and restore them",
            )
        return
    atomic.make_directory(folder.parent)
    temporary = folder.with_name(f".{folder.name}.unfinished")
    atomic.remove_tree(temporary)
    temporary.mkdir()
    for name, content in files.items():
        atomic.write_bytes(temporary / name, content)
    os.rename(temporary, folder)
    atomic.fsync_directory(folder.parent)


def _banner(kept: Kept) -> tuple[str, ...]:
    return (WORDS["test"].en, WORDS["test"].fr) if kept.test else ()


def _csv(found: Results) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in found.rows:
        writer.writerow((row.breakdown, _SEPARATOR.join(row.members), _SEPARATOR.join(row.choices), row.people))
    return text.getvalue().encode()


def _schema(kept: Kept) -> dict[str, object]:
    """Table Schema (Frictionless) of the CSV."""
    limits = {"people": {"required": True, "minimum": kept.k}}
    fields = [
        {"name": name, "type": kind, "description": told, "constraints": limits.get(name, {"required": True})}
        for name, (kind, told) in _COLUMNS.items()
    ]
    # A CSV has no place for it.
    told = {"description": " ".join(_banner(kept))} if kept.test else {}
    return {"fields": fields, "primaryKey": ["breakdown", "members", "choices"], "missingValues": [""]} | told


def _json(kept: Kept, found: Results, proof: Proof) -> dict[str, object]:
    definition = kept.definition
    return {
        "id": definition.id,
        "status": "closed",
        "test": kept.test,
        "title": definition.title.as_json(),
        "question": definition.question.as_json(),
        "opens": definition.opens.isoformat(),
        "closes": definition.closes.isoformat(),
        "attended": definition.attended,
        "choices": [vars(each) for each in definition.choice],
        "districts": [vars(each) for each in definition.district],
        "age_bands": list(definition.age_bands),
        "k": kept.k,
        "people": found.people,
        "suppressed": found.people is None,
        "rows": [vars(row) | {"pooled": len(row.members) > 1 or len(row.choices) > 1} for row in found.rows],
        "proof": list(proof.lines()),
        "limits": [WORDS[key].as_json() for key in limits(attended=definition.attended)],
    }


def limits(*, attended: bool) -> tuple[str, ...]:
    """The keys of the sentences that say what a consultation does not protect or prove."""
    checked = ("attended",) if attended else ("unattended", "known")
    return ("operator", "memory", "residence", *checked, "namesakes", "paper")


def _encoded(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
