"""What all tests share."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A machine that is shared is slow now and then: nothing fails for taking long.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit leaves a page as `__main__`, which processes that are begun later would run."""
    sys.modules["__main__"] = MAIN
    yield
    sys.modules["__main__"] = MAIN
