"""An unbounded source that plays a script, and waits after each watermark until what it makes due has been told."""

from collections.abc import Iterator
from datetime import date

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Duration, Timestamp

from pipelines.lateness import BUCKET
from pipelines.publish import day_grid
from pipelines.shard_fold import Key, Terms, buckets_of
from tests.stream.streamed import TOLD, Outcome, Script, by_shard

PAUSE = Duration(0.25)
MOMENT = Duration(micros=1_000)


class Whole(RestrictionProvider):
    """All of a script, whose length the element is."""

    def initial_restriction(self, element: int) -> OffsetRange:
        return OffsetRange(0, element)

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return OffsetRestrictionTracker(restriction)

    def restriction_size(self, element: int, restriction: OffsetRange) -> int:
        return restriction.size()


TRACKER = beam.DoFn.RestrictionParam(Whole())
WATERMARK = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider())


class Play(beam.DoFn):
    """Notes down each watermark and delivery among what is told; its workers are threads of this process."""

    def __init__(self, run: str, day: str, script: Script, terms: Terms) -> None:
        self.run, self.day, self.script, self.terms = run, day, script, terms

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: int,
        tracker: OffsetRestrictionTracker = TRACKER,
        watermark: ManualWatermarkEstimator = WATERMARK,
    ) -> Iterator[tuple[Key, pa.Table]]:
        at = tracker.current_restriction().start
        if self._waits():
            # It moves on, as one of a clock does: where it stood still, streams came to a halt now and then.
            watermark.set_watermark(watermark.current_watermark() + MOMENT)
            tracker.defer_remainder(PAUSE)
        elif tracker.try_claim(at):
            item = self.script[at]
            TOLD[self.run].append(("played", at, item))
            if isinstance(item, int):
                watermark.set_watermark(Timestamp(micros=item))
            else:
                for each in by_shard(item, self.terms):
                    yield TimestampedValue(each, watermark.current_watermark())
            tracker.defer_remainder(PAUSE)

    def _waits(self) -> bool:
        """Whether something that is due has not been told."""
        marks = [item for where, _, item in TOLD[self.run] if where == "played" and isinstance(item, int)]
        return bool(marks) and len(slots_of(Outcome(TOLD[self.run]))) < due(self.terms, self.day, marks[-1])


def played(pipeline: beam.Pipeline, run: str, day: str, script: Script, terms: Terms) -> beam.PCollection:
    """The deliveries of a script, as they come from a source without an end."""
    play = beam.ParDo(Play(run, day, script, terms)).with_output_types(tuple[Key, pa.Table])
    return pipeline | beam.Create([len(script)], reshuffle=False) | play


def due(terms: Terms, day: str, watermark: int) -> int:
    """How many slots of a day the fold has measured once a watermark has passed its strides."""
    grid = day_grid(terms.calendar, date.fromisoformat(day))
    passed = max(watermark - terms.lateness - int(grid.slots[0]), 0) // BUCKET
    end = min(passed // terms.stride * terms.stride, buckets_of(grid))
    return terms.ground.step(grid, end, 0, last=end == buckets_of(grid)).due


def slots_of(found: Outcome) -> list[int]:
    """The slots of which measures were told, in the order in which they were."""
    return [slot for _, first, end in found.windows for slot in range(first, end)]
