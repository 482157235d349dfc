from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.hours.grammar import accept
from pipelines.feeds.hours.hours import Hours
from pipelines.feeds.inclusion import half_days
from tests.feeds.centres import PARIS


@pytest.mark.parametrize(
    ("cells", "hours"),
    [
        ({}, ""),
        ({"lundi matin": "-", "mardi matin": "-"}, ""),
        ({"lundi matin": "8h30-12h"}, "Mo 08:30-12:00"),
        ({"lundi matin": "09h-12h", "lundi après-midi": "13h30 - 17h15"}, "Mo 09:00-12:00,13:30-17:15"),
        ({"lundi matin": "10h-12h", "lundi après-midi": "12h-17h"}, "Mo 10:00-17:00"),
        ({"samedi après-midi": "14h-18h", "dimanche matin": "9h-12h"}, "Sa 14:00-18:00; Su 09:00-12:00"),
        ({"vendredi après-midi": "18h-24h"}, "Fr 18:00-24:00"),
        (
            dict.fromkeys(("lundi matin", "mardi matin", "mercredi matin", "vendredi matin"), "9h-12h"),
            "Mo-We,Fr 09:00-12:00",
        ),
    ],
)
def test_half_days_become_one_text_of_hours(cells: dict[str, str], hours: str) -> None:
    assert half_days.hours(cells) == hours


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([column.name for column in half_days.COLUMNS]),
        st.tuples(st.integers(0, 47), st.integers(0, 47)).filter(lambda pair: pair[0] < pair[1]),
    )
)
def test_half_days_are_open_exactly_when_they_say(halves: dict[str, tuple[int, int]]) -> None:
    """Mornings are within 0 to 12 o'clock and afternoons within 12 to 24, in quarters of an hour."""
    minutes = {
        name: tuple(15 * quarter + (720 if name.endswith("midi") else 0) for quarter in halves[name]) for name in halves
    }
    cells = {name: "-".join(f"{m // 60}h{m % 60:02}" for m in span) for name, span in minutes.items()}

    text = half_days.hours(cells)

    if text:
        accept(text)
    monday = datetime(2026, 6, 15, tzinfo=PARIS)
    open_minutes = sum(
        (end - start).total_seconds() / 60
        for start, end in (Hours.parse(text).intervals(monday, monday.replace(day=22)) if text else [])
    )
    assert open_minutes == sum(end - start for start, end in minutes.values())
