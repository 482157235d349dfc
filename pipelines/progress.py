"""Progress of long work, on the standard error stream."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

Advance = Callable[[float], None]


class Progress:
    """Shows a bar for each task that runs, on a terminal; quiet, it shows nothing."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self.console, self.quiet = console, quiet or not console.is_terminal

    @contextmanager
    def task(self, name: str, total: float | None) -> Iterator[Advance]:
        """One task: call what this gives with what was done; without a total only the time is shown."""
        columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
        if total is not None:
            columns.append(MofNCompleteColumn())
        with Bars(*columns, TimeElapsedColumn(), console=self.console, disable=self.quiet, transient=True) as bars:
            task = bars.add_task(name, total=total)
            yield lambda done: bars.advance(task, done)
