"""French days and places."""

from datetime import date, timedelta

import pytest

from pipelines.exports.french_days import WEEKDAYS, is_public_holiday, two_months
from schemas import countries
from schemas.french_places import COUNTRIES, DEPARTEMENTS


def test_2026_has_eleven_public_holidays() -> None:
    days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    assert [day.isoformat()[5:] for day in days if is_public_holiday(day)] == [
        "01-01",
        "04-06",
        "05-01",
        "05-08",
        "05-14",
        "05-25",
        "07-14",
        "08-15",
        "11-01",
        "11-11",
        "12-25",
    ]


@pytest.mark.parametrize(
    "movable", ["2027-03-29", "2027-05-06", "2027-05-17", "2028-04-17", "2028-05-25", "2028-06-05"]
)
def test_movable_holidays_follow_easter(movable: str) -> None:
    assert is_public_holiday(date.fromisoformat(movable))


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 1, 1), "2026B1"),
        (date(2026, 2, 28), "2026B1"),
        (date(2026, 3, 1), "2026B2"),
        (date(2026, 6, 30), "2026B3"),
        (date(2026, 7, 1), "2026B4"),
        (date(2026, 12, 31), "2026B6"),
    ],
)
def test_a_year_has_six_periods_of_two_months(day: date, period: str) -> None:
    assert two_months(day) == period


def test_a_week_begins_on_monday() -> None:
    assert WEEKDAYS[date(2026, 6, 22).weekday()] == "Lundi"
    assert WEEKDAYS[date(2026, 6, 21).weekday()] == "Dimanche"


def test_every_departement_of_the_vocabulary_has_a_name_and_its_regions() -> None:
    assert tuple(DEPARTEMENTS) == tuple(sorted(countries.DEPARTEMENTS))
    assert (DEPARTEMENTS["2A"].name, DEPARTEMENTS["21"].new_region) == ("Corse-du-Sud", "Bourgogne-Franche-Comté")
    assert len({place.new_region for place in DEPARTEMENTS.values()}) == 18
    assert len({place.region for place in DEPARTEMENTS.values()}) == 27


def test_every_country_of_the_vocabulary_has_a_name_of_its_own() -> None:
    assert set(COUNTRIES) == set(countries.COUNTRIES) - {countries.UNKNOWN_COUNTRY}
    assert len(set(COUNTRIES.values())) == len(COUNTRIES)
    assert (COUNTRIES["DE"], COUNTRIES["GB"]) == ("Allemagne", "Royaume-Uni")
