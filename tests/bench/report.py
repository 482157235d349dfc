"""What a benchmark tells: a table for each size, and whether the targets are met."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from rich.table import Table

from tests.bench.session import DUCKDB, HEXAFLUX, NAIVE, NUMPY, Naive, Size

BASE, LARGE = 500_000, 1_500_000
"""The sizes, in devices, for which targets are stated."""

RATE, PEAK, GROWTH = 1.0, 1.5, 0.25
"""Million events a second, GB, and the share by which the peak may grow from the base size to the large one."""

COLUMNS = ("job", "seconds", "CPU s", "M events/s", "peak GB", "x NumPy")
LIBRARIES = ("apache-beam", "duckdb", "numpy", "pyarrow")
GB = 1e9


@dataclass(frozen=True)
class Target:
    """A target and what was measured; `met` is None where it was not."""

    text: str
    found: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether it is met, in a word."""
        return {True: "met", False: "MISSED", None: "not measured"}[self.met]


def title(size: Size) -> str:
    """What a table is about."""
    return f"{size.events / 1e6:g} M events, {size.devices:,} devices"


def rows(size: Size, naive: Naive | str | None) -> Iterator[tuple[str, ...]]:
    """The cells of a size's table, by COLUMNS."""
    reference = size.seconds(NUMPY) if NUMPY in size.runs else None
    for job in (HEXAFLUX, NUMPY, DUCKDB):
        if job in size.runs and job not in size.failed:
            taken = size.runs[job]
            yield (
                job,
                " / ".join(f"{run.seconds:.1f}" for run in taken),
                " / ".join(f"{run.processor:.1f}" for run in taken),
                f"{size.events / size.seconds(job) / 1e6:.2f}",
                f"{size.peak(job) / GB:.2f}",
                _ratio(size.seconds(job), reference),
            )
        else:
            yield (job, "failed", "", "", "", "")
    if isinstance(naive, Naive):
        seconds = naive.seconds * size.events / naive.events
        rate = f"{naive.events / naive.seconds / 1e6:.4f}"
        yield (f"{NAIVE} *", f"{seconds:,.0f}", "", rate, "", _ratio(seconds, reference))
    elif naive is not None:
        yield (f"{NAIVE} *", "failed", "", "", "", "")


def _ratio(seconds: float, reference: float | None) -> str:
    if reference is None:
        return ""
    ratio = seconds / reference
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def footnote(naive: Naive) -> str:
    """Where the figures of the naive job come from."""
    return (
        f"* extrapolated: measured on {naive.events:,} of these events, {naive.seconds:.1f} s in its pipeline, "
        f"peak {naive.run.peak / GB:.2f} GB"
    )


def targets(sizes: Sequence[Size]) -> list[Target]:
    """The targets for hexaflux."""
    measured = {size.devices: size for size in sizes if HEXAFLUX in size.runs and HEXAFLUX not in size.failed}
    base, large = measured.get(BASE), measured.get(LARGE)
    texts = (
        f"20 M events: at least {RATE:.1f} M events/s",
        f"20 M events: peak below {PEAK} GB",
        f"60 M events: peak at most {GROWTH:.0%} above that of 20 M",
    )
    if base is None:
        return [Target(text) for text in texts]
    rate, peak = base.events / base.seconds(HEXAFLUX) / 1e6, base.peak(HEXAFLUX) / GB
    found = [
        Target(texts[0], f"{rate:.2f} M events/s", rate >= RATE),
        Target(texts[1], f"{peak:.2f} GB", peak < PEAK),
    ]
    if large is None:
        return [*found, Target(texts[2])]
    growth = large.peak(HEXAFLUX) / base.peak(HEXAFLUX) - 1
    return [*found, Target(texts[2], f"{growth:+.0%}", growth <= GROWTH)]


def machine() -> list[str]:
    """The facts of the machine on which figures depend."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, hexaflux {version('hexaflux')}, {libraries}",
    ]


def table(size: Size, naive: Naive | str | None) -> Table:
    """The table of a size for a terminal."""
    shown = Table(*COLUMNS, title=title(size))
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in rows(size, naive):
        shown.add_row(*row)
    return shown


def failures(sizes: Sequence[Size], naive: Naive | str | None) -> list[str]:
    """Why jobs failed."""
    found = [f"{title(size)}, {job}: {why}" for size in sizes for job, why in size.failed.items()]
    return [*found, f"{NAIVE}: {naive}"] if isinstance(naive, str) else found
