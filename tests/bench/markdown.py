"""The benchmark as a page of the documentation."""

from collections.abc import Iterator, Sequence

from tests.bench import report
from tests.bench.session import Naive, Size

INTRODUCTION = """# Benchmarks

`make bench` writes synthetic events (40 for each device, one privacy day in 24 hourly Parquet files, a register, 2,000
cells, 37 zones) and counts them in four ways, in one run, in turns, each job in a process of its own:

- **hexaflux run**: the command, from raw events to a signed release; rejected rows and duplicates are told apart, every
  step is durable, the counts are protected.
- **NumPy**: the reference. The same kernels over the whole day at once with 2 threads: no Beam, no judgement of rows,
  no durable state, no protection.
- **DuckDB**: presence in SQL written for speed, 2 threads, at most 8 GB, straight from the Parquet files.
- **naive Beam**: a dict for each event, a GroupByKey by device, plain Python for each device, on Beam's FnApiRunner;
  presence too.

Hexaflux and NumPy count all thirteen indicators. **DuckDB and naive Beam count three of them**: presence by slot and
hexagon, and by age and class at each half hour. Their times are those of a part of the work, and favour them. What
happens at the places of a device (attendance, dwell, nights, flows, transit) they leave out: its places follow from its
cells one after the other, which takes more than a query or a few lines.

NumPy and hexaflux must agree on every exact count of devices of the whole size, by zone where they are by zone; DuckDB
on those of presence; naive Beam and NumPy on those of presence of the sample. Nobody's home is known in these inputs.

Seconds are from the start of the process to its exit, for each round; rates and ratios are of the median. CPU seconds
are of all threads, user and system. The peak is the resident memory of the largest process. Files are in the cache of
the operating system. Ratios within a table can be trusted more than seconds.
"""


def page(sizes: Sequence[Size], naive: Naive | str | None) -> str:
    """The page."""
    return "\n".join(_lines(sizes, naive))


def _lines(sizes: Sequence[Size], naive: Naive | str | None) -> Iterator[str]:
    yield INTRODUCTION
    yield from (f"- {fact}" for fact in report.machine())
    for size in sizes:
        yield f"\n## {report.title(size)}\n"
        yield from _table(report.COLUMNS, list(report.rows(size, naive)))
    if isinstance(naive, Naive):
        yield f"\n{report.footnote(naive).replace('*', chr(92) + '*', 1)}."
    yield "\n## Targets\n"
    cells = [(target.text, target.found, target.verdict) for target in report.targets(sizes)]
    yield from _table(("hexaflux run", "measured", ""), cells)
    yield ""


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row).replace('*', chr(92) + '*')} |" for row in cells)
