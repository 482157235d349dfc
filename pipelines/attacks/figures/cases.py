"""Cases: rows that are held by some others together, and what these hold more."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.arrays import Ints, column
from pipelines.attacks.figures.differences import Differences
from pipelines.score.sql import ask


@dataclass(frozen=True)
class Cases:
    """`within`: (number, within), a case and its row; `around`: (number, name, row), the rows that hold its devices.

    The rows around of a case are of one indicator, and no device is in two of them.
    """

    within: pa.Table
    around: pa.Table

    @classmethod
    def of_pairs(cls, name: str, within: Ints, around: Ints) -> "Cases":
        """Rows of an indicator that are each held by another one."""
        number = np.arange(within.size)
        names = pa.array([name] * within.size, pa.string())
        return cls(
            pa.table({"number": number, "within": within}), pa.table({"number": number, "name": names, "row": around})
        )

    def differences(self, name: str, behind: Mapping[str, pa.Table], k: int) -> Differences:
        """What is left of the rows around, where the rows within are of an indicator, with MEMBERS by indicator."""
        names = self.around["name"].unique().to_pylist()
        members = [
            behind[each].add_column(0, "name", pa.array([each] * behind[each].num_rows, pa.string())) for each in names
        ]
        if not members:
            return Differences()
        found = ask(
            """
            WITH sizes AS (SELECT name, row, count(*) AS devices FROM outside GROUP BY name, row),
            totals AS (
                SELECT number, sum(devices)::BIGINT AS devices FROM around JOIN sizes USING (name, row) GROUP BY number
            ), moving AS (
                SELECT number, device FROM cases JOIN inside ON inside.row = within
            ), shared AS (
                SELECT number, count(*) AS devices FROM moving JOIN around USING (number)
                    JOIN outside USING (name, row, device) GROUP BY number
            ), moved AS (
                SELECT number, count(*) AS devices FROM moving GROUP BY number
            )
            SELECT moved.devices = coalesce(shared.devices, 0) AS held,
                totals.devices - coalesce(shared.devices, 0) AS remaining
            FROM totals JOIN moved USING (number) LEFT JOIN shared USING (number) ORDER BY number
            """,
            cases=self.within,
            around=self.around,
            inside=behind[name],
            outside=pa.concat_tables(members),
        )
        holds, left = column(found, "held").astype(np.bool_), column(found, "remaining").astype(np.int64)
        few = holds & (left > 0) & (left < k)
        pairs = {(name, each) for each in names}
        return Differences(int(few.sum()), left.size, int((~holds).sum()), pairs=pairs)
