"""Whatever the rows of a feed say, a build of it ends, and each row is published or refused."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.policy import Policy
from pipelines.feeds.checking import check
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Context, Feed
from pipelines.feeds.modules import alerts, events, transport, waste
from schemas.feeds import Column, Source, Town
from tests.feeds.making import PARIS

TEXTS = (
    *("", "*", "a", "b", "a|b", "T1", "lac", "-1", "0", "1", "47.3", "yes", "é|", "\n", "x" * 61),
    *("1000-01-01", "2999-12-31", "2026-06-20", "2026-06-22", "2026-06-20|2026-06-27", "9999-12-31", "0001-01-01"),
    *("2026-06-20T10:00", "2026-06-27T10:00+14:00", "2026-03-29T02:30", "2999-12-31T23:59-12:00", "1000-01-01T00:00"),
    *("sa", "mo|sa", "05:30", "00:00", "strike", "household", "glass", "danger", "cancelled", "https://a.example"),
)
RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=MONTHLY;BYDAY=3SA;INTERVAL=1000", "FREQ=WEEKLY;COUNT=2"),
    *("FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=MONTHLY;COUNT=1000;INTERVAL=1000"),
    *("FREQ=DAILY;UNTIL=99991231", "FREQ=DAILY;UNTIL=00010101T000000Z"),
)
USUAL = {
    "date": "2026-06-20",
    "instant": "2026-06-20T10:00",
    "moment": "2026-06-20",
    "whole": "1",
    "number": "47.3",
    "url": "https://a.example",
}
ALWAYS = {
    "weekdays": "sa",
    "agency_timezone": "Europe/Paris",
    "agency_id": "a",
    "route_short_name": "a",
    "stop_name": "a",
    "stop_lat": "47.3",
    "stop_lon": "5.0",
}
DAYS = st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(str)
INSTANTS = st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31, 23, 59)).map(datetime.isoformat)
LIKELY = {"date": DAYS, "instant": INSTANTS, "moment": DAYS | INSTANTS}


def usual(column: Column) -> str:
    """A text that is right, beside those of other columns."""
    if column.name == "ends" and column.kind == "instant":
        return "2999-12-30T10:00" if column.required is False else "2026-06-21T10:00"
    if column.name in ALWAYS or not column.required:
        return ALWAYS.get(column.name, "")
    return column.choices[-1] if column.choices else USUAL.get(column.kind, "a")


def changed(column: Column) -> st.SearchStrategy[str]:
    usually = st.just(usual(column))
    likely = st.sampled_from(RULES) if column.name == "rrule" else LIKELY.get(column.kind, usually)
    return st.integers(0, 9).flatmap(lambda way: st.sampled_from(TEXTS) if way == 0 else likely if way < 4 else usually)


def rows(source: Source) -> st.SearchStrategy[list[dict[str, str]]]:
    """Rows that are right in most fields, so that what contradicts itself is reached."""
    row = st.fixed_dictionaries({each.name: changed(each) for each in source.columns})
    return st.lists(row, max_size=4)


@pytest.mark.parametrize("feed", [alerts.FEED, events.FEED, transport.FEED, waste.FEED], ids=lambda feed: feed.name)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_row_is_published_or_refused_and_nothing_stops_the_build(feed: Feed, data: st.DataObject) -> None:
    paths = {source.key: Path(f"{source.key}.csv") for source in feed.sources}
    stated = feed.settings(**paths, valid_until=date(2027, 12, 31))  # type: ignore[arg-type]
    at = datetime(2026, 6, 20, 12, tzinfo=PARIS)
    context = Context(Town(id="a", name="A"), at, PARIS, stated, Exceptions(), Policy(20, 0.8, 5, test=False))
    accepted = {}
    for source in feed.sources:
        located = list(enumerate(data.draw(rows(source)), 2))
        accepted[source.name], _ = check(located, source, source.member or f"{source.key}.csv", PARIS)
    built = feed.build(accepted, context)
    refused = {(finding.file, finding.line) for finding in built.findings}
    source = accepted["source"]
    assert len({item.id for item in built.items}) == len(built.items) <= len(source)
    assert {file for file, _ in refused} <= {source.member or f"{source.key}.csv" for source in feed.sources}
    assert feed.build(accepted, context) == built
