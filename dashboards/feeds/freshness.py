"""At a glance: which feeds still hold, and how much of their sources was published."""

from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from dashboards import formats
from dashboards.cards import Card
from dashboards.feeds import wording
from dashboards.feeds.manifest import Feed, Manifest
from dashboards.texts import Text
from dashboards.view import View

SOON: Final = timedelta(days=30)
"""A feed that ends within it is one to look after."""

HOLDS: Final = Text("Holds until {day}", "Valable jusqu’au {day}")
ENDS: Final = Text("Ends soon: {day}", "Se termine bientôt : {day}")
EXPIRED: Final = Text("Holds no longer since {day}", "Plus valable depuis le {day}")
ENDLESS: Final = Text("Without a last day", "Sans dernier jour")
UPDATED: Final = Text("Last known right: {day}", "Vérifié le {day}")
NOT_UPDATED: Final = Text("Not said when it was last right", "Date de vérification inconnue")
PUBLISHED: Final = Text("Published: {items} · rows read: {rows}", "Publiés : {items} · lignes lues : {rows}")
REFUSED: Final = Text("{count} rows refused", "{count} lignes refusées")
ONE_REFUSED: Final = Text("{count} row refused", "{count} ligne refusée")
WARNINGS: Final = Text("{count} warnings", "{count} avertissements")
ONE_WARNING: Final = Text("{count} warning", "{count} avertissement")
NOTHING_WRONG: Final = Text("nothing refused", "rien de refusé")
COLUMNS: Final = (
    Text("Feed", "Flux"),
    Text("Validity", "Validité"),
    Text("Last known right", "Vérifié le"),
    Text("Rows", "Lignes"),
    Text("Published", "Publiés"),
    Text("Refused", "Refusées"),
    Text("Warnings", "Avertissements"),
    Text("Standard", "Norme"),
)


def validity(view: View, feed: Feed, at: datetime) -> str:
    """Until when a feed holds, as it is at an instant."""
    if feed.valid_until is None:
        return view.say(ENDLESS)
    local = feed.valid_until.astimezone(wording.zone_of(view))
    if at >= feed.valid_until:
        return view.say(EXPIRED, day=formats.short_date(local.date(), view.language))
    last = formats.short_date((local - timedelta(seconds=1)).date(), view.language)
    return view.say(ENDS if feed.valid_until - at < SOON else HOLDS, day=last)


def wrong(view: View, feed: Feed) -> str:
    """How many rows were refused and how many warnings there are."""
    refused = view.say(ONE_REFUSED if feed.refused == 1 else REFUSED, count=view.number(feed.refused))
    warnings = view.say(ONE_WARNING if feed.warnings == 1 else WARNINGS, count=view.number(feed.warnings))
    said = [text for count, text in ((feed.refused, refused), (feed.warnings, warnings)) if count]
    return " · ".join(said) or view.say(NOTHING_WRONG)


def cards(view: View, manifest: Manifest, at: datetime) -> list[Card]:
    """A card for each feed."""
    return [
        Card(
            wording.named(feed.title, view),
            view.number(feed.items),
            [
                view.say(PUBLISHED, items=view.number(feed.items), rows=view.number(feed.rows)),
                wrong(view, feed),
                _updated(view, feed),
            ],
            [validity(view, feed, at)],
        )
        for feed in manifest.feeds
    ]


def table(view: View, manifest: Manifest, at: datetime) -> pd.DataFrame:
    """A row for each feed, as texts."""
    rows = [
        (
            wording.named(feed.title, view),
            validity(view, feed, at),
            "" if feed.updated is None else formats.short_date(feed.updated, view.language),
            *(view.number(count) for count in (feed.rows, feed.items, feed.refused, feed.warnings)),
            feed.standard,
        )
        for feed in manifest.feeds
    ]
    first, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[first, *others]).set_index(first)


def sheet(manifest: Manifest) -> pd.DataFrame:
    """A row for each feed, as plain values."""
    return pd.DataFrame(
        {
            "feed": [feed.name for feed in manifest.feeds],
            "standard": [feed.standard for feed in manifest.feeds],
            "updated": ["" if feed.updated is None else feed.updated.isoformat() for feed in manifest.feeds],
            "valid_until": [
                "" if feed.valid_until is None else feed.valid_until.isoformat() for feed in manifest.feeds
            ],
            **{name: [getattr(feed, name) for feed in manifest.feeds] for name in COUNTED},
        }
    )


COUNTED: Final = ("rows", "items", "refused", "warnings")


def _updated(view: View, feed: Feed) -> str:
    if feed.updated is None:
        return view.say(NOT_UPDATED)
    return view.say(UPDATED, day=formats.short_date(feed.updated, view.language))
