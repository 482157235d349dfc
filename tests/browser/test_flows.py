"""Flows between zones: no filter, nor the difference of two, shows a flow of fewer than k devices."""

from pathlib import Path

import pytest

from tests.browser.conftest import Reader
from tests.browser.test_exports import K, rows, taken
from tests.browser.test_figures import DAY, ZONE
from tests.dashboards.opened import asked

pytestmark = pytest.mark.browser


def test_no_filter_nor_the_difference_of_two_shows_a_flow_of_fewer_than_k(reader: Reader, release: Path) -> None:
    def shown(first: int, until: int) -> dict[tuple[str, ...], tuple[float, float]]:
        """People and devices of each pair."""
        # A lower bound below what is published, and one that cannot be chosen.
        choices = {"from": str(first), "until": str(until), "least": "1", "dir": "out"}
        visit = reader().open("/flows", zone=ZONE, day=DAY, lang="fr", **choices)
        found = rows(taken(visit, "CSV · Flux"))
        names = ("origin", "destination", "distance_class")
        return {tuple(row[name] for name in names): (float(row["people"]), float(row["devices"])) for row in found}

    short, long = shown(8, 9), shown(8, 10)
    # A device stands for several people: only devices tell what is below k.
    assert min(devices for _, devices in short.values()) >= K
    assert long.keys() >= short.keys()
    grown = [devices - short.get(pair, (0.0, 0.0))[1] for pair, (_, devices) in long.items()]
    assert max(grown) > 0
    assert all(more == 0 or more >= K for more in grown)
    ((people, devices),) = asked(
        release,
        f"""SELECT max(people), max(devices) FROM {{flows}} WHERE date = '{DAY}' AND origin_zone_id = '{ZONE}'
            AND hour(window_start AT TIME ZONE 'Europe/Paris') = 8""",
    )
    assert tuple(map(max, zip(*short.values(), strict=True))) == (people, devices)
