"""The demo: a town that lives, from simulated phones to a release that verifies, told as a person would tell it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from rich.console import Console

from anonymization.audit import audit
from anonymization.hexagons import resolutions
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.feeds.command import build_feeds
from pipelines.progress import Progress
from pipelines.simulator import feeds
from pipelines.simulator.settings import FESTIVAL, Edition, Settings
from pipelines.simulator.write import simulate
from schemas.configuration import Configuration, Event
from schemas.errors import CheckFailed

TOWN: Final = Settings(
    devices=16_000,
    days=16,
    start=date(2026, 6, 6),
    editions=(Edition("Avant-première du lac", date(2026, 6, 6), 0.5), Edition(FESTIVAL, date(2026, 6, 20))),
    visits_every=4,
)
"""Two weeks from one edition of the festival to the next, and the day after, with an ordinary Saturday between."""


@dataclass(frozen=True)
class Told:
    """What the summary says: figures of the release, and the verdict of its verification."""

    events: int
    parts: int
    finest_share: float
    checks: int
    festival: str
    feeds: str


def prepare(directory: Path, settings: Settings, progress: Progress) -> Configuration:
    """The configuration of the demo's town, simulated unless it is there already."""
    config = directory / "hexaflux.toml"
    if not config.exists():
        simulate(directory, settings, progress)
    return load(config)


def publish(configuration: Configuration, progress: Progress) -> Told:
    """Run and verify the demo; raises CheckFailed for a release that does not verify."""
    outcome = run(configuration, progress)
    release = configuration.release.directory
    with progress.task("Verifying the release", None):
        report = audit(release)
    failed = [check.name for check in report.checks if not check.passed]
    if failed:
        raise CheckFailed(
            f"{release}: the demo's release does not verify ({', '.join(failed)})",
            f"remove {release.parent} and run the demo again",
        )
    presence = ds.dataset(release / "presence", partitioning=None).to_table()
    attendance = ds.dataset(release / "attendance", partitioning=None).to_table()
    return Told(
        events=outcome.state.accounting.accepted,
        parts=presence.num_rows,
        finest_share=finest_share(presence, configuration.area.base_resolution),
        checks=len(report.checks),
        festival=" ".join(_attendance(attendance, event) for event in configuration.event),
        feeds=_feeds(configuration, progress),
    )


def finest_share(presence: pa.Table, base: int) -> float:
    """The share of published devices that stand in a single hexagon of the finest resolution."""
    single = pc.equal(pc.list_value_length(presence["cells"]), 1).to_numpy()
    first = pc.list_element(presence["cells"], 0).to_numpy()
    devices = presence["devices"].to_numpy()
    finest = single & (resolutions(first) == base)
    return float(devices[finest].sum() / max(int(np.sum(devices)), 1))


def _attendance(attendance: pa.Table, event: Event) -> str:
    """How many came to an event's zone on its day, as a sentence."""
    starts = attendance["window_start"].to_pylist()
    ends = attendance["window_end"].to_pylist()
    zones = attendance["zone_id"].to_pylist()
    for row, (start, end, zone) in enumerate(zip(starts, ends, zones, strict=True)):
        if zone == event.zone and start <= event.start < end:
            people, low, high = (attendance[name][row].as_py() for name in ("people", "people_low", "people_high"))
            return f"{event.name}: about {people:,.0f} people came ({low:,.0f} to {high:,.0f})."
    return f"{event.name}: not published on its own; fewer people came than are needed to hide each of them."


def _feeds(configuration: Configuration, progress: Progress) -> str:
    """Build the civic feeds as they are on the evening of the last festival, and say so; "" where there are none."""
    if not configuration.feeds:
        return ""
    zone = ZoneInfo(configuration.area.timezone)
    evening = feeds.evening(configuration.event[-1].start.astimezone(zone).date())
    built, folder = build_feeds(configuration.path, None, evening.isoformat(), progress, strict=False)
    items = sum(len(module.items) for module in built.modules)
    page = folder / built.chosen.town.id / "index.html"
    return (
        f"Feeds: {len(built.modules)} modules, {items:,} items as of {evening:%Y-%m-%d %H:%M}; open {page} "
        f"(hexaflux feeds build {configuration.path})."
    )


def show(console: Console, configuration: Configuration, told: Told) -> None:
    """The summary."""
    lines = (
        told.festival,
        f"{told.events:,} probe events became {told.parts:,} figures of presence, each of at least "
        f"{configuration.policy.k} devices; {told.finest_share:.0%} of the devices stand in the smallest hexagons.",
        f"Verified: all {told.checks} checks passed (hexaflux audit {configuration.release.directory}).",
        told.feeds,
        f"Over HTTP, with reports of faults and figures for programs: hexaflux serve {configuration.path}",
    )
    for line in filter(None, lines):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
