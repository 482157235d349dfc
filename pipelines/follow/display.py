"""What an operator sees on a terminal while events are followed: rates, lag, the next window, the last trouble."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipelines.follow.told import Told


class Display:
    """A table that is drawn again after each round; on no terminal, or quiet, it shows nothing.

    `log` takes the place of a log, which would tear the table: it keeps the last trouble, to be shown.
    """

    def __init__(self, console: Console, timezone: str, *, quiet: bool) -> None:
        self.timezone, self.shown = timezone, console.is_terminal and not quiet
        self.live = Live(console=console, auto_refresh=False, transient=True)
        self.rate, self.trouble = 0.0, ""

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Show the table while the context lasts."""
        if not self.shown:
            yield
            return
        with self.live:
            yield

    def log(self, event: str, **facts: str | int | float | None) -> None:
        """Keep what happened where it is a trouble, which states a reason."""
        if reason := facts.get("reason") or facts.get("trouble"):
            named = f"{facts['file']}: " if "file" in facts else ""
            self.trouble = f"{self._clock(int(time.time() * 1e6))}, {event}: {named}{reason}"

    def show(self, told: Told) -> None:
        """Draw what a follower tells."""
        # Rounds without rows end at once: a mean of the last ones moves as slowly as an eye reads.
        self.rate = 0.8 * self.rate + 0.2 * (told.rows / told.seconds if told.seconds > 0 else 0.0)
        if self.shown:
            self.live.update(self.table(told, time.time()), refresh=True)

    def table(self, told: Told, now: float) -> Table:
        """The table of what is told, as of a time in seconds since the epoch."""
        counted, lag = told.outcomes, told.lag(now)
        table = Table(title="hexaflux follow: Ctrl-C finishes the round and stops", show_header=False)
        table.add_row("events", f"{sum(counted.values()):,} in all, {self.rate:,.0f} a second")
        table.add_row("of them", ", ".join(f"{outcome} {rows:,}" for outcome, rows in counted.items()))
        table.add_row("seen up to", self._clock(told.watermark) + ("" if lag is None else f", {_span(lag)} ago"))
        table.add_row("next window", f"once events up to {self._clock(told.next_due)} were seen")
        table.add_row("open days", ", ".join(f"{day}: {n} slots published" for day, n in told.slots.items()) or "none")
        table.add_row("closed days", str(told.days))
        if told.refused:
            table.add_row("refused", f"{told.refused} files that could not be read", style="yellow")
        if told.inputs_refused:
            table.add_row("inputs", "changed and refused: the former ones hold", style="yellow")
        if self.trouble:
            table.add_row("last trouble", Text(self.trouble), style="yellow")
        return table

    def _clock(self, instant: int | None) -> str:
        if instant is None:
            return "not yet known"
        return datetime.fromtimestamp(instant / 1e6, ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: float) -> str:
    """A span of time for people."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
