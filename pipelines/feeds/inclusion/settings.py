"""The keys of `[feeds.inclusion]`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from schemas.configuration import means
from schemas.feeds import FeedSettings

Form = Literal["standard", "mednum-bfc"]


@dataclass(frozen=True, kw_only=True)
class InclusionSettings(FeedSettings):
    """What the feed of digital-inclusion centres may be told."""

    format: Form = field(
        default="standard",
        metadata=means("The form of the source: the national standard, or the list of MedNum BFC.", "mednum-bfc"),
    )
    tours: Path | None = field(default=None, metadata=means("The stops of itinerant centres.", "tours.csv"))
    communes: Path | None = field(
        default=None,
        metadata=means("The communes with their outlines, which places are compared with.", "communes.geojson"),
    )
    stale_after_months: Annotated[int, Field(ge=1, le=240)] = field(
        default=12, metadata=means("After how many months without a check a place is told to be out of date.", 12)
    )
