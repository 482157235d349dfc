"""A report of a fault and what has happened to it; what follows from that is worked out, never stored. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

Kind = Literal["opened", "acknowledged", "closed", "reopened", "published", "withdrawn", "outage"]
"""What can happen: the first four make the state; text and photo are published or withdrawn; an outage is confirmed."""

Status = Literal["open", "closed"]
Answers = Mapping[str, tuple[str, ...]]
"""The answers to a service's questions, by their code."""

STATES: Final[tuple[Kind, ...]] = ("opened", "acknowledged", "closed", "reopened")
FOLLOWS: Final[Mapping[Kind, tuple[Kind, ...]]] = {
    "opened": ("acknowledged", "closed"),
    "acknowledged": ("closed",),
    "closed": ("reopened",),
    "reopened": ("acknowledged", "closed"),
}
"""Which states may follow a state."""


@dataclass(frozen=True)
class Outage:
    """When the network was out, from and to; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Event:
    """One thing that happened to a report; `outage` of kind `outage` alone, where None takes an earlier one back."""

    kind: Kind
    at: datetime
    note: str = ""
    outage: Outage | None = None


@dataclass(frozen=True)
class Contact:
    """Who reported; empty texts where it was not said or is not kept."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""

    def __bool__(self) -> bool:
        return any((self.email, self.phone, self.first_name, self.last_name))


@dataclass(frozen=True)
class New:
    """What arrives: nothing of it but the service is published before it was read; degrees of WGS 84."""

    service_code: str
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    address_id: str = ""
    description: str = ""
    media_url: str = ""
    answers: Answers = field(default_factory=dict)
    contact: Contact = Contact()


@dataclass(frozen=True)
class Report:
    """A report with its events in their order, the first of which is that it was opened; `photo` names its file."""

    id: str
    requested: datetime
    expected: datetime
    new: New
    photo: str
    events: Sequence[Event]

    @property
    def state(self) -> Event:
        """The event that made the state."""
        return next(event for event in reversed(self.events) if event.kind in STATES)

    @property
    def status(self) -> Status:
        """As Open311 has it."""
        return "closed" if self.state.kind == "closed" else "open"

    @property
    def updated(self) -> datetime:
        """When it was closed; while it is open, when anything happened last."""
        return self.state.at if self.status == "closed" else self.events[-1].at

    @property
    def published(self) -> bool:
        """Whether what was written and photographed may be shown to all; not before somebody has said so."""
        last = next((event for event in reversed(self.events) if event.kind in ("published", "withdrawn")), None)
        return last is not None and last.kind == "published"

    @property
    def outage(self) -> Outage | None:
        """The outage that was confirmed last, unless it was taken back."""
        last = next((event for event in reversed(self.events) if event.kind == "outage"), None)
        return None if last is None else last.outage

    def overdue(self, now: datetime) -> bool:
        """Whether it is open past its term; at the term it is not."""
        return self.status == "open" and now > self.expected

    @property
    def closed_late(self) -> bool:
        """Whether it was closed past its term."""
        return self.status == "closed" and self.state.at > self.expected

    def may(self, kind: Kind) -> bool:
        """Whether this may happen next."""
        if kind in STATES:
            return kind in FOLLOWS[self.state.kind]
        return kind == "outage" or (kind == "published") != self.published
