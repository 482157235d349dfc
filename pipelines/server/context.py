"""What every service is made with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines.server.access import Access
from pipelines.server.store import Store
from schemas.feeds import Town
from schemas.server import Server


def _tell_nobody(facts: Mapping[str, str]) -> None:
    return


@dataclass(frozen=True)
class Context:
    """The configuration that is served, the store, who may ask, and the clock.

    `folder` is that of the configuration. `town` is None where there is no `[feeds.town]`, `release` where there is no
    `[release]`. `now` gives this second with the offset of the town; tests give another one. `tell` writes to the log
    what goes wrong beside requests: the event, why, and nothing of who asked.
    """

    folder: Path
    server: Server
    town: Town | None
    zone: ZoneInfo
    policy: Policy
    release: Path | None
    store: Store
    access: Access
    now: Callable[[], datetime]
    tell: Callable[[Mapping[str, str]], None] = _tell_nobody
