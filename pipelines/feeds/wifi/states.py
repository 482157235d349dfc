"""The state of an access point at an instant: up, down, or unknown, which is not the same as down."""

from dataclasses import dataclass
from typing import Literal

from pipelines.feeds.wifi.beats import Listening
from pipelines.feeds.wifi.spans import Instants

State = Literal["up", "down", "unknown"]


@dataclass(frozen=True)
class Status:
    """A state, and when the access point was last heard, if ever."""

    state: State
    heard: int | None = None


def status(beats: Instants, interval: int, listening: Listening, at: int, missed: int) -> Status:
    """The status at an instant from the beats until then, all in microseconds.

    A beat is missed when its time, whole intervals after the last one, is reached without it. Up: fewer than `missed`
    are. Down: at least so many are while the collector was listening to others, and it still is. Unknown is all else:
    an access point that was never heard, a silent collector, and one that is back too short a time to miss beats.
    """
    if not beats.size:
        return Status("unknown")
    last = int(beats[-1])
    if at - last < missed * interval:
        return Status("up", last)
    if not listening.silent(at) and listening.told.amount(last, at) >= missed * interval:
        return Status("down", last)
    return Status("unknown", last)
