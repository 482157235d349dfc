"""Who may import whom: the packages form an arrow, and the kernels touch nothing outside."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "anonymization", "pipelines", "dashboards")

# The arrow: schemas <- anonymization <- pipelines, schemas <- dashboards (which may use the verifier).
FORBIDDEN = {
    "schemas": {"anonymization", "pipelines", "dashboards"},
    "anonymization": {"pipelines", "dashboards", "apache_beam", "streamlit"},
    "pipelines": {"dashboards", "streamlit"},
    "dashboards": {"pipelines", "apache_beam"},
}
SCHEMAS_MAY_IMPORT = {"schemas", "pyarrow", *sys.stdlib_module_names}
BEAM_MODULES = {"pipelines.coder", "pipelines.pooled", "pipelines.graph", "pipelines.stateful", "pipelines.steps"}
FLINK_MODULES = {"pipelines.flink.job", "pipelines.flink.stages"}
KERNELS = {
    f"pipelines.{name}"
    for name in (
        "ahead",
        "arrays",
        "bounded",
        "calendar",
        "cell_columns",
        "census",
        "conform",
        "day_counts",
        "days",
        "feeds.checking",
        "feeds.groups",
        "feeds.hours.dated",
        "feeds.hours.expected",
        "feeds.hours.features",
        "feeds.hours.grammar",
        "feeds.hours.hours",
        "feeds.hours.refusals",
        "feeds.hours.status",
        "feeds.inclusion.calendar",
        "feeds.inclusion.checks",
        "feeds.inclusion.columns",
        "feeds.inclusion.half_days",
        "feeds.inclusion.items",
        "feeds.inclusion.lists",
        "feeds.inclusion.mednum",
        "feeds.inclusion.mednum_codes",
        "feeds.inclusion.tours",
        "feeds.inclusion.twins",
        "feeds.nearest",
        "feeds.siret",
        "feeds.wifi.availability",
        "feeds.wifi.beats",
        "feeds.wifi.judging",
        "feeds.wifi.outages",
        "feeds.wifi.spans",
        "feeds.wifi.states",
        "fold",
        "footprint",
        "lateness",
        "location",
        "network",
        "places",
        "presence",
        "publish",
        "quality.confirmed",
        "quality.evidence",
        "quality.flags",
        "quality.heard",
        "quality.history",
        "quality.parts",
        "quality.silence",
        "quality.states",
        "server.consultations.identity",
        "server.consultations.mrz",
        "server.consultations.proof",
        "server.consultations.results",
        "server.population.area",
        "server.population.density",
        "server.population.forecast",
        "server.population.geohash",
        "server.population.grid",
        "server.reports.arriving",
        "server.reports.asking",
        "server.reports.documents",
        "server.reports.rendering",
        "server.reports.report",
        "server.reports.w3c",
        "server.reports.wording",
        "shard_fold",
        "stays",
        "trips",
        "visits",
        "weights",
    )
}
WORKING = {f"pipelines.{name}" for name in ("working_directory", "state", "staging", "subscribers", "key_service")}
"""What opens, or reads from, RELEASE.work and the raw inputs."""
OUTSIDE = {"apache_beam", "duckdb", "io", "os", "pathlib", "random", "time"}


def breaches(module: str, source: str) -> list[str]:
    """What a module imports and must not, in order."""
    found = {name.partition(".")[0] for name in imported(module, source)}
    return [f"{module} imports {name}" for name in sorted(found) if name in forbidden(module, found)]


def forbidden(module: str, found: set[str]) -> set[str]:
    package = module.partition(".")[0]
    names = set(FORBIDDEN[package])
    if package == "schemas":
        names |= found - SCHEMAS_MAY_IMPORT
    if package == "pipelines" and module not in BEAM_MODULES:
        names.add("apache_beam")
    if module not in FLINK_MODULES:
        names.add("pyflink")
    if module in KERNELS:
        names |= OUTSIDE
    return names


def imported(module: str, source: str) -> Iterator[str]:
    """Full names of the modules that the source imports, wherever the statement stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield module if node.level else node.module or ""


