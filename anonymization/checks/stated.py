"""Statement: what the manifest says in words and figures follows from its entries and from the printed rows."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa

from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.terms import terms_of
from anonymization.entries import OF_DAYS, REGISTER, STATEMENTS, Entry, add
from anonymization.records import told_files
from anonymization.statement import facts_in, texts_sha256
from anonymization.statement_texts import STEPS
from anonymization.totals import totals_of_files
from anonymization.verdict import INTEGRITY, Check
from schemas.errors import UsageError


def check(evidence: Evidence) -> Check:
    """The check of what the entries of all days tell readers."""
    problems: list[str] = []
    words = Words()
    for entry in evidence.entries:
        if entry.kind in OF_DAYS:
            # The check of the compaction has those of windows whose rows stand in the files of their day.
            figures = () if entry.name in evidence.compacted else _figures(evidence, entry)
            problems += [f"{entry.name}: {problem}" for problem in (*_words(words, entry), *figures)]
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


class Words:
    """The SHA-256 of the register and the statements, as the days give them up to each entry.

    They are told again where the days tell something new: most windows of a year do not.
    """

    def __init__(self) -> None:
        self._days: dict[str, Entry] = {}
        self._facts: dict[str, bytes] = {}
        self._told: dict[tuple[frozenset[bytes], bytes], dict[str, str]] = {}

    def after(self, entry: Entry) -> dict[str, str]:
        """By path, with one more entry of a day; raises what `told_files` does."""
        day = str(entry.privacy_day)
        add(self._days, entry)
        self._facts.pop(day, None)
        last = self._facts[day] = facts_in(self._days[day].body)
        telling = frozenset(self._facts.values()), last
        if telling not in self._told:
            bodies = {facts: self._days[day].body for day, facts in self._facts.items()}
            told = told_files([*bodies.values(), bodies[last]])
            self._told[telling] = {path: hashlib.sha256(data).hexdigest() for path, data in told.items()}
        return self._told[telling]


def _words(words: Words, entry: Entry) -> Iterator[str]:
    """The register and the statement are those that the days give, as they were stated up to an entry."""
    shared, steps = entry.block("shared"), entry.body.get("steps")
    if not isinstance(steps, list) or not set(map(str, steps)) <= STEPS.keys():
        yield "steps are not among the known ones"
    try:
        told = words.after(entry)
    except UsageError as error:
        yield error.message
        return
    except (KeyError, TypeError, ValueError, ArithmeticError):
        yield "does not state what its statement is written from"
        return
    # Other words than those here cannot be written again; the structure check still holds the file to its hash.
    same_words = entry.block("software").get("texts_sha256") == texts_sha256()
    for path in (REGISTER, *(STATEMENTS.values() if same_words else ())):
        if shared.get(path) != told[path]:
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
