"""What is on this machine: what the product needs, what the other tiers need, and which engine will run."""

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.table import Table

NEEDED = (
    "apache-beam",
    "pyarrow",
    "numpy",
    "pandas",
    "duckdb",
    "geopandas",
    "h3",
    "pydantic",
    "typer",
    "cryptography",
    "streamlit",
    "diskcache",
    "fastapi",
    "uvicorn",
    "sqlalchemy",
)

TOOLS = {
    "java": "a cluster of Flink, and tests with a broker",
    "node": "conformance tests of the civic feeds",
    "chromium": "tests in a browser",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; `fine` is false where the product cannot work without it."""

    name: str
    found: str
    fine: bool
    remark: str

    def as_values(self) -> dict[str, object]:
        """The finding for a program."""
        return asdict(self)


def examine() -> list[Finding]:
    """Look at the interpreter, the packages, the memory and the optional tools."""
    recent = sys.version_info >= (3, 11)
    findings = [Finding("python", platform.python_version(), recent, "" if recent else "3.11 or later is needed")]
    findings += [_package(name) for name in NEEDED]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    findings.append(Finding("cores", str(os.cpu_count()), True, "[engine] workers = 2 uses two"))
    findings.append(Finding("memory", f"{memory:.1f} GiB", memory >= 2, "a step needs up to 1.5 GB"))
    findings.append(Finding("engine", "embedded", True, "Apache Beam on FnApiRunner, in this process"))
    findings.append(_flink())
    findings += [_tool(name, purpose) for name, purpose in TOOLS.items()]
    return findings


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name), True, "")
    except PackageNotFoundError:
        return Finding(name, "missing", False, "run make install")


def _flink() -> Finding:
    """PyFlink, which one driver needs and nothing else."""
    purpose = 'only for driver = "flink"'
    try:
        return Finding("flink", version("apache-flink"), True, purpose)
    except PackageNotFoundError:
        return Finding("flink", "not installed", True, f"{purpose}: make flink")


def _tool(name: str, purpose: str) -> Finding:
    where = shutil.which(name)
    return Finding(name, "found" if where else "not found", True, f"only for {purpose}")


def show(console: Console, findings: list[Finding]) -> None:
    """The findings for people."""
    table = Table("what", "found", "", "remark")
    for finding in findings:
        table.add_row(finding.name, finding.found, "ok" if finding.fine else "PROBLEM", finding.remark)
    console.print(table)
