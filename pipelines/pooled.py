"""A Beam stage that works on several elements at once: NumPy and Arrow let go of the interpreter while they count."""

from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

In = TypeVar("In")
Out = TypeVar("Out")


class Pooled(beam.DoFn, Generic[In, Out]):
    """Calls `work` on each element in a pool of threads; results come out in the order of the elements."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @abstractmethod
    def work(self, element: In) -> list[Out]:
        """What one element becomes."""

    def prepare(self) -> None:
        """Read what the work needs; called once, in the worker."""

    def setup(self) -> None:
        """Beam's hook: prepare, and start the threads."""
        self.prepare()
        self.pool = ThreadPoolExecutor(self.workers)
        self.running: deque[Future[list[Out]]] = deque()

    def teardown(self) -> None:
        """Beam's hook: end the threads."""
        self.pool.shutdown(cancel_futures=True)

    def process(self, element: In) -> Iterator[Out]:
        """Hand the element to the pool, and hand on what is ready."""
        self.running.append(self.pool.submit(self.work, element))
        if len(self.running) > self.workers:
            yield from self._next()

    def finish_bundle(self) -> Iterable[WindowedValue]:
        """Wait for the rest."""
        while self.running:
            for result in self._next():
                yield in_global_window(result)

    def _next(self) -> list[Out]:
        """What the oldest element became; where that failed, no thread is at work any more when the error comes out."""
        try:
            return self.running.popleft().result()
        except Exception:
            self.pool.shutdown(cancel_futures=True)
            raise


def in_global_window(value: object) -> WindowedValue:
    """A value that a stage yields at the end of a bundle; elements of bounded pipelines are in the global window."""
    window = GlobalWindow()
    return WindowedValue(value, window.max_timestamp(), (window,))
