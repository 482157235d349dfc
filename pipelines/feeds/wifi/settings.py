"""The keys of `[feeds.wifi]`."""

from dataclasses import dataclass, field
from pathlib import Path

from pipelines.feeds.wifi.outages import Rule
from schemas.configuration import means
from schemas.errors import UsageError
from schemas.feeds import FeedSettings


@dataclass(frozen=True, kw_only=True)
class WifiSettings(FeedSettings):
    """The access points, their heartbeats, and after how many beats something is said of them."""

    heartbeats: Path | None = field(
        default=None,
        metadata=means("The heartbeats of this month and the one before, as CSV.", "heartbeats.csv"),
    )
    missed: int = field(
        default=3, metadata=means("Beats in a row that an access point misses before it counts as down.", "3")
    )
    steady: int = field(
        default=3, metadata=means("Beats in a row after which an access point that was down is in order again.", "3")
    )
    service_code: str = field(default="wifi", metadata=means("The Open311 service that fault reports are for.", "wifi"))

    def __post_init__(self) -> None:
        for key, value in (("missed", self.missed), ("steady", self.steady)):
            if not 1 <= value <= 1_000:
                raise UsageError(
                    f"[feeds.wifi] {key}: expected a number of beats from 1 to 1000, found {value}", f"write {key} = 3"
                )

    @property
    def rule(self) -> Rule:
        """When an access point is out of order, and when in order again."""
        return Rule(self.missed, self.steady)
