"""The benchmark of the audit: a release of national size, with 35,000 communes, 96 slots and all indicators.

The audit runs in a process of its own, beside one that does no more than read and hash the same files.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tests.bench.measured import JobFailed, Measured, measure
from tests.bench.report import GB, machine
from tests.bench.sections import with_section

COMMUNES = 35_000
MOST_SECONDS, MOST_GB = 60.0, 1.0
TITLE = "The audit of a release of national size"
INTRODUCTION = """\
`python -m tests.bench.national` makes a release of a country as large as France, with the code that writes real ones,
and audits it in a process of its own. Counts are drawn, origins are départements, and flows pool some tens of
destinations. Seconds are from the start of the process to its exit."""

_AUDIT = """
import sys
from pathlib import Path
from anonymization.audit import audit
from anonymization.report import to_text
report = audit(Path(sys.argv[1]))
print(to_text(report))
sys.exit(0 if report.verdict else 1)
"""
_READ = """
import hashlib, sys
from pathlib import Path
import pyarrow.parquet as pq
for path in sorted(Path(sys.argv[1]).rglob("*.parquet")):
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(1 << 16):
            pass
"""


@dataclass(frozen=True)
class Audited:
    """What was measured; `rows` by indicator."""

    communes: int
    rows: dict[str, int]
    audit: Measured
    read: Measured

    @property
    def met(self) -> bool:
        """Whether the limits were kept."""
        return self.audit.seconds < MOST_SECONDS and self.audit.peak < MOST_GB * GB

    def lines(self) -> Iterator[str]:
        """The results in words."""
        total, presence = sum(self.rows.values()), self.rows["presence"]
        yield f"{self.communes:,} communes, {total:,} rows of {len(self.rows)} indicators ({presence:,} of presence)"
        rate = total / self.audit.seconds / 1e6
        yield f"audit: {self.audit.seconds:.1f} s, {rate:.2f} M rows/s, peak {self.audit.peak / GB:.2f} GB"
        yield f"only reading and hashing the same files: {self.read.seconds:.1f} s, peak {self.read.peak / GB:.2f} GB"
        yield f"ratio: {self.audit.seconds / self.read.seconds:.1f}"
        verdict = "met" if self.met else "MISSED"
        yield f"limits: {MOST_SECONDS:.0f} s and {MOST_GB:.0f} GB, {verdict}"


def main() -> int:
    """Run it; 1 where a limit is missed or the release does not pass."""
    chosen = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="hexaflux-national-") as temporary:
        folder = chosen.dir or Path(temporary)
        try:
            found = _measured(folder.resolve(), chosen.communes)
        except JobFailed as stopped:
            print(f"Error: the audit failed: {stopped}", file=sys.stderr)
            return 1
    print("\n".join(found.lines()))
    if chosen.write:
        page = with_section(chosen.write.read_text(encoding="utf-8"), TITLE, section(found))
        chosen.write.write_text(page, encoding="utf-8")
    return 0 if found.met else 1


def _measured(folder: Path, communes: int) -> Audited:
    measure([sys.executable, "-m", "tests.bench.national_release", str(folder), str(communes)])
    release = folder / f"national-{communes}" / "release"
    files = sorted(release.rglob("*.parquet"))
    rows = {path.parent.parent.name: pq.read_metadata(path).num_rows for path in files}
    # The first reading also brings the files into the cache of the operating system, for both.
    read = [measure([sys.executable, "-c", _READ, str(release)]) for _ in range(2)][-1]
    return Audited(communes, rows, measure([sys.executable, "-c", _AUDIT, str(release)]), read)


def section(found: Audited) -> str:
    """The section of the page of benchmarks."""
    facts = "\n".join(f"- {line}" for line in (*found.lines(), *machine()))
    return f"{INTRODUCTION}\n\n{facts}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.national", description=__doc__)
    parser.add_argument("--dir", type=Path, help="keep the release in this folder (default: a temporary one)")
    parser.add_argument("--communes", type=int, default=COMMUNES, help="how many (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the results into this page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
