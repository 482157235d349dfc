import pytest

from schemas.countries import (
    COUNTRIES,
    COUNTRY_OF_MCC,
    DEPARTEMENTS,
    FRENCH_REGIONS,
    UNKNOWN_COUNTRY,
    WORLD_REGIONS,
    country_of,
    departement_of,
    is_commune,
)
from schemas.vocabulary import RESERVED_WORDS, SEPARATOR


@pytest.mark.parametrize("groups", [WORLD_REGIONS, FRENCH_REGIONS], ids=["countries", "départements"])
def test_everything_stands_in_one_region(groups: dict[str, tuple[str, ...]]) -> None:
    listed = [code for region in groups.values() for code in region]
    assert len(listed) == len(set(listed))
    assert all(groups.values())


def test_a_country_is_one_that_a_network_code_stands_for_or_unknown() -> None:
    assert set(COUNTRIES) == {*COUNTRY_OF_MCC.values(), UNKNOWN_COUNTRY}
    assert all(200 <= code <= 799 for code in COUNTRY_OF_MCC)
    assert all(len(country) == 2 and country.isupper() for country in COUNTRIES)


def test_no_origin_can_be_taken_for_another() -> None:
    names = [*COUNTRIES, *DEPARTEMENTS, *RESERVED_WORDS]
    assert len(set(names)) == len(names)
    assert not any(SEPARATOR in name or is_commune(name) for name in names)


def test_there_are_101_departements_in_18_regions() -> None:
    assert len(DEPARTEMENTS) == 101
    assert len(FRENCH_REGIONS) == 18


@pytest.mark.parametrize(
    ("mcc", "country"),
    [
        (208, "FR"),
        (262, "DE"),
        (228, "CH"),
        (222, "IT"),
        (234, "GB"),
        (235, "GB"),
        (310, "US"),
        (460, "CN"),
        (505, "AU"),
        (602, "EG"),
        (655, "ZA"),
        (724, "BR"),
        (750, "FK"),
        (340, "GP"),
        (647, "RE"),
        (0, "ZZ"),
        (207, "ZZ"),
        (799, "ZZ"),
    ],
)
def test_a_network_code_tells_the_country(mcc: int, country: str) -> None:
    assert country_of(mcc) == country


@pytest.mark.parametrize(
    ("commune", "departement"),
    [
        ("21231", "21"),
        ("2A004", "2A"),
        ("2B033", "2B"),
        ("97411", "974"),
        ("97608", "976"),
        ("01001", "01"),
        ("75056", "75"),
    ],
)
def test_a_commune_tells_the_departement(commune: str, departement: str) -> None:
    assert is_commune(commune)
    assert departement_of(commune) == departement


@pytest.mark.parametrize(
    "text", ["", "21", "2123", "212310", "20001", "96001", "97501", "2C001", "21a31", "A", "2123\u0661"]
)
def test_what_is_no_commune_has_no_departement(text: str) -> None:
    assert not is_commune(text)
    assert departement_of(text) is None
