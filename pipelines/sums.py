"""What a step counts of every shard, and is summed over all of them."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import pyarrow as pa

from pipelines.fold import merged
from pipelines.quality.heard import merged_heard
from schemas.tables import HEARD, PRESENCE_COUNT, Table

Total: TypeAlias = Callable[[list[pa.Table]], pa.Table]
"""Tables of several shards or steps to one."""

MEASURES: Final = "measures"
HEARD_EVENTS: Final = "heard"

SUMS: Final[Mapping[str, tuple[Table, Total]]] = {
    MEASURES: (PRESENCE_COUNT, merged),
    HEARD_EVENTS: (HEARD, merged_heard),
}
"""By name: the table, and how it is summed."""

MERGE_AT_ONCE: Final = 8
"""Tables of so many shards are added up in one go: each holds little, and all together would hold much."""
