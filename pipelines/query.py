"""Asking a release: the dashboard's program answers, in a process of its own, as this package does not import it."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Final

from schemas.errors import SystemFailure, UsageError

PROGRAM: Final = "dashboards.entry.query"


@dataclass(frozen=True)
class Question:
    """What is asked, as the program takes it; an empty `name` asks for the list of questions."""

    release: str
    name: str
    parameters: dict[str, str]
    form: str
    language: str
    quiet: bool


def parameters(zone: str | None, day: str | None, others: Iterable[str]) -> dict[str, str]:
    """The parameters by name; raises UsageError for one that is not NAME=VALUE, or is given twice."""
    found = {name: value for name, value in (("zone", zone), ("day", day)) if value is not None}
    for text in others:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--param {text}: expected NAME=VALUE, found no =", "write --param from_hour=7")
        if name in found:
            raise UsageError(f"{name}: expected one value, found two", "give each parameter once")
        found[name] = value
    return found


def answer(asked: Question) -> int:
    """Let the program answer on this process's streams, and return its exit code."""
    if find_spec("dashboards") is None:
        raise SystemFailure("the package dashboards is not installed", "run make install, or install hexaflux anew")
    # With -P a folder named dashboards in the current one is not taken for it.
    command = [sys.executable, "-P", "-m", PROGRAM, json.dumps(asdict(asked))]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603
