"""A rule: one property that every published privacy day must have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, starts
from anonymization.checks.outcome import check_of
from anonymization.checks.terms import Terms
from anonymization.verdict import Check

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """What a rule found on one day: a sentence for each problem, and one figure to report, if there is any."""

    problems: tuple[str, ...]
    figure: float | None = None


@dataclass(frozen=True)
class Rule:
    """A rule. `threshold` may name terms in braces; `found` shows the figure that `combine` makes of the days'.

    `dp`: whether it is for days of differential privacy, for the others, or (None) for all.
    """

    name: str
    criterion: str
    threshold: str
    found: str
    combine: Callable[[Sequence[float]], float]
    examine: Callable[[Day], Finding]
    dp: bool | None = None

    def applies(self, terms: Terms) -> bool:
        """Whether a day of these terms must have the property."""
        return self.dp is None or self.dp == (terms.dp is not None)

    def check(self, findings: Sequence[Finding], terms: Terms | None) -> Check:
        """The check over all days."""
        figures = [finding.figure for finding in findings if finding.figure is not None]
        # What is wrong in every hour of a day in the same words is told once.
        problems = list(dict.fromkeys(problem for finding in findings for problem in finding.problems))
        return check_of(
            self.name,
            problems,
            found=self.found.format(self.combine(figures)) if figures else "no rows",
            threshold=self.threshold.format(terms=terms) if terms else "unknown: no privacy day can be read",
            criterion=self.criterion,
        )


def where(label: str, table: pa.Table, bad: npt.NDArray[np.bool_], wrong: str) -> Iterator[str]:
    """One sentence for all rows that are wrong in the same way, if there is any; it shows the first."""
    places = np.flatnonzero(bad)
    if places.size:
        first = int(places[0])
        window = instant(int(starts(table)[first]))
        yield f"{label}: {places.size} {wrong} (first: {window}, zone {table['zone_id'][first]})"


def instant(microseconds: int) -> str:
    """ISO 8601, UTC."""
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%MZ")
    except OverflowError:
        return "at an impossible instant"
