"""The stages of a job on Flink: each hands over what Flink keeps for a key to the functions that do the work."""

from collections.abc import Iterable, Iterator

from pyflink.common import Types
from pyflink.common.typeinfo import TypeInformation
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import FlatMapFunction
from pyflink.datastream.state import ListState, ListStateDescriptor, ValueState, ValueStateDescriptor

from pipelines.flink.reading import Element, FragmentReader, TopicReader
from pipelines.flink.shards import KeptShard, Shards, Sum, Summing
from pipelines.flink.work import Task, Work


def bytes_type() -> TypeInformation:
    """How bytes travel."""
    return Types.PRIMITIVE_ARRAY(Types.BYTE())


def element_type() -> TypeInformation:
    """How elements travel."""
    return Types.TUPLE([Types.STRING(), Types.INT(), bytes_type(), Types.LONG()])


def sum_type() -> TypeInformation:
    """How sums travel."""
    return Types.TUPLE([Types.STRING(), Types.INT(), Types.STRING(), bytes_type()])


class Progress(TimestampAssigner):
    """Takes the progress that an element tells for its time, so that watermarks follow it."""

    def extract_timestamp(self, value: Element, record_timestamp: int) -> int:
        """Milliseconds."""
        return value[3]


class ReadFragment(FlatMapFunction):
    """Fragments of files, by their numbers in the order, to elements."""

    def __init__(self, task: Task, step: int) -> None:
        self.task, self.step = task, step

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: nothing is read yet."""
        self.reader = FragmentReader(Work(self.task), self.step)

    def flat_map(self, value: int) -> Iterator[Element]:
        """Read one fragment."""
        return self.reader.read(int(value))


class ReadTopic(KeyedProcessFunction):
    """Reads a share of the partitions of a topic whenever it is woken; its positions are its state."""

    def __init__(self, task: Task, reader: int, readers: int) -> None:
        self.task, self.number, self.readers = task, reader, readers

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: the brokers are asked when the first message is taken."""
        self.reader = TopicReader(Work(self.task), self.number, self.readers, _value(runtime_context, "read"))

    def close(self) -> None:
        """Flink's hook: leave the brokers."""
        self.reader.close()

    def process_element(self, value: object, ctx: KeyedProcessFunction.Context) -> Iterator[Element]:
        """Take what has arrived."""
        return self.reader.read()


class FoldShard(KeyedProcessFunction):
    """Follows the devices of a shard of a day as the watermark passes."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: what is kept for each shard of a day."""
        known, open_stays = _value(runtime_context, "shard_day"), _value(runtime_context, "open_stays")
        waiting, closed_stays = _values(runtime_context, "waiting"), _values(runtime_context, "closed_stays")
        self.shards = Shards(Work(self.task), KeptShard(known, open_stays, waiting, closed_stays))

    def process_element(self, value: Element, ctx: KeyedProcessFunction.Context) -> Iterable[Sum]:
        """Keep rows until they are due."""
        self.shards.take(value, ctx.timer_service())
        return ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Sum]:
        """Take what is due."""
        day, _, shard = str(ctx.get_current_key()).partition("/")
        return self.shards.due(day, int(shard), timestamp, ctx.timer_service())


class SumShards(KeyedProcessFunction):
    """Sums a stride over all shards."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: how many shards have told theirs, and what."""
        heard = runtime_context.get_state(ValueStateDescriptor("shards", Types.INT()))
        self.summing = Summing(Work(self.task), heard, _values(runtime_context, "told"))

    def process_element(self, value: Sum, ctx: KeyedProcessFunction.Context) -> Iterable[Sum]:
        """Wait for the other shards, or sum them all."""
        self.summing.take(value)
        return ()


def _value(context: RuntimeContext, name: str) -> ValueState:
    return context.get_state(ValueStateDescriptor(name, bytes_type()))


def _values(context: RuntimeContext, name: str) -> ListState:
    return context.get_list_state(ListStateDescriptor(name, bytes_type()))
