"""What tests of followers share; a module that needs other events has fixtures of its own."""

import pyarrow as pa
import pytest

from tests.follow.delivered import in_delay, town
from tests.oracle.generate import Generated

ENDS = 54
"""After so many deliveries the first of two days is over."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Two days of a town."""
    return town(tmp_path_factory.mktemp("given") / "town", events=30_000)


@pytest.fixture(scope="module")
def deliveries(given: Generated) -> list[pa.Table]:
    """Its events as they arrive, until the first day is over."""
    return in_delay(given.events, 20)[:ENDS]
