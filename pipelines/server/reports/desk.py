"""Where reports come in and are worked on, for the interface and for the pages alike."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request

from pipelines.server.context import Context
from pipelines.server.reports import catalogue, w3c
from pipelines.server.reports.arriving import Fields, Wrong, judged
from pipelines.server.reports.catalogue import Catalogue
from pipelines.server.reports.documents import requests
from pipelines.server.reports.handing import Handing
from pipelines.server.reports.photo import LARGEST_BYTES, NoPhoto, drawn_anew
from pipelines.server.reports.photos import Photos
from pipelines.server.reports.refusing import Several
from pipelines.server.reports.register import Register
from pipelines.server.reports.rendering import Tree
from pipelines.server.reports.report import Event, Report
from pipelines.server.reports.settings import ReportsSettings, check
from schemas.feeds import Text

BASE: Final = "/open311/v2"
LONGEST_WAIT: Final = 5.0
"""Seconds for which a photo waits for another one; while it does it takes a thread (the project's own)."""

_BUSY: Final = Wrong(
    503,
    Text(
        "media: the server is busy with other photos; send it again",
        "media : d’autres photos sont en cours ; à renvoyer",
    ),
)
_TIDY_EVERY: Final = timedelta(hours=1)


@dataclass
class Desk:
    """What the service works with; `changed` is when what can be reported last did, `tidied` when old reports went."""

    context: Context
    settings: ReportsSettings
    catalogue: Catalogue
    register: Register
    photos: Photos
    outages: Handing
    changed: datetime
    tidied: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _drawing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def receive(self, fields: Fields, photo: bytes) -> str:
        """Keep a report with its photo, if there is one, and say its identifier; raises Refused.

        The photo is on the disk before the report names it: if the server is killed between, the next start removes it.
        """
        found = judged(fields, self.catalogue, self.context.zone, self.settings.keep_contact)
        if found.new is None:
            raise Several(found.wrong, self.settings.language)
        picture = self._picture(photo) if photo else b""
        at = self.now()
        name = self.photos.add(picture) if picture else ""
        try:
            return self.register.add(found.new, at, w3c.later(at, self.settings.hours), name)
        except BaseException:
            self.photos.remove(name)
            raise

    def _picture(self, photo: bytes) -> bytes:
        # Several pictures at once would take more memory than the server has.
        if not self._drawing.acquire(timeout=LONGEST_WAIT):
            raise Several((_BUSY,), self.settings.language)
        try:
            return drawn_anew(photo)
        except NoPhoto as error:
            wrong = Wrong(413 if len(photo) > LARGEST_BYTES else 400, error.text)
            raise Several((wrong,), self.settings.language) from None
        finally:
            self._drawing.release()

    def now(self) -> datetime:
        """This second in UTC, to which events are kept."""
        return self.context.now().astimezone(UTC).replace(microsecond=0)

    def tidy(self) -> None:
        """Delete the reports whose time has come, also from what the pipeline reads.

        At most once an hour, and before anything is answered.
        """
        now = self.now()
        if now - self.tidied >= _TIDY_EVERY:
            for name in self.register.expire(now - timedelta(days=self.settings.keep_days)):
                self.photos.remove(name)
            self.outages.write()
            self.tidied = now

    def append(self, name: str, event: Event) -> bool:
        """Add an event to a report; False where it may not happen now."""
        return self.register.append(name, event)

    def told(self, reports: Sequence[Report], request: Request) -> list[dict[str, Tree]]:
        """Reports as anybody may read them."""
        address = self.address(request)
        photo = f"{address}/photos/{{}}".format
        return requests(reports, self.catalogue, self.settings, self.context.zone, photo)

    def address(self, request: Request) -> str:
        """Where the interface is reached, as the configuration says, or as this client reached it."""
        town = self.context.town
        if self.settings.address:
            return self.settings.address.rstrip("/")
        if town is not None and town.address:
            return f"{town.address.rstrip('/')}{BASE}"
        return f"{str(request.base_url).rstrip('/')}{BASE}"


def opened(context: Context, settings: ReportsSettings) -> Desk:
    """The desk of a configuration; raises UsageError for settings that cannot be, SystemFailure for the folder."""
    check(settings)
    if not settings.agency and context.town is not None:
        settings = replace(settings, agency=context.town.name)
    path = settings.services
    found = catalogue.read(path)
    changed = context.now() if path is None else datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    register = Register(context.store)
    photos = Photos(settings.photos if settings.photos.is_absolute() else context.folder / settings.photos)
    photos.open(register.photos())
    outages = Handing(register, context.release)
    desk = Desk(context, settings, found, register, photos, outages, changed.astimezone(context.zone))
    desk.tidy()
    return desk
