"""Figures beside those of other days: what is compared, and whether it is more than chance."""

from datetime import date
from pathlib import Path
from statistics import median

import pytest

from tests.browser.conftest import Reader
from tests.browser.visit import Visit
from tests.dashboards.opened import asked, plain

pytestmark = pytest.mark.browser

DAY = "2026-06-17"
FESTIVAL, ORDINARY = "2026-06-20", "2026-06-13"
"""Saturdays; the third of the town is that of the first edition."""

UNSURE = "non significatif"
COMPARED = ".hx-card:has-text('Venues dans la journée') .hx-compared"


def attended(release: Path) -> dict[str, dict[str, tuple[float, float, float]]]:
    """By zone that is published alone, and day: people and their interval."""
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    question = (
        "SELECT zone_id, date, people, people_low, people_high FROM {attendance} WHERE NOT contains(zone_id, '|')"
    )
    for zone, day, *figure in asked(release, question):
        found.setdefault(zone, {})[str(day)] = tuple(figure)
    return found


def usual(days: dict[str, tuple[float, float, float]], day: str) -> tuple[float, ...]:
    """The median of the other days of the same weekday."""
    weekday = date.fromisoformat(day).weekday()
    others = [figure for each, figure in days.items() if each != day and date.fromisoformat(each).weekday() == weekday]
    return tuple(median(values) for values in zip(*others, strict=True))


def overview(reader: Reader, zone: str, day: str, base: str = "weekday") -> Visit:
    return reader().open("/", zone=zone, day=day, base=base, lang="fr")


def test_what_may_be_chance_is_called_not_significant_and_nothing_else_is(reader: Reader, release: Path) -> None:
    found = attended(release)
    sure, unsure = {("lac-kir", FESTIVAL)}, set()
    now, then = (found["lac-kir"][day] for day in (FESTIVAL, ORDINARY))
    assert now[1] > then[2]
    for zone, days in found.items():
        for day, now in days.items():
            # The festival's zone has days that are no usual ones.
            if zone not in ("lac-kir", "territory") and (then := usual(days, day)):
                (sure if now[1] > then[2] or now[2] < then[1] else unsure).add((zone, day))
    assert unsure
    for cases, chance in ((sure, False), (unsure, True)):
        zone, day = max(cases)
        said = " ".join(overview(reader, zone, day).page.locator(COMPARED).all_inner_texts())
        assert (UNSURE in said) is chance


def test_without_a_comparison_figures_stand_alone(reader: Reader, release: Path) -> None:
    visit = overview(reader, "21231", DAY)
    figure = visit.page.locator(".hx-figure").first.inner_text()
    then = usual(attended(release)["21231"], DAY)
    assert plain(then[0]) in " ".join(visit.text.split())
    assert visit.page.locator(".hx-compared").count() > 0
    visit.choose("Comparé à", "rien")
    assert visit.page.locator(".hx-compared").count() == 0
    assert visit.page.locator(".hx-figure").first.inner_text() == figure
    assert visit.choices["base"] == "none"
