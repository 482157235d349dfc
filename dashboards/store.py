"""A verified release, and answers to named questions about it."""

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pandas as pd

from anonymization.happenings import Happening
from anonymization.released import Day, Release, open_release
from dashboards import loading
from dashboards.cache import Cache
from dashboards.proof.seals import sealed
from dashboards.queries import Query, Value, tables
from dashboards.zones import Zones, read_zones


class Store:
    """A verified release, its zones, and answers to named questions about it."""

    def __init__(self, release: Release, cache: Cache) -> None:
        # Before anything is read, so that what changes meanwhile is noticed.
        self.seals = sealed(release)
        self.read_at = datetime.now(UTC)
        self.release = release
        self.zones: Zones = read_zones(release.zones())
        self.events = _in_release(release, self.zones)
        self._cache = cache
        self._connection = loading.loaded(release, self.zones)

    def day_of(self, moment: datetime) -> Day:
        """The privacy day in which an instant falls; raises LookupError where the release does not hold it."""
        found = _day_of(self.release, moment)
        if found is None:
            raise LookupError("an instant outside the days of the release")
        return found

    def days_between(self, start: datetime, end: datetime) -> tuple[Day, ...]:
        """The privacy days of the release that have a moment from `start` on and before `end`, in order."""
        low, high = round(start.timestamp() * 1e6), round(end.timestamp() * 1e6)
        return tuple(day for day in self.release.days if day.terms.start < high and day.terms.end > low)

    def ask(self, query: Query, **parameters: Value) -> pd.DataFrame:
        """The answer to a question; the parameters are those that its SQL names, or their defaults."""
        given = query.defaults | parameters
        key = _key(self.release.head, query, given)
        table = self._cache.get(key)
        if table is None:
            # A connection serves one thread, a cursor of it any.
            cursor = self._connection.cursor()
            cursor.execute(tables.USE)
            table = cursor.sql(query.sql, params=given).to_arrow_table()
            self._cache.set(key, table)
        return table.to_pandas()


def open_store(root: Path, cache_folder: Path | None, verified: str = "") -> Store:
    """The store of the release in a folder; raises what `open_release` does."""
    return Store(open_release(root, verified), Cache(cache_folder))


def _in_release(release: Release, zones: Zones) -> tuple[Happening, ...]:
    """The events that begin on a day of the release, in a zone that it has, in order."""
    begun = (event for event in release.events() if _day_of(release, event.start) is not None)
    return tuple(event for event in begun if event.zone_id in zones)


def _day_of(release: Release, moment: datetime) -> Day | None:
    at = round(moment.timestamp() * 1e6)
    return next((day for day in release.days if day.terms.start <= at < day.terms.end), None)


def _key(head: str, query: Query, parameters: dict[str, Value]) -> str:
    """A key for an answer: another release, layout, wording or value is another question."""
    asked = hashlib.sha256(json.dumps([_layout(), query.sql, parameters], sort_keys=True).encode()).hexdigest()
    return f"{head} {query.name} {asked}"


@cache
def _layout() -> str:
    """One SHA-256 over the modules that lay a release out."""
    sources = (Path(str(module.__file__)).read_bytes() for module in (loading, tables))
    return hashlib.sha256(b"".join(sources)).hexdigest()
