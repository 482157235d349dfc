"""Two people at once, who look at different things, do not get in each other's way."""

import pytest

from tests.browser.conftest import Reader

pytestmark = pytest.mark.browser

DAYS = ("vendredi 19 juin 2026", "samedi 20 juin 2026")
TURNS = 25


def test_two_readers_at_once_each_see_what_they_chose_fifty_times(reader: Reader) -> None:
    readers = [reader().open("/profiles", zone=zone, lang="fr") for zone in ("21231", "lac-kir")]
    seen: dict[tuple[int, str], set[str]] = {}
    for turn in range(TURNS):
        day = DAYS[turn % 2]
        for visit in readers:
            visit.page.get_by_role("combobox", name="Jour", exact=True).click()
            visit.page.get_by_role("option", name=day, exact=True).click()
        for number, visit in enumerate(readers):
            visit.settle()
            bars = visit.page.locator(".hx-written").all_inner_texts()
            seen.setdefault((number, day), set()).add("\n".join(bars))
    assert [visit.errors for visit in readers] == [[], []]
    # The same choice gave the same figures every time, and each of the four others.
    assert [len(figures) for figures in seen.values()] == [1, 1, 1, 1]
    assert len(set.union(*seen.values())) == 4
