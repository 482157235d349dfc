import platform
import subprocess
import sys

import pytest

from pipelines.allocator import keep_freed_memory

GLIBC = platform.libc_ver()[0] == "glibc"

HOLDS_AND_RELEASES = """
import numpy as np
from pipelines.allocator import keep_freed_memory, release_freed_memory
def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 // 1_000_000
keep_freed_memory()
pieces = [np.ones(100_000) for _ in range(300)]
del pieces[:-1]
before = megabytes()
release_freed_memory()
print(before - megabytes())
"""


def test_glibc_takes_the_settings_and_another_c_library_is_left_alone() -> None:
    assert keep_freed_memory() or not GLIBC


@pytest.mark.skipif(not GLIBC, reason="only glibc keeps freed memory on request")
def test_freed_memory_is_kept_until_it_is_released() -> None:
    done = subprocess.run([sys.executable, "-c", HOLDS_AND_RELEASES], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 200, "240 MB were freed"
