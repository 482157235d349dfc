"""T11: whether an identifier, or a pseudonym of a closed day, can be found in anything that was kept."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.atomic import make_directory
from pipelines.arrays import Ints
from pipelines.attacks.files.exports import exported
from pipelines.attacks.files.haystack import files, pieces
from pipelines.attacks.files.needles import Needles, needles
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.identities import holders, subscribers
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from pipelines.shard_files import write_batches

_SOURCE: Final = "specification S1: what is kept, scanned for the whole id space without a key, gives no match"

_SEARCHED: Final = ("csv", "geoparquet")
"""The exports that are searched; GeoJSON has the same texts and numbers, and outlines that take long to read."""

Kept: TypeAlias = tuple[Path, ...]
"""Folders of files that are kept when all privacy days are closed."""


def _kept(target: Target) -> Kept:
    """The release, its exports and its working directory, if that is there, and that of the second run."""
    exports = [folder for name, folder in exported(target).items() if name in _SEARCHED]
    working = target.release.with_name(f"{target.release.name}.work"), target.reproduction.working
    return tuple(folder for folder in (target.release, *exports, *working) if folder.is_dir())


def _hashed_letters(target: Target) -> Kept:
    """A table of dead letters in which each subscriber has a mark: a hash without a key."""
    marks = [hashlib.sha256(name.encode()).hexdigest() for name in subscribers(target).to_pylist()]
    folder = _folder(target, "letters")
    pq.write_table(pa.table({"subscriber": marks}), folder / "dead_letters.parquet")
    return (folder,)


def _spools_left(target: Target) -> Kept:
    """A working file of the presence of devices that was not removed when its day was closed."""
    folder = _folder(target, "spools")
    for day in target.days:
        left = pa.table({"device": day.pseudonym})
        write_batches(folder / f"{day.day}.arrow", left.schema, [left])
    return (folder,)


def _folder(target: Target, name: str) -> Path:
    folder = target.scratch / "dictionary" / name
    make_directory(folder)
    return folder


def _found(kept: Kept, target: Target) -> Measured:
    """How many of all identifiers and pseudonyms stand anywhere in the folders, and how many of as many others."""
    names, held = subscribers(target), holders(target.inputs)
    others = _neighbours(names)
    pseudonym = np.unique(np.concatenate([day.pseudonym for day in target.days]))
    owners = list(_numbered(len(names), len(held), len(others), pseudonym.size))
    people = zip((names, held, others), owners[:3], strict=True)
    seen = _owners(kept, needles(list(people), [(pseudonym, owners[3])]))
    subscriber, holder, other, day = (int(np.isin(some, seen).sum()) for some in owners)
    figures = {
        "identifiers found": subscriber + holder,
        "pseudonyms found": day,
        "share found": subscriber / max(len(names), 1),
        "others found": other,
    }
    tried = {
        "identifiers": len(names) + len(held),
        "others": len(others),
        "pseudonyms": pseudonym.size,
        "files": sum(len(files(folder)) for folder in kept),
    }
    return Measured(figures, tried)


def _numbered(*sizes: int) -> Iterator[Ints]:
    """Numbers for several sets of people, one after the other."""
    start = 0
    for size in sizes:
        yield np.arange(start, start + size)
        start += size


def _owners(kept: Kept, sought: Needles) -> Ints:
    """int64[m], ascending: whoever is found in the folders."""
    seen = [owners for folder in kept for text in pieces(folder) for owners in sought.owners(text)]
    return np.unique(np.concatenate([np.empty(0, np.int64), *seen]))


def _neighbours(names: pa.Array) -> pa.Array:
    """As many identifiers that nobody has: those that follow in their last character, as far as they are free."""
    query = """
        SELECT DISTINCT left(name, length(name) - 1)
            || CASE right(name, 1) WHEN '9' THEN '0' ELSE chr(ascii(right(name, 1)) + 1) END AS name
        FROM names ORDER BY name
    """
    following = ask(query, names=pa.table({"name": names}))["name"].combine_chunks()
    return following.filter(pc.invert(pc.is_in(following, names)))


DICTIONARY: Final = Attack(
    number="T11",
    name=Words("Dictionary", "Dictionnaire"),
    criterion="linkability",
    what=Words(
        "every file of the release, of its exports and of the working directories, decoded, once all days are closed",
        "chaque fichier de la publication, de ses exports et des dossiers de travail, décodé, une fois les journées "
        "closes",
    ),
    knowledge=Words(
        "all identifiers that there can be and all usual hashes, but no key",
        "tous les identifiants possibles et les hachages usuels, mais aucune clé",
    ),
    control=Words("identifiers that nobody has, as many", "autant d'identifiants que personne ne porte"),
    levels=(Level("identifiers found", 0, _SOURCE), Level("pseudonyms found", 0, _SOURCE)),
    subject=_kept,
    measure=_found,
    weaknesses=(
        Weakness(
            Words("a hash without a key among the dead letters", "un hachage sans clé parmi les rebuts"),
            _hashed_letters,
        ),
        Weakness(
            Words("working files left after closing", "des fichiers de travail restés après clôture"), _spools_left
        ),
    ),
)
