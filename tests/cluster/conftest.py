"""What tests of the cluster tier share."""

from collections.abc import Iterator

import pytest

from tests.cluster.broker import Broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that runs; a test that ends it starts it again."""
    with Broker(tmp_path_factory.mktemp("broker")) as started:
        yield started
