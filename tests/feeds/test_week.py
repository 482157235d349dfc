from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.hours.grammar import accept
from pipelines.feeds.hours.hours import Hours
from pipelines.feeds.offices.week import DAYS, WeekError, week

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 6, 15, tzinfo=PARIS)
"""A week without a public holiday."""
NAMES = [name.capitalize() for name in DAYS]


def stated(first: str, last: str, *times: str, remark: str = "") -> dict[str, object]:
    """A range of days as the directory has it, with times of the form 09:00."""
    begins_1, ends_1, begins_2, ends_2 = ([f"{time}:00" for time in times] + [""] * 4)[:4]
    return {
        "nom_jour_debut": first,
        "nom_jour_fin": last,
        "valeur_heure_debut_1": begins_1,
        "valeur_heure_fin_1": ends_1,
        "valeur_heure_debut_2": begins_2,
        "valeur_heure_fin_2": ends_2,
        "commentaire": remark,
    }


@pytest.mark.parametrize(
    ("ranges", "hours"),
    [
        ([stated("Lundi", "Vendredi", "09:00", "12:00", "14:00", "17:00")], "Mo-Fr 09:00-12:00,14:00-17:00"),
        (
            [stated(day, day, "09:00", "12:00") for day in ("Lundi", "Mercredi", "Jeudi")],
            "Mo,We-Th 09:00-12:00",
        ),
        (
            [stated("Lundi", "Mardi", "09:00", "12:00"), stated("Samedi", "Samedi", "10:00", "11:30")],
            "Mo-Tu 09:00-12:00; Sa 10:00-11:30",
        ),
        ([stated("Lundi", "", "09:00", "12:00")], "Mo 09:00-12:00"),
        ([stated("Samedi", "Lundi", "09:00", "12:00")], "Mo,Sa-Su 09:00-12:00"),
        (
            [stated("Lundi", "Lundi", "09:00", "12:00"), stated("Lundi", "Lundi", "12:00", "16:00")],
            "Mo 09:00-16:00",
        ),
        (
            [stated("Lundi", "Lundi", "14:00", "17:00"), stated("Lundi", "Lundi", "09:00", "12:00")],
            "Mo 09:00-12:00,14:00-17:00",
        ),
        ([stated("Lundi", "Lundi", "20:00", "00:00")], "Mo 20:00-24:00"),
        ([stated("Lundi", "Dimanche", "00:00", "23:59")], "24/7"),
        ([], ""),
        ([stated("Lundi", "Vendredi")], ""),
    ],
)
def test_ranges_of_days_become_one_text(ranges: list[dict[str, object]], hours: str) -> None:
    assert week(ranges, holidays_off=False).hours == hours


@pytest.mark.parametrize(
    ("ranges", "hours"),
    [
        ([stated("Lundi", "Lundi", "09:00", "12:00")], "Mo 09:00-12:00; PH off"),
        ([stated("Lundi", "Dimanche", "00:00", "00:00")], "24/7"),
        ([], ""),
    ],
)
def test_what_opens_and_closes_is_closed_on_public_holidays(ranges: list[dict[str, object]], hours: str) -> None:
    assert week(ranges, holidays_off=True).hours == hours


def test_remarks_stand_with_their_days_once_each() -> None:
    ranges = [stated("Lundi", "Jeudi", remark="Sur\n rendez-vous."), stated("Vendredi", "Vendredi", remark="Fermé.")]
    assert week([*ranges, ranges[0]], holidays_off=True).remarks == (
        "lundi à jeudi\u00a0: Sur rendez-vous.",
        "vendredi\u00a0: Fermé.",
    )


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"nom_jour_debut": "Monday"}, "nom_jour_debut: a day"),
        ({"nom_jour_debut": ""}, "nom_jour_debut: a day"),
        ({"nom_jour_debut": None}, "nom_jour_debut: a day"),
        ({"nom_jour_fin": "vendr."}, "nom_jour_fin: a day"),
        ({"valeur_heure_debut_1": "9h"}, "valeur_heure_debut_1: a time"),
        ({"valeur_heure_debut_1": ""}, "valeur_heure_debut_1: a time"),
        ({"valeur_heure_fin_1": "12:60:00"}, "valeur_heure_fin_1: a time"),
        ({"valeur_heure_fin_1": "24:01"}, "valeur_heure_fin_1: a time"),
        ({"valeur_heure_fin_1": "09:00:00"}, "valeur_heure_fin_1: a time after"),
        ({"valeur_heure_fin_1": "08:59:00"}, "valeur_heure_fin_1: a time after"),
        ({"valeur_heure_debut_2": "14:00:00"}, "valeur_heure_fin_2: a time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(wrong: dict[str, object], expected: str) -> None:
    with pytest.raises(WeekError, match=f"^{expected}"):
        week([stated("Lundi", "Vendredi", "09:00", "12:00") | wrong], holidays_off=True)


def test_a_minute_is_enough_to_be_open() -> None:
    assert week([stated("Lundi", "Lundi", "09:00", "09:01")], holidays_off=False).hours == "Mo 09:00-09:01"


def time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


day_range = st.tuples(
    st.integers(0, 6),
    st.integers(0, 6),
    st.lists(st.integers(0, 1438), min_size=2, max_size=4, unique=True).map(sorted),
)


@given(st.lists(day_range, max_size=5))
def test_the_text_is_open_exactly_when_a_range_says_so(ranges: list[tuple[int, int, list[int]]]) -> None:
    ranges = [(first, last, times[: len(times) // 2 * 2]) for first, last, times in ranges]
    given_ranges = [stated(NAMES[first], NAMES[last], *map(time, times)) for first, last, times in ranges]
    text = week(given_ranges, holidays_off=False).hours
    open_at = {
        ((first + day) % 7, minute)
        for first, last, times in ranges
        for day in range((last - first) % 7 + 1)
        for begins, ends in zip(times[::2], times[1::2], strict=True)
        for minute in range(begins, ends)
    }
    if not open_at:
        assert text == ""
        return
    accept(text)
    found = set()
    for begins, ends in Hours.parse(text, PARIS).intervals(MONDAY, MONDAY + timedelta(days=7)):
        first, last = ((each - MONDAY) // timedelta(minutes=1) for each in (begins, ends))
        found |= {(minute // 1440, minute % 1440) for minute in range(first, last)}
    assert found == open_at
