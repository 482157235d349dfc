"""What all tests share."""

import sys
from collections.abc import Iterator

import pytest

MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit leaves a page as `__main__`, which processes that are begun later would run."""
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN
