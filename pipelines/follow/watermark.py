"""The watermark: before which time every event has been seen, or is late. From event times alone, and pure.

Events are delivered in partitions, each in an order of its own: the folders of an inbox, those of a Kafka topic. A
delivery (a file, a message) is late as far as its events are older than the latest event of the deliveries before it in
its partition, less the lateness. So what is late does not depend on when deliveries are read, nor with what others.
"""

from collections.abc import Collection, Mapping

from pipelines.state import Partition


def watermark(
    partitions: Mapping[str, Partition], idle: Collection[str], lateness: int, before: int | None
) -> int | None:
    """The watermark, in microseconds, from how far the partitions have come; None where there is none yet.

    Partitions that are `idle` hold nobody up; while all of them are, it stays. It never moves back from `before`.
    """
    active = [partition.high for name, partition in partitions.items() if name not in idle]
    highs = [high for high in active if high is not None]
    if not highs or len(highs) < len(active):
        return before
    reached = min(highs) - lateness
    return reached if before is None else max(reached, before)
