"""Statement: what the manifest says in words and figures follows from its entries and from the printed rows."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa

from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.terms import terms_of
from anonymization.entries import OF_DAYS, REGISTER, STATEMENTS, Entry, days_after
from anonymization.records import told_files
from anonymization.statement import texts_sha256
from anonymization.statement_texts import STEPS
from anonymization.totals import totals_of_files
from anonymization.verdict import INTEGRITY, Check
from schemas.errors import UsageError


def check(evidence: Evidence) -> Check:
    """The check of what the entries of all days tell readers."""
    problems: list[str] = []
    days: tuple[Entry, ...] = ()
    for entry in evidence.entries:
        if entry.kind in OF_DAYS:
            days = days_after(days, entry)
            # The check of the compaction has those of windows whose rows stand in the files of their day.
            figures = () if entry.name in evidence.compacted else _figures(evidence, entry)
            problems += [f"{entry.name}: {problem}" for problem in (*_words(days), *figures)]
    problems += _overlapping(evidence.days)
    return check_of(
        "statement",
        problems,
        found=f"{len(evidence.days)} days told again",
        threshold="the register of privacy numbers, the statement and the figures that follow from entries and rows",
        criterion=INTEGRITY,
    )


def _overlapping(days: Sequence[Entry]) -> Iterator[str]:
    """No hour is published in two days: two figures of it would differ by single people."""
    spans: list[tuple[int, int, str]] = []
    for entry in days:
        with contextlib.suppress(Unsound):
            terms = terms_of(entry)
            spans.append((terms.start, terms.end, entry.name))
    spans.sort()
    for (_, end, before), (start, _, name) in pairwise(spans):
        if start < end:
            yield f"{name} is of a privacy day that begins before that of {before} ends"


def _words(days: Sequence[Entry]) -> Iterator[str]:
    """The register and the statement are those that the days give, as they were stated up to the last."""
    body, shared = days[-1].body, days[-1].block("shared")
    steps = body.get("steps")
    if not isinstance(steps, list) or not set(map(str, steps)) <= STEPS.keys():
        yield "steps are not among the known ones"
    try:
        told = told_files([entry.body for entry in days])
    except UsageError as error:
        yield error.message
        return
    except (KeyError, TypeError, ValueError, ArithmeticError):
        yield "does not state what its statement is written from"
        return
    # Other words than those here cannot be written again; the structure check still holds the file to its hash.
    same_words = days[-1].block("software").get("texts_sha256") == texts_sha256()
    for path in (REGISTER, *(STATEMENTS.values() if same_words else ())):
        if shared.get(path) != hashlib.sha256(told[path]).hexdigest():
            yield f"{path} is not what the entry gives"


def _figures(evidence: Evidence, entry: Entry) -> Iterator[str]:
    """The figures of each indicator are those of its printed rows."""
    files = listed(entry)
    if not all(place_of(path) and evidence.intact(path, record) for path, record in files.items()):
        yield "figures not checked: files are not there as listed"
        return
    try:
        printed = totals_of_files(evidence.inventory.root, files)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        yield "figures not checked: files cannot be read"
        return
    stated = entry.block("indicators")
    for name in sorted(stated.keys() | printed.keys()):
        if stated.get(name) != printed.get(name):
            yield f"the figures of {name} are not those of its printed rows"
