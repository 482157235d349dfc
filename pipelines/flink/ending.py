"""The end of a privacy day in a cluster: what must have happened in a job before the day is published. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pipelines.flink.cluster import Checkpoints

Handed: TypeAlias = Mapping[str, Mapping[int, int]]
"""For each day that is over, when each shard handed on what it did: see `ShardReceipt`."""


@dataclass
class Cut:
    """A whole checkpoint that begins after all readers have heard announcement `number`, with no restore since then.

    No restore goes back behind it, and the rows that readers had handed on are with their shards. `restored`: when the
    job had last been restored before it was announced, as `Checkpoints` tell.
    """

    number: int
    restored: int
    _begun: int | None = field(default=None, init=False)

    def is_broken(self, now: Checkpoints) -> bool:
        """Whether the job was restored since: from a checkpoint that may have begun before."""
        return now.restored != self.restored

    def is_passed(self, heard: int, now: Checkpoints) -> bool:
        """Whether there is such a checkpoint; `heard`: the announcement that all readers go by."""
        if self._begun is None and heard >= self.number:
            self._begun = now.begun
        return self._begun is not None and now.whole > self._begun


@dataclass(frozen=True)
class Ending:
    """Days that are over, on their way behind two cuts.

    Behind the first, what shards handed on is kept: no failure has it counted anew, and what still comes of the days is
    late from then on. Behind the second, all readers know that: none asks for a key of these days, or of a day before
    `before`, any more, and shards have counted all that was handed on.
    """

    handed: Handed
    cut: Cut
    before: str = ""
    is_late: bool = False
