"""What a client asks for in the address of `requests`, as the standard has it. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pipelines.server.reports.arriving import UNSEEN, Wrong
from pipelines.server.reports.register import MOST, Filter
from pipelines.server.reports.w3c import instant
from schemas.feeds import Text

SPAN: Final = timedelta(days=90)
"""The longest span that can be asked for (source: GeoReport v2, GET Service Requests)."""

_STATUSES: Final = ("open", "closed")
_EXAMPLE: Final = "2026-06-20T18:00:00Z"


def _bad(english: str, french: str) -> Wrong:
    return Wrong(400, Text(english, french))


_TOO_MANY: Final = _bad(f"more than {MOST} service_request_id", f"plus de {MOST} service_request_id")
_STATUS: Final = _bad("status is one of open, closed, or both", "status : open, closed, ou les deux")
_TOO_LONG: Final = _bad(
    f"start_date and end_date are more than {SPAN.days} days apart",
    f"plus de {SPAN.days} jours entre start_date et end_date",
)


def asked(query: Mapping[str, str], now: datetime) -> Filter | tuple[Wrong, ...]:
    """The filter of a query, or what is wrong with it.

    Identifiers override everything else. Without dates it is the last 90 days; with one of them, the 90 days from it or
    up to it. A text that is empty is none.
    """
    given = {name: text.strip() for name, text in query.items() if text.strip()}
    unseen = [name for name in ("service_request_id", "service_code") if UNSEEN.search(given.get(name, ""))]
    if unseen:
        return tuple(_bad(f"{name} has control characters", f"{name} : caractères de commande") for name in unseen)
    ids = _list(given.get("service_request_id", ""))
    if ids:
        return Filter(ids=ids) if len(ids) <= MOST else (_TOO_MANY,)
    statuses = _list(given.get("status", ""))
    wrong = [] if set(statuses) <= set(_STATUSES) else [_STATUS]
    dates = {name: instant(given[name]) for name in ("start_date", "end_date") if name in given}
    wrong += [
        _bad(
            f"{name} is not an instant with its offset, such as {_EXAMPLE}",
            f"{name} : instant avec son décalage attendu, comme {_EXAMPLE}",
        )
        for name, found in dates.items()
        if found is None
    ]
    start, end = _span(dates.get("start_date"), dates.get("end_date"), now)
    if start > end:
        wrong.append(_bad("end_date is before start_date", "end_date : avant start_date"))
    if end - start > SPAN:
        wrong.append(_TOO_LONG)
    return tuple(wrong) if wrong else Filter(start, end, _list(given.get("service_code", "")), statuses)


def _span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if start is None:
        end = now if end is None else end
        return end - SPAN, end
    return start, start + SPAN if end is None else end


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
