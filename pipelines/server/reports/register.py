"""The reports that are kept: put in, found, added to, and deleted when their time has come."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select

from pipelines.server.reports.report import STATES, Contact, Event, Kind, New, Outage, Report
from pipelines.server.reports.tables import CONTACTS, EVENTS, REPORTS
from pipelines.server.store import Store

MOST: Final = 1000
"""Reports in one answer (source: GeoReport v2, Response Volume)."""

_SIGNS: Final = "23456789BCDFGHJKLMNPQRSTVWXYZ"
"""Of an identifier that people read to each other: no vowel makes a word, no sign looks like another."""
_LENGTH: Final = 9


@dataclass(frozen=True)
class Filter:
    """Which reports are asked for: `ids` alone where there are some, else all that fit; the latest come first."""

    start: datetime | None = None
    end: datetime | None = None
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Register:
    """The reports of a store."""

    store: Store

    def add(self, new: New, at: datetime, expected: datetime, photo: str) -> str:
        """Put a report in, and say its identifier; `photo` names a file that is already there, or nothing."""
        name = f"{at:%Y}-{''.join(secrets.choice(_SIGNS) for _ in range(_LENGTH))}"

        def entered(connection: Connection) -> None:
            connection.execute(insert(REPORTS).values(_row(name, new, at, expected, photo)))
            _append(connection, name, 1, Event("opened", at))
            if new.contact:
                connection.execute(insert(CONTACTS).values(report_id=name, **asdict(new.contact)))

        self.store.write(entered)
        return name

    def get(self, name: str) -> Report | None:
        """The report of an identifier."""
        found = self.find(Filter(ids=(name,)))
        return found[0] if found else None

    def find(self, asked: Filter, most: int | None = MOST) -> tuple[Report, ...]:
        """The first reports that fit, the latest first; all of them where `most` is None."""
        with self.store.reading() as connection:
            query = _fitting(asked).order_by(REPORTS.c.requested_at.desc(), REPORTS.c.id)
            rows = connection.execute(query if most is None else query.limit(most)).all()
            return _reports(connection, rows)

    def append(self, name: str, event: Event) -> bool:
        """Add an event to a report; False, and nothing is changed, where it may not happen or there is no report."""

        def happened(connection: Connection) -> bool:
            rows = connection.execute(_fitting(Filter(ids=(name,)))).all()
            for report in _reports(connection, rows):
                if report.may(event.kind):
                    _append(connection, name, len(report.events) + 1, event)
                    return True
            return False

        return self.store.write(happened)

    def photos(self) -> set[str]:
        """The names of all photos."""
        with self.store.reading() as connection:
            return set(connection.execute(select(REPORTS.c.photo).where(REPORTS.c.photo != "")).scalars())

    def with_photo(self, photo: str) -> Report | None:
        """The report that a photo belongs to."""
        with self.store.reading() as connection:
            rows = connection.execute(_fitting(Filter()).where(REPORTS.c.photo == photo)).all()
            return next(iter(_reports(connection, rows)), None)

    def with_outages(self) -> tuple[Report, ...]:
        """The reports of which an outage was ever confirmed."""
        confirmed = select(EVENTS.c.report_id).where(EVENTS.c.kind == "outage")
        with self.store.reading() as connection:
            query = _fitting(Filter()).where(REPORTS.c.id.in_(confirmed)).order_by(REPORTS.c.id)
            return _reports(connection, connection.execute(query).all())

    def expire(self, before: datetime) -> tuple[str, ...]:
        """Delete the reports that were closed before an instant, and say which photos are theirs."""

        def expired(connection: Connection) -> Sequence[str]:
            last = _state()
            old = last.where(last.selected_columns.kind == "closed", last.selected_columns.at < _seconds(before))
            names = list(connection.execute(old.with_only_columns(EVENTS.c.report_id)).scalars())
            photos = connection.execute(select(REPORTS.c.photo).where(REPORTS.c.id.in_(names))).scalars().all()
            for table, column in ((CONTACTS, CONTACTS.c.report_id), (EVENTS, EVENTS.c.report_id)):
                connection.execute(delete(table).where(column.in_(names)))
            connection.execute(delete(REPORTS).where(REPORTS.c.id.in_(names)))
            return photos

        return tuple(sorted(filter(None, self.store.write(expired))))


def _state() -> Select[tuple[str, str, int]]:
    """The event of each report that made its state."""
    other = EVENTS.alias()
    last = select(func.max(other.c.number)).where(other.c.report_id == EVENTS.c.report_id, other.c.kind.in_(STATES))
    return select(EVENTS.c.report_id, EVENTS.c.kind, EVENTS.c.at).where(EVENTS.c.number == last.scalar_subquery())


def _fitting(asked: Filter) -> Select[tuple[object, ...]]:
    state = _state().subquery()
    query = select(REPORTS, CONTACTS.c.email, CONTACTS.c.phone, CONTACTS.c.first_name, CONTACTS.c.last_name)
    joined = REPORTS.join(state, state.c.report_id == REPORTS.c.id).outerjoin(CONTACTS)
    return query.select_from(joined).where(*_conditions(asked, state.c.kind))


def _conditions(asked: Filter, kind: ColumnElement[str]) -> Iterable[ColumnElement[bool]]:
    if asked.ids:
        yield REPORTS.c.id.in_(asked.ids)
        return
    if asked.start is not None:
        yield REPORTS.c.requested_at >= _seconds(asked.start)
    if asked.end is not None:
        yield REPORTS.c.requested_at <= _seconds(asked.end)
    if asked.codes:
        yield REPORTS.c.service_code.in_(asked.codes)
    if len(set(asked.statuses)) == 1:
        yield (kind == "closed") == (asked.statuses[0] == "closed")


def _reports(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> tuple[Report, ...]:
    names = [row.id for row in rows]
    query = select(EVENTS).where(EVENTS.c.report_id.in_(names)).order_by(EVENTS.c.report_id, EVENTS.c.number)
    events: dict[str, list[Event]] = {name: [] for name in names}
    for event in connection.execute(query):
        events[event.report_id].append(_event(event))
    return tuple(_report(row, events[row.id]) for row in rows)


def _append(connection: Connection, name: str, number: int, event: Event) -> None:
    outage = event.outage
    connection.execute(
        insert(EVENTS).values(
            report_id=name,
            number=number,
            kind=event.kind,
            at=_seconds(event.at),
            note=event.note,
            outage_start=None if outage is None else _seconds(outage.start),
            outage_end=None if outage is None or outage.end is None else _seconds(outage.end),
        )
    )


def _row(name: str, new: New, at: datetime, expected: datetime, photo: str) -> dict[str, object]:
    return {
        "id": name,
        "service_code": new.service_code,
        "requested_at": _seconds(at),
        "expected_at": _seconds(expected),
        "latitude": new.latitude,
        "longitude": new.longitude,
        "address": new.address,
        "address_id": new.address_id,
        "description": new.description,
        "media_url": new.media_url,
        "answers": json.dumps(dict(new.answers), ensure_ascii=False),
        "photo": photo,
    }


def _report(row: Row[tuple[object, ...]], events: Sequence[Event]) -> Report:
    new = New(
        row.service_code,
        row.latitude,
        row.longitude,
        row.address,
        row.address_id,
        row.description,
        row.media_url,
        {code: tuple(values) for code, values in json.loads(row.answers).items()},
        Contact(row.email or "", row.phone or "", row.first_name or "", row.last_name or ""),
    )
    return Report(row.id, _instant(row.requested_at), _instant(row.expected_at), new, row.photo, events)


def _event(row: Row[tuple[object, ...]]) -> Event:
    kind: Kind = row.kind
    start, end = row.outage_start, row.outage_end
    outage = None if start is None else Outage(_instant(start), None if end is None else _instant(end))
    return Event(kind, _instant(row.at), row.note, outage)


def _seconds(when: datetime) -> int:
    return int(when.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
