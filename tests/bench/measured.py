"""A command as a process of its own: how long it took, from start to exit, and how much memory it had at its peak."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass


class JobFailed(Exception):
    """A job that came to another end than success."""


@dataclass(frozen=True)
class Measured:
    """Seconds on the wall and of processors (user and system), peak bytes of the largest process, standard output.

    Linux counts what the starting process had before: it has to be small.
    """

    seconds: float
    processor: float
    peak: int
    output: str


def measure(command: Sequence[str]) -> Measured:
    """Run a command; raises JobFailed where its exit code is not 0."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip().splitlines()[-20:]
            raise JobFailed("\n".join([f"{command[-1]}: exit code {process.returncode}", *told]))
        output.seek(0)
        text = output.read().decode()
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)
