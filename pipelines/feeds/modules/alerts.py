"""Alerts of the town, as JSON Feed; each of them ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pipelines.feeds.checking import shown
from pipelines.feeds.documents import as_bytes
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.rows import Finding, Row, Rows, both
from schemas.feeds import Column, Source, Text

VERSION: Final = "https://jsonfeed.org/version/1.1"
EXTENSION: Final = "_hexaflux"
LONGEST: Final = timedelta(days=366)
"""How long an alert can hold: what holds longer is no alert."""
SEVERITIES: Final = {
    "danger": Text("Danger", "Danger"),
    "warning": Text("Warning", "Vigilance"),
    "info": Text("Information", "Information"),
}
"""The gravest first, as they are shown."""

ALERTS: Final = Source(
    "source",
    "The alerts.",
    (
        Column("id", "Identifier; it stays the same.", required=True, unique=True, pattern=r"[A-Za-z0-9._-]{1,60}"),
        Column("title_fr", "Title in French.", required=True, longest=120),
        Column("title_en", "Title in English.", longest=120),
        Column("text_fr", "What residents have to know, in French.", required=True, longest=4000),
        Column("text_en", "The same in English.", longest=4000),
        Column("severity", "How grave it is.", required=True, choices=tuple(SEVERITIES)),
        Column("published", "From when on it is published.", "instant", required=True),
        Column("modified", "When its text was last changed.", "instant"),
        Column("starts", "From when on it holds; from its publication where empty.", "instant"),
        Column("ends", "Until when it holds and is published.", "instant", required=True),
        Column("url", "Page with more about it.", "url"),
    ),
)


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The alerts that are published and not over, the gravest and then the newest first, a feed for each language."""
    findings = [finding for row in rows[ALERTS.name] for finding in _wrong(row, context.settings.source.name)]
    refused = {finding.line for finding in findings}
    right = [row for row in rows[ALERTS.name] if row["line"] not in refused]
    current = [row for row in right if _instant(row, "published") <= context.at < _instant(row, "ends")]
    current.sort(key=lambda row: str(row["id"]))
    current.sort(key=lambda row: _instant(row, "published"), reverse=True)
    current.sort(key=lambda row: list(SEVERITIES).index(str(row["severity"])))
    files = {f"alerts.{language}.json": as_bytes(_feed(current, language, context)) for language in ("fr", "en")}
    return Built(tuple(_item(row) for row in current), files, tuple(findings))


def _wrong(row: Row, file: str) -> list[Finding]:
    """The first of its instants that contradicts another."""
    published, starts, ends = _instant(row, "published"), _starts(row), _instant(row, "ends")
    modified = row["modified"]
    if isinstance(modified, datetime) and modified < published:
        found = ("modified", Text("an instant not before published", "un instant qui n’est pas avant published"))
    elif ends <= published:
        found = ("ends", Text("an end after its publication", "une fin après la publication"))
    elif ends <= starts:
        found = ("ends", Text("an end after the begin", "une fin après le début"))
    elif ends - starts > LONGEST:
        days = LONGEST.days
        found = ("ends", Text(f"an end at most {days} days later", f"une fin {days} jours plus tard au plus"))
    else:
        return []
    field, expected = found
    return [Finding(file, int(str(row["line"])), field, "error", expected, shown(_instant(row, field).isoformat()))]


def _instant(row: Row, name: str) -> datetime:
    return datetime.fromisoformat(str(row[name]))


def _starts(row: Row) -> datetime:
    return _instant(row, "starts" if row["starts"] else "published")


def _item(row: Row) -> Item:
    return Item(
        id=str(row["id"]),
        title=both(row, "title"),
        text=both(row, "text"),
        category=SEVERITIES[str(row["severity"])],
        starts=_starts(row),
        ends=_instant(row, "ends"),
        link=str(row["url"] or ""),
        updated=_instant(row, "modified" if row["modified"] else "published").date(),
        valid_until=_instant(row, "ends"),
    )


def _feed(rows: Sequence[Row], language: str, context: Context) -> dict[str, object]:
    town = context.town
    title = {"fr": f"Alertes – {town.name}", "en": f"Alerts – {town.name}"}[language]
    home = f"{town.address.rstrip('/')}/{town.id}/"
    where = {"home_page_url": home, "feed_url": f"{home}{FEED.name}/alerts.{language}.json"} if town.address else {}
    items = [_entry(row, language, context) for row in rows]
    return {"version": VERSION, "title": title, **where, "language": language, "items": items}


def _entry(row: Row, language: str, context: Context) -> dict[str, object]:
    """An alert; its own language is stated where it is not that of the feed."""
    there = language if row[f"text_{language}"] else "fr"
    severity = str(row["severity"])
    found: dict[str, object | None] = {
        "id": f"{row['id']}.alerts@{context.town.id}.hexaflux",
        "url": row["url"],
        "title": both(row, "title").as_json()[language],
        "content_text": both(row, "text").as_json()[language],
        "date_published": _told(_instant(row, "published"), context),
        "date_modified": _told(_instant(row, "modified"), context) if row["modified"] else None,
        "language": None if there == language else there,
        "tags": [severity],
        EXTENSION: {
            "severity": severity,
            "starts": _told(_starts(row), context),
            "ends": _told(_instant(row, "ends"), context),
        },
    }
    return {key: value for key, value in found.items() if value is not None}


def _told(instant: datetime, context: Context) -> str:
    return instant.astimezone(context.zone).isoformat(timespec="seconds")


FEED: Final = Feed(
    name="alerts",
    title=Text("Alerts", "Alertes"),
    about=Text("What residents have to know now.", "Ce que les habitants doivent savoir maintenant."),
    standard="JSON Feed 1.1",
    place=10,
    sources=(ALERTS,),
    build=build,
    may_be_empty=True,
)
