"""Digital-inclusion centres to build a feed of."""

import csv
import io
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines.feeds import checking
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context
from pipelines.feeds.inclusion.settings import InclusionSettings
from pipelines.feeds.modules.inclusion import FEED
from pipelines.feeds.rows import Finding, Row
from schemas.configuration import PolicySettings
from schemas.feeds import Town

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 6, 20, 15, tzinfo=PARIS)
POLICY = Policy.of(PolicySettings(), None)
CENTRE = {
    "id": "one",
    "pivot": "43493312300029",
    "nom": "Espace numérique",
    "commune": "Dijon",
    "code_postal": "21000",
    "code_insee": "21231",
    "adresse": "1 place de la Libération",
    "latitude": "47.3215",
    "longitude": "5.0416",
    "horaires": "Mo-Sa 09:00-18:00",
    "itinerance": "Fixe",
    "date_maj": "2026-05-01",
    "services": "Aide aux démarches administratives",
}
STOP = {
    "id": "stop",
    "place_id": "one",
    "start": "2026-01-06T14:00",
    "end": "2026-01-06T17:00",
    "rrule": "FREQ=WEEKLY;BYDAY=TU",
    "address": "Place de la Mairie",
    "code_postal": "21121",
    "commune": "Ahuy",
    "latitude": "47.3711",
    "longitude": "5.0205",
}
MEDNUM = {
    "bfc_id": "bfc_1",
    "mise_a_jour": "05/03/2026",
    "lon": "5.0416",
    "lat": "47.3215",
    "adresse": "1 place de la Libération",
    "code_postal": "21000",
    "ville": "DIJON",
    "nom_structure": "Espace numérique",
    "lundi matin": "9h-12h",
}


def context(at: datetime = AT, exceptions: Exceptions | None = None, **settings: object) -> Context:
    """What the feed is made with; files are named by their keys."""
    stated = {"source": Path("source.csv"), "tours": Path("tours.csv"), "communes": Path("communes.geojson")}
    chosen = InclusionSettings(**stated | settings)
    return Context(Town(id="dijon", name="Dijon"), at, PARIS, chosen, exceptions or Exceptions(), POLICY)


def built(made_with: Context, **texts: list[dict[str, str]]) -> tuple[Built, tuple[Finding, ...]]:
    """The feed of rows of texts by source, and all findings; the rows of a file begin in line 2."""
    assert FEED.choose is not None
    rows: dict[str, tuple[Row, ...]] = {}
    findings: tuple[Finding, ...] = ()
    for source in FEED.choose(made_with.settings):
        located = list(enumerate(texts.get(source.key, []), 2))
        path = getattr(made_with.settings, source.key)
        rows[source.name], wrong = checking.check(located, source, path.name, PARIS)
        findings += wrong
    made = FEED.build(rows, made_with)
    return made, (*findings, *made.findings)


def errors(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    """Line and field of what was refused."""
    return [(finding.line, finding.field) for finding in findings if finding.level == "error"]


def warnings(findings: tuple[Finding, ...], field: str) -> list[str]:
    """What was expected where a field has a warning."""
    return [each.expected.en for each in findings if each.level == "warning" and each.field == field]


def written(made: Built) -> list[dict[str, str]]:
    """The rows of the file of the standard."""
    return list(csv.DictReader(io.StringIO(made.files["lieux.csv"].decode())))
