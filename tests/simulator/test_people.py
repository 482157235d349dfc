"""Who lives where, and what everybody does on a day."""

import numpy as np
import pytest

from pipelines.simulator.day import Plan, plan
from pipelines.simulator.festival import CLOSES, OPENS, festival
from pipelines.simulator.habits import DAY_STARTS, HOUR, DayKind
from pipelines.simulator.people import People
from pipelines.simulator.plane import chance
from pipelines.simulator.settings import Settings
from pipelines.simulator.town import Town, town
from schemas.vocabulary import AGE_BANDS


@pytest.fixture(scope="module")
def dijon() -> Town:
    return town(Settings(devices=6_000, days=2, seed=2))


@pytest.fixture(scope="module")
def everybody(dijon: Town) -> People:
    return dijon.people


def does(dijon: Town, day: int, kind: DayKind, *, festive: bool = False) -> Plan:
    return plan(dijon.people, dijon.places, day, kind, crowd=float(festive), random=chance(1, "test"))


def test_a_fixed_number_of_subscribers_carry_a_phone(dijon: Town) -> None:
    assert len(dijon.people) == 20_000
    owners = dijon.lines.phones.person[dijon.lines.kind == 0]
    assert len(owners) == len(set(owners.tolist())) == 6_000
    assert len(set(dijon.lines.subscriber_id.tolist())) == len(dijon.lines)
    assert all(len(name) == 15 and name.isdigit() for name in dijon.lines.subscriber_id.tolist())


def test_children_and_the_old_own_fewer_phones(dijon: Town) -> None:
    band = dijon.people.age_band
    owns = np.zeros(len(band), bool)
    owns[dijon.lines.phones.person] = True
    share = [owns[band == code].mean() for code in range(len(AGE_BANDS) - 1)]
    assert share[0] < share[-1] < min(share[1:-1])


def test_age_and_class_fit_together(everybody: People) -> None:
    child, old, retired, works = everybody.age_band == 0, everybody.age_band == 6, everybody.spc == 6, everybody.spc < 6
    assert not (child & retired).any()
    assert (child & works).sum() < 0.02 * child.sum()
    assert (old & retired).sum() > 0.8 * old.sum()


def test_homes_of_residents_are_in_their_commune(dijon: Town) -> None:
    own = dijon.people.resident
    assert (dijon.area.commune[dijon.people.home.hexagon[own]] == dijon.people.origin[own]).all()
    assert (dijon.area.venue[dijon.people.home.hexagon[own]] < 0).all()
    assert (dijon.people.home.hexagon[~own] < 0).all()


def test_visitors_sleep_in_the_area_only_between_their_days(dijon: Town) -> None:
    visitors = dijon.people
    found = does(dijon, 1, DayKind.SUNDAY)
    guest = ~visitors.resident
    before, after = guest & (visitors.first < 1) & (visitors.last >= 1), guest & (visitors.first > 1)
    assert before.any()
    assert (found.hexagon[before, 0] >= 0).all()
    assert (found.hexagon[guest & (visitors.last < 1)] < 0).all()
    assert (found.hexagon[after] < 0).all()


@pytest.mark.parametrize("kind", list(DayKind))
def test_residents_begin_and_end_the_day_at_home(dijon: Town, kind: DayKind) -> None:
    found, own = does(dijon, 0, kind), dijon.people.resident
    for column in (0, -1):
        assert (found.hexagon[own, column] == dijon.people.home.hexagon[own]).all()
        assert (found.east[own, column] == dijon.people.home.east[own]).all()


def test_more_people_are_at_work_on_a_weekday(dijon: Town) -> None:
    at_work = [
        ((found := does(dijon, 0, kind)).east[:, 1] == dijon.people.work.east)[dijon.people.resident].mean()
        for kind in DayKind
    ]
    assert at_work[0] > 0.4 > 0.2 > at_work[1] > at_work[2] > 0
    assert found is not None


def test_nobody_passes_the_gates_before_or_after_the_festival_or_faster_than_they_let_in(dijon: Town) -> None:
    visit = festival(dijon.people, np.ones(len(dijon.people), bool), chance(1, "festival"))
    enter, leave = visit.arrive[visit.goes], visit.leave[visit.goes]
    assert (enter >= (OPENS - DAY_STARTS) * HOUR).all()
    assert (leave > enter).all()
    assert (leave <= (CLOSES - DAY_STARTS + 0.7) * HOUR).all()
    quarter = np.bincount((enter // 900).astype(int))
    assert quarter.max() <= len(enter) * 0.25 / 3.5 + 1
    assert np.bincount((leave // 900).astype(int)).max() > 2 * quarter.max()


def test_who_is_at_the_festival_is_in_its_venue(dijon: Town) -> None:
    found = does(dijon, 0, DayKind.SATURDAY, festive=True)
    ordinary = does(dijon, 0, DayKind.SATURDAY)
    lake = next(row for row, venue in enumerate(dijon.facts.venues) if venue.festival)
    there = (dijon.area.venue[found.hexagon] == lake) & (found.hexagon >= 0)
    usual = (dijon.area.venue[ordinary.hexagon] == lake) & (ordinary.hexagon >= 0)
    assert 0.12 < there.any(1).mean() < 0.2
    assert usual.any(1).mean() < 0.06
