"""`[server.reports]` of a configuration."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from schemas.configuration import means
from schemas.dates import Language
from schemas.errors import UsageError
from schemas.server import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class ReportsSettings(ServiceSettings):
    """What the town promises to who reports a fault, and what it keeps of a report."""

    contact: str = field(
        metadata=means("How to reach who runs this; it is published.", "Service numérique, reseau@town.example")
    )
    key_service: str = field(
        default="", metadata=means("How to get an API key; it is published. By default: ask the contact.")
    )
    agency: str = field(default="", metadata=means("Who mends; by default the name of the town."))
    jurisdiction: str = field(default="", metadata=means("The `jurisdiction_id`; requests may leave it out."))
    address: str = field(
        default="",
        metadata=means(
            "Where `/open311/v2` is reached from outside; by default below `[feeds.town] address`.",
            "https://town.example/open311/v2",
        ),
    )
    type: Literal["production", "test"] = field(
        default="production", metadata=means("What discovery says of it: `production` or `test`.")
    )
    language: Language = field(default="fr", metadata=means("In which language Open311 answers: `fr` or `en`."))
    services: Path | None = field(
        default=None,
        metadata=means("What can be reported, a TOML file; by default the four kinds of networks.", "services.toml"),
    )
    photos: Path = field(default=Path("photos"), metadata=means("The folder of photos; nothing else may be in it."))
    hours: int = field(default=48, metadata=means("Hours until a fault is expected to be mended, 1 to 8,760."))
    public: bool = field(default=False, metadata=means("Whether residents may report on a page, without a key."))
    public_per_hour: int = field(default=10, metadata=means("Reports of one address in an hour, on that page."))
    keep_contact: bool = field(
        default=False, metadata=means("Whether e-mail, phone and names are kept until the report is deleted.")
    )
    keep_days: int = field(default=90, metadata=means("Days after its closing until a report is deleted, 1 to 3,650."))
    evidence: bool = field(
        default=True, metadata=means("Whether the page tells what the network tells of a report, where it is known.")
    )


def check(settings: ReportsSettings) -> None:
    """Raises UsageError for what no service can be run with."""
    ranges = (("hours", settings.hours, 8760), ("public_per_hour", settings.public_per_hour, 10_000))
    for key, value, most in (*ranges, ("keep_days", settings.keep_days, 3650)):
        if not 1 <= value <= most:
            raise _error(key, f"a whole number from 1 to {most}", str(value))
    if not settings.contact.strip():
        raise _error("contact", "how to reach you", "an empty text")
    if settings.address and not settings.address.startswith(("https://", "http://")):
        raise _error("address", "an address that begins with https://", "another text")


def _error(key: str, expected: str, found: str) -> UsageError:
    hint = f"change {key} below [server.reports], or leave it out to have its default"
    return UsageError(f"[server.reports] {key}: expected {expected}, found {found}", hint)
