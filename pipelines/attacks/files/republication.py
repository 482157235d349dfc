"""T6: whether a window that was published changes when late events come."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.arrays import column
from pipelines.attacks.files.deliveries import deliveries
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS

_SOURCE: Final = "specification S17: a window is written once"

_TOLD_LEAST: Final = 100
"""Late events of which a manifest may tell the number."""

_PRINTED: Final = ("devices", "people", "people_low", "people_high", "additive")
"""Columns that say how many; the others say of whom, where and when."""


@dataclass(frozen=True)
class Versions:
    """Two publications of a privacy day, folders of a release each.

    `late`: events of the day that came between them; `told`: how many the manifest says there were.
    """

    before: Path
    after: Path
    late: int = 0
    told: object = None

    @property
    def is_told_otherwise(self) -> bool:
        """Whether the manifest tells another number than that of the late events in two digits, and none below 100."""
        if self.told is None or not isinstance(self.told, int):
            return self.told is not None or self.late >= _TOLD_LEAST
        step = 10 ** max(len(str(self.told)) - 2, 0)
        return self.told < _TOLD_LEAST or self.told % step != 0 or abs(self.told - self.late) > step


Subject: TypeAlias = tuple[Versions, ...]


def _delivered(target: Target) -> Subject:
    """The release before and after late events came, for each share of them."""
    return tuple(Versions(each.before, each.after, each.late, each.told) for each in deliveries(target))


def _told_exactly(target: Target) -> Subject:
    """The same, with a manifest that tells how many late events there were."""
    return tuple(replace(each, told=each.late) for each in _delivered(target) if each.late)


def _republished(target: Target) -> Subject:
    """The same day published without the late events, and again with them, under the same key."""
    whole, *others = deliveries(target)
    return tuple(Versions(each.before, whole.before) for each in others)


def _compared(versions: Subject, target: Target) -> Measured:
    """What differs between the two publications of the day, in bytes and in figures."""
    day = f"date={target.days[0].day}"
    pairs = [pair for each in versions for pair in _pairs(each, day)]
    changes = [_changes(name, before, after, target.policy.k) for name, before, after in pairs]
    figures, differ, small, come = (sum(each) for each in zip((0, 0, 0, 0), *changes, strict=True))
    return Measured(
        {
            "changed bytes": sum(_unlike(before, after) for _, before, after in pairs),
            "figures that differ": differ,
            "differences below k": small,
            "share of figures that differ": differ / max(figures, 1),
            "figures that come or go": come,
            "late events told otherwise": sum(each.is_told_otherwise for each in versions),
        },
        {"publications": 2 * len(versions), "files": len(pairs), "figures": figures},
    )


def _pairs(versions: Versions, day: str) -> Iterator[tuple[str, bytes, bytes]]:
    """The indicator of each file of a day, and its bytes in both publications, none where there is no such file."""
    folders = versions.before, versions.after
    paths = {path.relative_to(folder) for folder in folders for path in folder.glob(f"*/{day}/*")}
    for path in sorted(paths):
        before, after = (each.read_bytes() if each.exists() else b"" for each in (folder / path for folder in folders))
        yield path.parts[0], before, after


def _unlike(before: bytes, after: bytes) -> int:
    """How many bytes are not the same at the same place."""
    shared = min(len(before), len(after))
    one, other = (np.frombuffer(data, np.uint8, shared) for data in (before, after))
    return int((one != other).sum()) + max(len(before), len(after)) - shared


def _changes(name: str, before: bytes, after: bytes, k: int) -> tuple[int, int, int, int]:
    """Figures, those that differ, those that differ by 1 to k - 1 devices, and those that only one publication has."""
    declared = INDICATORS[name].table
    keys = ", ".join(field for field in declared.names if field not in _PRINTED)
    tables = (pq.read_table(pa.BufferReader(data)) if data else declared.empty() for data in (before, after))
    found = ask(
        f"""
        SELECT count(*) AS figures,
            count(*) FILTER ((b.devices, b.people) IS DISTINCT FROM (a.devices, a.people)) AS differ,
            count(*) FILTER (abs(b.devices - a.devices) BETWEEN 1 AND {k - 1}) AS small,
            count(*) FILTER (b.devices IS NULL OR a.devices IS NULL) AS come
        FROM before b FULL JOIN after a USING ({keys})
        """,  # noqa: S608 - names of declared columns, and a number
        **dict(zip(("before", "after"), tables, strict=True)),
    )
    figures, differ, small, come = (int(column(found, each)[0]) for each in ("figures", "differ", "small", "come"))
    return figures, differ, small, come


REPUBLICATION: Final = Attack(
    number="T6",
    name=Words("Republication", "Republication"),
    criterion="singling out",
    what=Words(
        "the files of a published privacy day, before and after events of it come late: of no device, 2 % and 10 %; "
        "and what the manifest says of how many came",
        "les fichiers d'une journée publiée, avant et après des événements tardifs : d'aucun appareil, 2 % et 10 % ; "
        "et ce que le manifeste dit de leur nombre",
    ),
    knowledge=Words(
        "every state of the release, and when late events were delivered",
        "tous les états de la publication, et les livraisons tardives",
    ),
    control=Words("none: one changed byte is a failure", "aucun : un seul octet changé est un échec"),
    levels=(
        Level("changed bytes", 0, _SOURCE),
        Level("figures that differ", 0, _SOURCE),
        Level("differences below k", 0, _SOURCE),
        Level("late events told otherwise", 0, _SOURCE),
    ),
    subject=_delivered,
    measure=_compared,
    weaknesses=(
        Weakness(
            Words("the day published again with its late events", "la journée republiée avec ses tardifs"), _republished
        ),
        Weakness(
            Words("late events told to the unit", "les événements tardifs comptés à l'unité"),
            _told_exactly,
            breaks=("late events told otherwise",),
        ),
    ),
)