def modules(package: str) -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file.read_text(encoding="utf-8")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_against_the_arrow(package: str) -> None:
    assert [breach for module, source in modules(package) for breach in breaches(module, source)] == []


def test_every_package_of_the_house_is_read() -> None:
    assert all(list(modules(package)) for package in PACKAGES)


@pytest.mark.parametrize("names", [KERNELS, BEAM_MODULES, FLINK_MODULES], ids=["kernels", "beam", "flink"])
def test_every_module_that_is_named_is_one_of_the_house(names: set[str]) -> None:
    assert {name for name, _ in modules("pipelines")} >= names


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("schemas.fields", "import numpy as np", ["numpy"]),
        ("schemas.fields", "from anonymization.policy import Policy", ["anonymization"]),
        ("anonymization.audit", "import pipelines.coder", ["pipelines"]),
        ("anonymization.audit", "def f():\n    from apache_beam import Pipeline", ["apache_beam"]),
        ("anonymization.checks.day", "import dashboards, streamlit", ["dashboards", "streamlit"]),
        ("dashboards.app", "from pipelines import configuration", ["pipelines"]),
        ("pipelines.run", "import apache_beam as beam", ["apache_beam"]),
        ("pipelines.run", "import dashboards.app", ["dashboards"]),
        ("pipelines.flink.shards", "from pyflink.common import Types", ["pyflink"]),
        ("pipelines.flink.stages", "import apache_beam", ["apache_beam"]),
        ("dashboards.app", "import pyflink", ["pyflink"]),
        ("pipelines.fold", "import duckdb, io, os.path, random, time", ["duckdb", "io", "os", "random", "time"]),
        ("pipelines.stays", "from pathlib import Path", ["pathlib"]),
        ("pipelines.census", "import random", ["random"]),
    ],
)
def test_a_seeded_breach_is_found(module: str, source: str, found: list[str]) -> None:
    assert breaches(module, source) == [f"{module} imports {name}" for name in found]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("schemas.fields", "import json\nimport pyarrow as pa\nfrom schemas.errors import InputError"),
        ("anonymization.audit", "import pyarrow.parquet as pq\nfrom schemas import tables"),
        ("dashboards.app", "import streamlit\nfrom anonymization.audit import audit"),
        ("pipelines.coder", "import apache_beam as beam"),
        ("pipelines.flink.stages", "from pyflink.common import Types"),
        ("pipelines.run", "import os\nimport duckdb"),
        ("pipelines.fold", "from datetime import time\nfrom . import stays"),
    ],
)
def test_an_import_along_the_arrow_is_no_breach(module: str, source: str) -> None:
    assert breaches(module, source) == []


def test_only_one_module_shows_tables_whose_names_streamlit_would_read_as_markdown() -> None:
    found = [module for module, source in modules("dashboards") if "table" in of_streamlit(source)]
    assert found == ["dashboards.tables"]


def test_no_module_of_the_server_imports_what_opens_the_working_directory_of_a_release() -> None:
    found = reached(module for module, _ in modules("pipelines") if module.startswith("pipelines.server"))
    assert found & WORKING == set()
    assert "pipelines.server.app" in found


def test_what_opens_the_working_directory_is_found_behind_another_module() -> None:
    assert reached(["pipelines.embedded"]) & WORKING


def reached(begin: Iterable[str]) -> set[str]:
    """Modules of pipelines that these import, they themselves, and what those import in turn."""
    sources = dict(modules("pipelines"))
    found, left = set[str](), {*begin}
    while left:
        module = left.pop()
        found.add(module)
        left |= {name for name in names_of(module, sources[module]) if name in sources} - found
    return found


def names_of(module: str, source: str) -> Iterator[str]:
    """What a module imports, and what it takes of a package, which may be a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
    yield from imported(module, source)


def of_streamlit(source: str) -> set[str]:
    """What a module takes of Streamlit."""
    taken = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return {node.attr for node in taken if isinstance(node.value, ast.Name) and node.value.id in ("st", "streamlit")}
