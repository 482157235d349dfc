"""What the network tells of reports, and the outages that were confirmed, which the pipeline reads.

It closes no report and refuses none: it is told on the page of who mends, and nowhere else.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipelines.quality.facts import evidence_of, folder_of
from pipelines.quality.outages import LASTS, Outage, write_outages
from pipelines.server.reports.desk import Desk
from pipelines.server.reports.report import Report
from schemas.tables import FAULT_REPORT

_SECOND = 1_000_000


def verdicts(desk: Desk, reports: Sequence[Report]) -> Mapping[str, str]:
    """The verdict on each report by its identifier, empty where none is due; nothing where no release is served."""
    release = desk.context.release
    if release is None or not desk.settings.evidence:
        return {}
    columns = {
        "id": [each.id for each in reports],
        "latitude": [each.new.latitude for each in reports],
        "longitude": [each.new.longitude for each in reports],
        "requested_at": [each.requested for each in reports],
    }
    table = pa.Table.from_pydict(columns, schema=FAULT_REPORT.schema)
    found = evidence_of(folder_of(release), table)
    return {name: verdict or "" for name, verdict in zip(*found.to_pydict().values(), strict=True)}


def write(desk: Desk) -> None:
    """Write all confirmed outages with a place for the pipeline to read; nothing where no release is served."""
    if desk.context.release is not None:
        found = [outage for report in desk.register.with_outages() if (outage := _outage(report)) is not None]
        write_outages(folder_of(desk.context.release), found)


def _outage(report: Report) -> Outage | None:
    outage, place = report.outage, report.new
    if outage is None or place.latitude is None or place.longitude is None:
        return None
    end = LASTS if outage.end is None else int(outage.end.timestamp()) * _SECOND
    return Outage(int(outage.start.timestamp()) * _SECOND, end, report.id, place.latitude, place.longitude)
