"""The publication register: a privacy day of one source is published once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from anonymization.day_lines import DayLines
from schemas.errors import PrivacyRefusal


@dataclass(frozen=True)
class Publication:
    """One privacy day of some sources, as one release publishes it.

    A source is a digest that the caller chooses, the same for the same data in every configuration. `start`, `end`:
    when the day begins and ends, as `2026-06-20T03:00:00Z`: days that begin at another hour overlap.
    Raises ValueError without a source: what names no source could never be refused.
    """

    day: date
    sources: tuple[str, ...]
    release_id: str
    zones_sha256: str
    key_id: str
    start: str
    end: str

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"the publication of {self.day} names no source")


def refuse_second_publication(path: Path, publications: Iterable[Publication]) -> None:
    """Raise PrivacyRefusal if the register holds one of the days, of a shared source, published otherwise.

    A register that is not there is an empty one; a damaged one raises PrivacyRefusal too.
    """
    try:
        entries = _register(path).read()
    except FileNotFoundError:
        entries = []
    _missing(path, entries, publications)


def enter(path: Path, publications: Iterable[Publication]) -> None:
    """Check the publications and append those not yet entered: all of them or, if one is refused, none.

    Of several processes that enter one day under different releases, exactly one succeeds.
    Raises PrivacyRefusal as `refuse_second_publication` does, OSError as the disk does.
    """
    _register(path).append(lambda entries: _missing(path, entries, publications))


def _register(path: Path) -> DayLines[Publication]:
    hint = "restore the register from a copy: it alone tells what is already published"
    return DayLines(path, Publication, "a publication", hint)


def _missing(path: Path, entries: Sequence[Publication], publications: Iterable[Publication]) -> list[Publication]:
    """The publications that the register does not hold, each checked against it and those before."""
    known = list(entries)
    for new in publications:
        for old in known:
            if not set(old.sources).isdisjoint(new.sources):
                _refuse_overlap(path, old, new)
                _refuse_difference(path, old, new)
        if new not in known:
            known.append(new)
    return known[len(entries) :]


def _refuse_overlap(path: Path, old: Publication, new: Publication) -> None:
    same = (old.day, old.start, old.end) == (new.day, new.start, new.end)
    if not same and old.start < new.end and new.start < old.end:
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} of this source, {new.start} to {new.end}, overlaps privacy day {old.day}, "
            f"{old.start} to {old.end}, that is already published",
            "an hour of one source is published once: leave [time] privacy_day_starts and [area] timezone as they are, "
            "or begin with a day that starts after the last one ends",
        )


def _refuse_difference(path: Path, old: Publication, new: Publication) -> None:
    if old.day != new.day:
        return
    compared = {"release": "release_id", "zone set": "zones_sha256", "key": "key_id"}
    stated = {word: (getattr(old, name), getattr(new, name)) for word, name in compared.items()}
    found = [f"another {word} {was} (here {now})" for word, (was, now) in stated.items() if was != now]
    if found:
        by = "" if old.release_id != new.release_id else f"by release {old.release_id} "
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} of this source is already published {by}under {', '.join(found)}",
            "a day of one source is published once: continue the first release, or use a new day",
        )
