"""What the table of the offices may hold."""

from dataclasses import dataclass, field

from schemas.configuration import means
from schemas.feeds import FeedSettings


@dataclass(frozen=True, kw_only=True)
class OfficeSettings(FeedSettings):
    """`[feeds.offices]`: which desks of the directory are the town's, and what it does not say of them."""

    insee: tuple[str, ...] = field(
        default=(),
        metadata=means("INSEE codes of the communes whose desks are shown; all of the file by default.", '["21231"]'),
    )
    closed_on_public_holidays: bool = field(
        default=True,
        metadata=means("Whether desks are closed on public holidays, of which the directory says nothing."),
    )
