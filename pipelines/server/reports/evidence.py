"""What the network tells of reports.

It closes no report and refuses none: it is told on the page of who mends, and nowhere else.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipelines.quality.facts import evidence_of, folder_of
from pipelines.server.reports.desk import Desk
from pipelines.server.reports.report import Report
from schemas.tables import FAULT_REPORT


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
