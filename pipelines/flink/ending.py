"""The end of a privacy day in a cluster: what must have happened in a job before the day is published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pipelines.flink.cluster import Cluster
from pipelines.flink.exchange import ReaderReceipt

Handed: TypeAlias = Mapping[str, Mapping[int, int]]
"""For each day that is over, when each shard handed on what it did: see `ShardReceipt`."""

Passage: TypeAlias = Literal["waiting", "passed", "broken"]


@dataclass
class Cut:
    """A checkpoint of a job, taken between two announcements that the same readers heard.

    No restore goes back behind it, and the rows that readers had handed on before the first are with their shards. A
    restore in between is seen by the readers: each is opened anew. What Flink tells of its checkpoints is not relied
    on, as it is some seconds old.
    """

    announce: Callable[[], int]
    cluster: Cluster
    job: str
    _number: int = field(init=False)
    _opened: tuple[int, ...] = ()
    _checkpoint: str = ""
    _is_kept: bool = False

    def __post_init__(self) -> None:
        self._number = self.announce()

    def passage(self, receipts: Sequence[ReaderReceipt]) -> Passage:
        """How far it has come, by what all readers tell; raises what `Cluster` does."""
        if min(receipt.heard for receipt in receipts) < self._number:
            return "waiting"
        opened = tuple(receipt.opened for receipt in receipts)
        if not self._opened:
            self._opened = opened
            self._checkpoint = self.cluster.take_checkpoint(self.job)
        elif opened != self._opened:
            return "broken"
        elif self._is_kept:
            return "passed"
        else:
            self._look()
        return "waiting"

    def _look(self) -> None:
        taken = self.cluster.has_taken(self.job, self._checkpoint)
        if taken is None:
            self._checkpoint = self.cluster.take_checkpoint(self.job)
        elif taken:
            self._is_kept = True
            self._number = self.announce()


@dataclass(frozen=True)
class Ending:
    """Days that are over, on their way behind two cuts.

    Behind the first, what shards handed on is kept: no failure has it counted anew, and what still comes of the days is
    late from then on. Behind the second, all readers know that: none asks for a key of these days, or of a day before
    `before`, any more, and shards have counted all that was handed on. `rows`: of each day, when they set out, how many
    readers had handed on, and how many shards had found.
    """

    handed: Handed
    rows: Mapping[str, tuple[int, int]]
    cut: Cut
    before: str = ""
    is_late: bool = False
