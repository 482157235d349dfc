"""What a client asks for in the address of `requests`, as the standard has it. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pipelines.server.reports.arriving import Wrong
from pipelines.server.reports.register import MOST, Filter
from pipelines.server.reports.w3c import instant

SPAN: Final = timedelta(days=90)
"""The longest span that can be asked for (source: GeoReport v2, GET Service Requests)."""

_STATUSES: Final = ("open", "closed")


def asked(query: Mapping[str, str], now: datetime) -> Filter | tuple[Wrong, ...]:
    """The filter of a query, or what is wrong with it.

    Identifiers override everything else. Without dates it is the last 90 days; with one of them, the 90 days from it or
    up to it. A text that is empty is none.
    """
    given = {name: text.strip() for name, text in query.items() if text.strip()}
    ids = _list(given.get("service_request_id", ""))
    if ids:
        return Filter(ids=ids) if len(ids) <= MOST else (Wrong(400, f"more than {MOST} service_request_id"),)
    statuses = _list(given.get("status", ""))
    wrong = [] if set(statuses) <= set(_STATUSES) else [Wrong(400, "status is one of open, closed, or both")]
    dates = {name: instant(given[name]) for name in ("start_date", "end_date") if name in given}
    wrong += [
        Wrong(400, f"{name} is not an instant with its offset, such as 2026-06-20T18:00:00Z")
        for name, found in dates.items()
        if found is None
    ]
    start, end = _span(dates.get("start_date"), dates.get("end_date"), now)
    if start > end:
        wrong.append(Wrong(400, "end_date is before start_date"))
    if end - start > SPAN:
        wrong.append(Wrong(400, f"start_date and end_date are more than {SPAN.days} days apart"))
    return tuple(wrong) if wrong else Filter(start, end, _list(given.get("service_code", "")), statuses)


def _span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if start is None:
        end = now if end is None else end
        return end - SPAN, end
    return start, start + SPAN if end is None else end


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
