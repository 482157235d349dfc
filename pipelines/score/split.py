"""How a part is split into classes, against how it truly was: the total-variation distance of the shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import FOREIGN, SEPARATOR, UNKNOWN

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Split:
    """Half the sum of the differences of shares, the true people compared, and pairs for the rows that have one."""

    distance: float
    people: float
    pairs: tuple[dict[str, Any], ...]


def compare(rows: Sequence[Row], truth: Mapping[str, float], kind: str = "") -> Split | None:
    """Compare the rows of a part (`value`, `people` and its interval) with the true people of each class.

    A value of several classes is compared with their sum, and a class that no row lists is one of 0 people. The truth
    has no class `unknown`: a row of it alone is spread over the other domestic rows in proportion, and neither it nor a
    pool with it is paired. Foreign people are compared where the rows have them as a class. None where there is
    nothing to compare.
    """
    listed = {token for row in rows for token in _tokens(row)}
    true = {name: people for name, people in truth.items() if name != FOREIGN or FOREIGN in listed}
    domestic = sum(row["people"] for row in rows if not _is_foreign(row))
    known = domestic - sum(row["people"] for row in rows if row["value"] == UNKNOWN)
    factor = domestic / known if known else 1.0
    compared = [row for row in rows if row["value"] != UNKNOWN]
    estimates = [row["people"] * (1.0 if _is_foreign(row) else factor) for row in compared]
    truths = [sum(true.get(token, 0) for token in _tokens(row)) for row in compared]
    for name in sorted(true.keys() - listed):
        estimates.append(0.0)
        truths.append(true[name])
    published, happened = sum(estimates), sum(truths)
    if not published or not happened:
        return None
    distance = sum(abs(e / published - t / happened) for e, t in zip(estimates, truths, strict=True)) / 2
    names = ("people", "people_low", "people_high")
    pairs = (
        {"kind": kind, "truth": float(there)} | {name: row[name] for name in names}
        for row, there in zip(compared, truths, strict=False)
        if UNKNOWN not in _tokens(row)
    )
    return Split(distance, happened, tuple(pairs))


def _tokens(row: Row) -> list[str]:
    return str(row["value"]).split(SEPARATOR)


def _is_foreign(row: Row) -> bool:
    """Whether a row is of foreign people: the class of them, or countries by their two letters."""
    return all(token == FOREIGN or (len(token) == 2 and token.isalpha()) for token in _tokens(row))
