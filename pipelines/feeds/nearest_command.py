"""`hexaflux feeds nearest`: the centre to send somebody to, and what is told of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from pipelines.feeds import settings
from pipelines.feeds.build import build
from pipelines.feeds.command import now
from pipelines.feeds.feed import Context, Item, all_feeds
from pipelines.feeds.nearest import Near, matching, nearest, tags
from schemas.errors import InputError, UsageError

FEED: Final = "inclusion"


def find(config: Path, latitude: float, longitude: float, service: str, at: str | None) -> tuple[Near, Context]:
    """The nearest open centre of a configuration; nothing is written.

    Raises UsageError for a service that no centre offers, and InputError where no centre is known to open.
    """
    chosen = settings.load(config, all_feeds())
    feeds = tuple(each for each in chosen.feeds if each[0].name == FEED)
    if not feeds:
        raise UsageError(
            f"{config}: expected a feed {FEED}, found none", f"write [feeds.{FEED}], and its source below it"
        )
    instant = settings.instant(at, chosen.zone) if at else now(chosen.zone)
    (module,) = build(replace(chosen, feeds=feeds), instant, lambda _: None).modules
    found = nearest(module.items, latitude, longitude, module.context, _tag(module.items, service))
    if found is None:
        raise InputError(
            f"no centre is open at {instant:%Y-%m-%d %H:%M}, and none is known to open",
            "state opening hours of the centres, or ask for another service",
        )
    return found, module.context


def as_values(near: Near, context: Context) -> dict[str, object]:
    """What was found, for a program; distances are in metres."""
    place, until = near.item.place, near.status.until
    return {
        "at": context.at.isoformat(timespec="seconds"),
        "id": near.item.id,
        "title": near.item.title.fr,
        "address": place.address if place else "",
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "metres": round(near.metres),
        "state": near.status.state,
        "until": until and until.isoformat(timespec="seconds"),
        "services": [tag.fr for tag in near.item.tags],
        "checked": near.item.updated and near.item.updated.isoformat(),
    }


def tell(results: Console, near: Near, context: Context) -> None:
    """The same for somebody who reads."""
    place, until = near.item.place, near.status.until
    results.print(f"{near.item.title.fr}, {place.address if place else ''}", soft_wrap=True, highlight=False)
    change = "" if until is None else f" until {_shown(until, context)}"
    state = f"open{change}" if near.status.state == "open" else f"closed{change}; it is the one that opens next"
    results.print(f"{near.metres / 1000:.1f} km away, {state}", soft_wrap=True, highlight=False)
    if near.item.updated is not None:
        results.print(f"Checked on {near.item.updated.isoformat()}", soft_wrap=True, highlight=False)


def _tag(items: Sequence[Item], service: str) -> str:
    """The tag that a service stands for, or "" for any."""
    if not service:
        return ""
    found = matching(items, service)
    if len(found) != 1:
        listed = "; ".join(found or tags(items)) or "nothing, since no centre states its services"
        raise UsageError(
            f"--service: expected one of: {listed}; found {service!r}", "write enough of it to be one only"
        )
    return found[0]


def _shown(until: datetime, context: Context) -> str:
    return f"{until:%H:%M}" if f"{until:%Y-%m-%d}" == f"{context.at:%Y-%m-%d}" else f"{until:%Y-%m-%d %H:%M}"
