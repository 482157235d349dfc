"""What a level, a weak release and an absent figure count for."""

from math import inf, nan

import pytest

from pipelines.attacks.finding import BROKEN, HELD, NOT_ATTACKED, Finding, Level, Measured, Shown, Weakness, Words
from tests.attacks.findings import AUC, BELOW, DAYS, ONE_DAY, PARTIAL, SOUND, STRANGE, declared, finding

ABSENT = {BELOW.figure: ONE_DAY}


@pytest.mark.parametrize(
    ("level", "value", "broken"),
    [
        (BELOW, 0, False),
        (BELOW, 1, True),
        (BELOW, nan, False),
        (BELOW, inf, False),
        (AUC, 0.7, False),
        (AUC, 0.75, False),
        (AUC, 0.76, True),
        (SOUND, 5, False),
    ],
)
def test_a_weak_release_breaks_a_level_beyond_what_is_known_of_it_and_by_a_number(
    level: Level, value: float, broken: bool
) -> None:
    assert level.is_broken(value) is broken
    found = finding("T1", "inference", 0, (value,), level)
    assert [weak.name.en for weak in found.unbroken] == ([] if broken else ["no threshold: k = 1"])


def test_a_level_is_shown_by_the_most_that_a_weak_release_reached() -> None:
    found = finding("T1", "inference", 0, (3, nan), BELOW)
    assert (found.shown(BELOW), found.reached(BELOW), found.untested) == (Shown(3, True), (3,), ())
    assert finding("T1", "inference", 0, (0, nan), BELOW).shown(BELOW) == Shown(0, False)
    assert finding("T1", "inference", 0, (nan, None), BELOW).shown(BELOW) == Shown(None, False)


def test_a_level_that_no_weak_release_goes_beyond_is_untested_but_for_checks_and_absent_ones() -> None:
    assert PARTIAL.outcome == HELD
    assert PARTIAL.untested == (STRANGE,)
    assert finding("T1", "inference", 0, (), BELOW).untested == (BELOW,)
    assert finding("T1", "inference", None, (), BELOW).untested == ()


def test_an_absent_level_is_not_attacked_and_neither_held_nor_broken() -> None:
    attack = declared("T1", "inference", (BELOW, STRANGE))
    rest = {STRANGE.figure: 0}
    assert Finding(attack, Measured(rest, absent=ABSENT), ()).outcome == HELD
    assert Finding(attack, Measured({STRANGE.figure: 1}, absent=ABSENT), ()).outcome == BROKEN
    everything = Measured({}, absent={BELOW.figure: ONE_DAY, STRANGE.figure: ONE_DAY})
    assert Finding(attack, everything, ()).outcome == NOT_ATTACKED
    with pytest.raises(KeyError):
        _ = Finding(attack, Measured(rest), ()).outcome


def test_a_weak_release_is_no_evidence_by_a_level_that_is_absent_of_the_release() -> None:
    attack = declared("T1", "inference", (BELOW, STRANGE))
    found = Finding(
        attack,
        Measured({STRANGE.figure: 0}, absent=ABSENT),
        (Measured({BELOW.figure: 7, STRANGE.figure: 0}),),
    )
    assert found.unbroken == attack.weaknesses


def test_a_weak_release_has_to_break_one_of_the_levels_that_it_names() -> None:
    named = Weakness(Words("named", "nommé"), lambda target: None, (STRANGE.figure,))
    attack = declared("T1", "inference", (BELOW, STRANGE), (named,))
    release = Measured({BELOW.figure: 0, STRANGE.figure: 0})
    other = Finding(attack, release, (Measured({BELOW.figure: 7, STRANGE.figure: 0}),))
    assert (other.unbroken, other.untested) == ((named,), (STRANGE,))
    assert Finding(attack, release, (Measured({BELOW.figure: 0, STRANGE.figure: 1}),)).unbroken == ()


def test_a_weak_release_is_spared_where_all_that_it_is_made_to_break_is_absent() -> None:
    of_days = PARTIAL.attack.weaknesses[1]
    assert (PARTIAL.spared(of_days), PARTIAL.built, PARTIAL.unbroken) == (True, 1, ())
    both = Weakness(of_days.name, of_days.build, (DAYS.figure, BELOW.figure))
    assert not PARTIAL.spared(both)
