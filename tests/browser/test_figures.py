"""What the pages show is what the released files hold, asked of DuckDB apart from all code of the dashboard."""

import io
import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from dashboards.maps.mapframe import RAMP
from tests.browser.conftest import Reader
from tests.browser.visit import Visit
from tests.dashboards.opened import asked, plain, within

pytestmark = pytest.mark.browser

ZONE, DAY = "21231", "2026-06-17"


def presence(release: Path, zone: str, day: str) -> list[tuple]:
    """By slot: people and devices in parts that name only the zone and those inside it."""
    names = ", ".join(f"'{each}'" for each in within(release, zone))
    return asked(
        release,
        f"""SELECT window_start, sum(people), sum(devices) FROM {{presence}}
            WHERE date = '{day}' AND additive AND list_has_all([{names}], string_split(zone_id, '|'))
            GROUP BY window_start ORDER BY window_start""",
    )


def with_gaps(release: Path) -> tuple[str, str, list[tuple]]:
    """A zone and a day with the most stretches of slots that have a figure of the zone's own, and those slots."""
    zones = [zone for (zone,) in asked(release, "SELECT DISTINCT unnest(string_split(zone_id, '|')) FROM {presence}")]
    days = [str(day) for (day,) in asked(release, "SELECT DISTINCT date FROM {presence} ORDER BY date DESC LIMIT 2")]
    found = [(zone, day, presence(release, zone, day)) for zone in zones for day in days if zone != "territory"]
    return max(found, key=lambda each: (len(stretches(each[2])), each[0]))


def stretches(rows: list[tuple]) -> list[int]:
    """How many slots each unbroken stretch of slots has."""
    starts = [row[0].timestamp() // 900 for row in rows]
    breaks = [at for at in range(1, len(starts)) if starts[at] != starts[at - 1] + 1]
    edges = [0, *breaks, len(starts)]
    return [last - first for first, last in pairwise(edges) if last > first]


@pytest.fixture
def event(reader: Reader) -> Visit:
    """The page of an event that is any zone and day."""
    return reader().open("/event", event="-", zone=ZONE, day=DAY, base="none", lang="fr")


def test_the_first_figures_are_those_of_the_released_files(event: Visit, release: Path) -> None:
    ((came, low, high),) = asked(
        release,
        f"""SELECT people, people_low, people_high FROM {{attendance}}
            WHERE date = '{DAY}' AND zone_id = '{ZONE}'""",
    )
    assert f"Venues dans la journée\n{plain(came)}\n" in event.text
    assert f"intervalle à 95 % : {plain(low)} à {plain(high)}" in event.text
    most = max(people for _, people, _ in presence(release, ZONE, DAY))
    assert f"Au plus fort\n{plain(most)}\n" in event.text


def test_the_curve_stops_where_nothing_is_published_and_is_never_zero_there(reader: Reader, release: Path) -> None:
    zone, day, rows = with_gaps(release)
    visit = reader().open("/event", event="-", zone=zone, day=day, base="none", lang="fr")
    # The first line is that of the people.
    line = visit.page.locator("[data-testid='stVegaLiteChart'] .mark-line path").first.get_attribute("d")
    assert len(stretches(rows)) > 1
    assert line.count("M") == len(stretches(rows))
    heights = [float(height) for height in re.findall(r"[-\d.]+,([-\d.]+)", line)]
    zero = visit.page.locator("[data-testid='stVegaLiteChart'] path.background").first.bounding_box()
    assert zero is not None
    # In the picture, zero is as far down as it is high.
    assert len(heights) == len(rows)
    assert max(heights) < zero["height"] - 1


def test_the_map_is_drawn_in_its_colours(event: Visit) -> None:
    drawn = event.page.locator("svg:has(path.part)")
    image = Image.open(io.BytesIO(drawn.screenshot())).convert("RGB")
    colours = {colour for count, colour in image.getcolors(2**24) if count > 50}
    ramp = {tuple(bytes.fromhex(colour[1:])) for colour in RAMP}
    assert len(colours & ramp) >= 5


def test_another_hour_changes_the_map_but_neither_its_place_nor_its_colours(event: Visit) -> None:
    def state() -> tuple[list[str], str, str]:
        parts = event.page.locator("path.part").evaluate_all("each => each.map(part => part.dataset.tip)")
        frame = event.page.locator("svg:has(path.part) path.chosen").get_attribute("d")
        key = event.page.locator(".hx-tall").first.inner_text()
        return parts, frame, key

    parts, frame, key = state()
    slider = event.page.get_by_role("slider", name="Heure")
    before = event.choices["t"]
    slider.focus()
    for _ in range(8):
        event.page.keyboard.press("ArrowLeft")
    event.settle()
    assert event.choices["t"] != before
    changed, same_frame, same_key = state()
    assert changed != parts
    assert (same_frame, same_key) == (frame, key)
