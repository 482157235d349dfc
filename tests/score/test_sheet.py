"""The whole sheet: a release made from the truth is perfect, one that lacks an indicator says so."""

import pyarrow.compute as pc
import pytest

from pipelines.score.bound import TARGETS, judge
from pipelines.score.released import Released
from pipelines.score.sheet import COMPARED, score
from schemas.errors import UsageError
from tests.score.town import ZONES, perfect, truth, values

ERRORS = ("median", "p90", "bias")


def test_a_release_made_from_the_truth_is_perfect() -> None:
    sheet = score(perfect(), truth(), ["V"], market_share=0.1)
    found = values(sheet.scored)
    assert sheet.absent == ()
    for key, value in found.items():
        last = key.split(".")[-1]
        if last in ERRORS or "distance" in key or "misplaced" in key or last in ("error", "from_little"):
            assert value == pytest.approx(0, abs=1e-9), key
        elif "detail" not in key:
            assert value == pytest.approx(1), key
    assert {judged.verdict for judged in judge(TARGETS, sheet.scored.figures)} == {"met", "not measured"}


def test_every_indicator_with_a_truth_has_figures_and_coverage() -> None:
    found = values(score(perfect(), truth(), ["V"], market_share=0.1).scored)
    assert {key.split(".")[0] for key in found} == {*COMPARED, "event"}
    assert all(f"{name}.coverage.all" in found for name in COMPARED)


def test_a_release_that_says_a_tenth_too_much_has_that_error_everywhere() -> None:
    release = perfect()
    more = {
        name: table.set_column(table.column_names.index("people"), "people", pc.multiply(table["people"], 1.1))
        for name, table in release.tables.items()
    }
    found = values(score(Released(more, ZONES, release.k), truth(), ["V"], market_share=0.1).scored)
    biases = {key: value for key, value in found.items() if key.endswith(".bias")}
    assert biases
    assert biases == pytest.approx(dict.fromkeys(biases, 0.1))
    assert found["event.error"] == pytest.approx(0.1)
    assert found["flows.hour.common_part"] == pytest.approx(2 / 2.1)
    assert found["presence.hexagon.misplaced"] == pytest.approx(0.05)
    assert found["presence.hexagon.misplaced_scaled"] == pytest.approx(0)
    assert found["dwell.right"] == pytest.approx(1)


@pytest.mark.parametrize("name", COMPARED)
def test_an_indicator_that_is_not_released_is_told_and_skipped(name: str) -> None:
    release = perfect()
    tables = {key: table for key, table in release.tables.items() if key != name}
    sheet = score(Released(tables, ZONES, release.k), truth(), ["V"])
    assert sheet.absent == (name,)
    assert not [key for key in values(sheet.scored) if key.startswith(f"{name}.")]


def test_a_release_of_nothing_has_no_figures() -> None:
    sheet = score(Released({}, ZONES, 20), truth())
    assert sheet.scored.figures == ()
    assert sheet.absent == COMPARED


def test_without_an_event_the_crowds_of_every_venue_are_looked_at() -> None:
    found = values(score(perfect(), truth()).scored)
    assert [key for key in found if key.startswith("event.") and key.endswith("error")] == [
        "event.V.error",
        "event.error",
    ]


def test_an_event_in_an_unknown_zone_is_refused_with_the_zones_there_are() -> None:
    with pytest.raises(UsageError, match="--event lake") as refused:
        score(perfect(), truth(), ["lake"])
    assert refused.value.hint == "take one of: A, B, V"


@pytest.mark.parametrize(("share", "pairs"), [(0.1, 2), (5 / 30, 3), (0.01, 0), (None, 2)])
def test_a_flow_is_compared_where_k_devices_stand_for_so_many(share: float | None, pairs: int) -> None:
    # k is 5. At one device in ten, that is 50 people: of 300, 200 and 30, two; the release itself says one in ten.
    sheet = score(perfect(), truth(), market_share=share)
    found = {figure.key: figure.scored for figure in sheet.scored.figures}
    assert found.get("flows.hour.common_part", 0) == pairs
