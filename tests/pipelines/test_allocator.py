import platform

from pipelines.allocator import keep_freed_memory


def test_glibc_takes_the_settings_and_another_c_library_is_left_alone() -> None:
    assert keep_freed_memory() or platform.libc_ver()[0] != "glibc"
