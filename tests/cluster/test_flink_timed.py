"""The timers of the benchmark on Flink fit the stages that they are put around."""

import subprocess
import sys

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.cluster


def test_every_function_that_the_benchmark_times_is_there() -> None:
    timed = [sys.executable, "-W", "ignore", "-c", "from tests.bench.flink_timed import install; install()"]
    done = subprocess.run(timed, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
