"""Who publishes: what is asked of a name and of an address."""

import pytest

from pipelines.exports.publisher import NOWHERE, Publisher, named
from schemas.errors import UsageError


@pytest.mark.parametrize(
    "address", ["https://data.ville.example/a b", "ftp://data.ville.example", "data.ville.example", "https://", ""]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="expected an address that begins with http"):
        Publisher(address=address)


@pytest.mark.parametrize("address", ["https://ville.example/?a=1", "https://ville.example/#here"])
def test_an_address_of_a_folder_has_neither_query_nor_fragment(address: str) -> None:
    with pytest.raises(UsageError, match=r"without \? and #"):
        Publisher(address=address)


@pytest.mark.parametrize("name", ["", "  ", "Dijon\nmétropole"])
def test_a_name_is_one_line(name: str) -> None:
    with pytest.raises(UsageError, match="--publisher"):
        Publisher(name)


def test_a_licence_is_an_address() -> None:
    with pytest.raises(UsageError, match="--licence open: expected an address"):
        Publisher(licence="open")


def test_a_file_is_below_the_address_with_or_without_a_slash() -> None:
    for address in ("https://ville.example/flux", "https://ville.example/flux/"):
        assert (
            Publisher(address=address).at("flows/date=2026-06-20/")
            == "https://ville.example/flux/flows/date=2026-06-20/"
        )


def test_what_is_not_given_is_the_default_and_is_told() -> None:
    assert named(None, None, None) == Publisher()
    assert any(NOWHERE in line for line in Publisher().lacks)
    assert named("Dijon", "https://ville.example/", None).lacks == []
