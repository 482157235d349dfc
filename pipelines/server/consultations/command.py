"""`hexaflux consultations`: open one, list them, close one."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from pipelines.server.consultations.answers import Answers, Kept
from pipelines.server.consultations.closing import close_consultation, open_consultation
from pipelines.server.consultations.definition import load as load_definition
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import TABLES
from pipelines.server.service import all_services
from pipelines.server.settings import Chosen, load
from pipelines.server.store import open_store
from schemas.errors import UsageError


@dataclass(frozen=True)
class Office:
    """What a configuration says of consultations, and its database."""

    chosen: Chosen
    settings: ConsultationSettings
    answers: Answers


@contextlib.contextmanager
def office(config: Path) -> Iterator[Office]:
    """The consultations of a configuration; raises UsageError where it has no `[server.consultations]`."""
    chosen = load(config, all_services())
    settings = next((each for _, each in chosen.services if isinstance(each, ConsultationSettings)), None)
    if settings is None:
        raise UsageError(
            f"{config}: expected [server.consultations], found none",
            "write [server.consultations] in it",
        )
    store = open_store(chosen.server.database, chosen.path.parent)
    try:
        store.create(TABLES)
        yield Office(chosen, settings, Answers(store))
    finally:
        store.close()


def open_one(config: Path, file: Path) -> str:
    """Open the consultation of a file; the path of its page."""
    definition = load_definition(file)
    with office(config) as found:
        policy = found.chosen.policy
        open_consultation(found.answers, found.settings, definition, policy.k, test=policy.test)
    return f"/consultations/{definition.id}"


def close_one(config: Path, consultation: str, *, early: bool) -> Path:
    """Close a consultation and publish its results; their folder."""
    with office(config) as found:
        today = datetime.now(found.chosen.zone).date()
        return close_consultation(found.answers, found.settings, consultation, today, early=early)


def listed(config: Path) -> list[Kept]:
    """The consultations in the order of their names."""
    with office(config) as found:
        return found.answers.all()


def as_values(kept: Kept) -> dict[str, str]:
    """A consultation for a program; nothing of its answers."""
    definition = kept.definition
    dates = {"opens": definition.opens.isoformat(), "closes": definition.closes.isoformat()}
    return {"id": definition.id, "state": kept.state, **dates, "title": definition.title.en}


def tell(console: Console, found: list[Kept]) -> None:
    """A line for each consultation."""
    for each in map(as_values, found):
        console.print(f"{each['id']}  {each['state']}  {each['opens']} to {each['closes']}  {each['title']}")
    if not found:
        console.print("There is no consultation.")
