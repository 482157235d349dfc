"""A report as a page shows it, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.server.reports.catalogue import Attribute, Catalogue
from pipelines.server.reports.pages.page import Reader
from pipelines.server.reports.report import STATES, Event, Outage, Report


@dataclass(frozen=True)
class Row:
    """A report in a line: `mark` says how its state is coloured."""

    id: str
    service: str
    state: str
    mark: str
    term: str
    requested: str
    address: str
    photo: bool
    published: bool


@dataclass(frozen=True)
class Happened:
    """An event: what, when, and the note."""

    what: str
    when: str
    note: str


def row(report: Report, catalogue: Catalogue, reader: Reader, now: datetime) -> Row:
    """A report in a line."""
    overdue = report.overdue(now)
    return Row(
        report.id,
        _service(report, catalogue, reader),
        reader(f"state_{report.state.kind}"),
        "overdue" if overdue else report.status,
        _term(report, reader, overdue),
        reader.moment(report.requested),
        report.new.address,
        bool(report.photo),
        report.published,
    )


def _service(report: Report, catalogue: Catalogue, reader: Reader) -> str:
    service = catalogue.services.get(report.new.service_code)
    return report.new.service_code if service is None else service.service_name.told(reader.language)


def _term(report: Report, reader: Reader, overdue: bool) -> str:
    when = reader.moment(report.expected)
    if report.status == "closed":
        return reader("is_late") if report.closed_late else ""
    return reader("is_overdue" if overdue else "term", when=when)


def history(report: Report, reader: Reader, states_only: bool = False) -> Sequence[Happened]:
    """What has happened, in its order; to residents only what made the state."""
    events = [event for event in report.events if event.kind in STATES or not states_only]
    return [Happened(_what(event, reader), reader.moment(event.at), event.note) for event in events]


def _what(event: Event, reader: Reader) -> str:
    if event.kind != "outage":
        return reader(f"{'state' if event.kind in STATES else 'event'}_{event.kind}")
    if event.outage is None:
        return reader("event_no_outage")
    return reader("event_outage", when=_lasted(event.outage, reader))


def _lasted(outage: Outage, reader: Reader) -> str:
    start = reader.moment(outage.start)
    if outage.end is None:
        return reader("from", start=start)
    return reader("from_to", start=start, end=reader.moment(outage.end))


def facts(report: Report, catalogue: Catalogue, reader: Reader) -> list[tuple[str, str]]:
    """All that was sent, with what each of it is, as who mends reads it."""
    new, contact = report.new, report.new.contact
    place = "" if new.latitude is None else f"{new.latitude:.5f}, {new.longitude:.5f}"
    who = " · ".join(filter(None, (f"{contact.first_name} {contact.last_name}".strip(), contact.email, contact.phone)))
    found = [
        (reader("requested"), reader.moment(report.requested)),
        (reader("term_is"), reader.moment(report.expected)),
        (reader("address"), " · ".join(filter(None, (new.address, new.address_id)))),
        (reader("place"), place),
        *_answers(report, catalogue, reader),
        (reader("description"), new.description),
        (reader("link"), new.media_url),
        (reader("who"), who),
    ]
    return [(label, text) for label, text in found if text]


def _answers(report: Report, catalogue: Catalogue, reader: Reader) -> list[tuple[str, str]]:
    service = catalogue.services.get(report.new.service_code)
    asked = {} if service is None else {each.code: each for each in service.attributes}
    return [
        (
            asked[code].description.told(reader.language) if code in asked else code,
            ", ".join(_said(text, asked.get(code), reader) for text in texts),
        )
        for code, texts in report.new.answers.items()
    ]


def _said(text: str, attribute: Attribute | None, reader: Reader) -> str:
    """An answer in words: the name of a choice, an instant by the clock."""
    if attribute is None:
        return text
    if attribute.datatype == "datetime":
        return reader.moment(datetime.fromisoformat(text))
    names = {value.key: value.name.told(reader.language) for value in attribute.values}
    return names.get(text, text)
