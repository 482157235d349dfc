"""Opening and closing: what happens once, in an order in which a process that is killed can be run again.

Closing: no more answers; the key is destroyed; the results are entered in the register, then written; roll and box are
removed. Whatever is done already is not done again, and nothing ever leads back. The register has no line of a
consultation for trying.
"""

import hashlib
from datetime import date
from pathlib import Path

from pipelines.server.consultations import register
from pipelines.server.consultations.answers import Answers, Kept
from pipelines.server.consultations.definition import Definition
from pipelines.server.consultations.publication import JSON_NAME, files_of, publish
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import PUBLISHED
from schemas.errors import UsageError


def open_consultation(
    answers: Answers, settings: ConsultationSettings, definition: Definition, k: int, *, test: bool
) -> None:
    """Make the key of a new consultation, then its tables.

    Raises UsageError where its name is taken, PrivacyRefusal where the register knows it otherwise.
    """
    if answers.kept(definition.id):
        raise UsageError(
            f"{definition.id}: expected a new consultation, found one that is there", "give it a name of its own"
        )
    known = register.knows(settings.register, definition.id)
    # What the register knows of a consultation that counts, it judges itself.
    if (test and known) or (not known and (settings.publications / definition.id).exists()):
        raise UsageError(
            f"{definition.id}: expected a name that no other consultation had, found one that is in the register or "
            f"in {settings.publications}",
            "give it a name of its own",
        )
    _enter(settings, definition, register.OPENED, definition.as_json(), test=test)
    settings.held().create(definition)
    answers.open(definition, k, test=test)


def close_consultation(
    answers: Answers, settings: ConsultationSettings, consultation: str, today: date, *, early: bool = False
) -> Path:
    """Close a consultation and publish it; the folder of its results.

    Raises UsageError for one that is unknown, published, or not over and not closed `early`; PrivacyRefusal where it
    was published otherwise.
    """
    kept = answers.kept(consultation)
    if kept is None or kept.state == PUBLISHED:
        found = "none" if kept is None else "one that is published"
        raise UsageError(
            f"{consultation}: expected a consultation to close, found {found}", "see hexaflux consultations list"
        )
    if today <= kept.definition.closes and not early:
        raise UsageError(
            f"{consultation}: expected a consultation that is over, found one that goes on until "
            f"{kept.definition.closes}",
            "wait for the day after, or add --early",
        )
    answers.close(consultation)
    _enter(settings, kept.definition, register.CLOSED, kept.definition.as_json(), test=kept.test)
    settings.held().destroy(kept.definition)
    folder = settings.publications / consultation
    if not _is_out(settings, folder, kept):
        _publish(answers, settings, kept, folder)
    answers.forget(consultation)
    return folder


def _publish(answers: Answers, settings: ConsultationSettings, kept: Kept, folder: Path) -> None:
    definition = kept.definition
    files = files_of(kept, answers.box(definition.id, definition))
    _enter(settings, definition, register.PUBLISHED, files[JSON_NAME].decode(), test=kept.test)
    publish(folder, files)


def _enter(settings: ConsultationSettings, definition: Definition, event: str, content: str, *, test: bool) -> None:
    if not test:
        register.enter(settings.register, register.entry(definition.id, event, definition.closes, content))


def _is_out(settings: ConsultationSettings, folder: Path, kept: Kept) -> bool:
    """Whether the results are written as the register knows them; of one for trying, whether they are written."""
    path = folder / JSON_NAME
    if kept.test:
        return path.is_file()
    known = register.published(settings.register, kept.definition.id)
    return known is not None and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == known.sha256
