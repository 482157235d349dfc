"""The privacy budget: what the days of differential privacy state follows from their noise, and stays within bounds."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import isclose
from typing import Final

from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.guarantee import guarantee_of, number
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.terms import day_of, terms_of
from anonymization.entries import Entry, Json
from anonymization.guarantee import HORIZONS, INDICATORS, Guarantee
from anonymization.ledger import YEAR
from anonymization.verdict import SINGLING_OUT, Check
from anonymization.zcdp import epsilon_of, worst_rho

_TOLERANCE: Final = 1e-6


def check(evidence: Evidence) -> Check:
    """The check over all days of a release; one without any day of differential privacy passes."""
    protected = [entry for entry in evidence.days if entry.body.get("dp") is not None]
    return check_of(
        "privacy budget",
        tuple(_problems(evidence.days, protected)),
        found=_found(protected) if protected else "no differential privacy",
        threshold=f"epsilon of each day and of any {YEAR} in a row as the noise makes it, and within the stated budget",
        criterion=SINGLING_OUT,
    )


def _problems(days: Sequence[Entry], protected: Sequence[Entry]) -> Iterator[str]:
    if protected and len(protected) < len(days):
        yield "some days are under differential privacy and some are not: the budget covers a part of the release only"
    spent: list[tuple[date, float]] = []
    for entry in protected:
        try:
            day, found = day_of(entry), guarantee_of(entry)
            problems = list(_of_day(entry, found, terms_of(entry).edges("slot").size - 1))
        except Unsound as error:
            yield f"{entry.name} {error}"
            continue
        yield from (f"{entry.name} {problem}" for problem in problems)
        spent.append((day, found.rho))
        total = epsilon_of(worst_rho(spent, YEAR, day), found.delta)
        if total > found.budget_epsilon * (1 + _TOLERANCE):
            yield f"{entry.name} brings the epsilon of {YEAR} days to {total:.2f}, above {found.budget_epsilon:g}"


def _of_day(entry: Entry, found: Guarantee, slots: int) -> Iterator[str]:
    """What a day states otherwise than its noise, its calendar and its mode make it."""
    block = entry.block("dp")
    follows = found.stated(number(block, "people_per_device"))
    if unlike := sorted(block.keys() ^ follows.keys()):
        yield f"lacks, or adds, {', '.join(unlike)}"
    for name, value in follows.items():
        stated = block.get(name)
        if name in block and not _same(stated, value):
            yield f"states {name} of {stated}, and its numbers make {value}"
    if epsilon_of(found.rho, found.delta) > found.epsilon * (1 + _TOLERANCE):
        yield f"has too little noise for its epsilon of {found.epsilon:g}"
    if found.slots != slots:
        yield f"states {found.slots} slots, and its day has {slots}"
    published = {place[0] for path in listed(entry) if (place := place_of(path))}
    if others := sorted(published - set(INDICATORS)):
        yield f"publishes {', '.join(others)}, which is not on the lattice and costs a budget that nobody counted"


def _found(protected: Sequence[Entry]) -> str:
    """The worst epsilon of each number of days in a row, as far as it can be read."""
    try:
        read = [(day_of(entry), guarantee_of(entry)) for entry in protected]
    except Unsound:
        return f"{len(protected)} days, of which one cannot be read"
    costs, delta = [(day, found.rho) for day, found in read], min(found.delta for _, found in read)
    spent = (f"{epsilon_of(worst_rho(costs, horizon), delta):.2f} over {horizon}" for horizon in HORIZONS)
    return f"{len(read)} days; epsilon at delta {delta:g} of days in a row: {', '.join(spent)}"


def _same(stated: Json, value: Json) -> bool:
    """Whether two values are the same, numbers to within what two machines may differ by."""
    if type(stated) is float and type(value) is float:
        return isclose(stated, value, rel_tol=_TOLERANCE)
    return type(stated) is type(value) and stated == value
