"""What makes a battery pass or fail, with attacks made by hand."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.attacks.battery import attack
from pipelines.attacks.finding import (
    BROKEN,
    HELD,
    KNOWN,
    NOT_ATTACKED,
    Attack,
    Level,
    Measured,
    Shortfall,
    Weakness,
    Words,
)
from pipelines.attacks.sources import read_target
from pipelines.attacks.target import Target
from schemas.errors import InputError, UsageError
from tests.attacks.towns import DAY_KEY, QUIET

WORDS = Words("words", "mots")


def measuring(release: float, *weak: float, level: Level | None = None) -> Attack[float]:
    """An attack that finds these values."""
    weaknesses = tuple(Weakness(WORDS, lambda _, value=value: value) for value in weak)
    levels = (level or Level("figure", 1.0, "a test"),)
    return Attack(
        "T0",
        WORDS,
        "inference",
        WORDS,
        WORDS,
        WORDS,
        levels,
        lambda _: release,
        lambda value, _: found(value),
        weaknesses,
    )


def found(value: float) -> Measured:
    return Measured({}, skipped=WORDS) if value < 0 else Measured({"figure": value})


@pytest.mark.parametrize(
    ("release", "weak", "outcome", "passed"),
    [
        (0.5, [2.0], HELD, True),
        (1.0, [2.0], HELD, True),
        (1.5, [2.0], BROKEN, False),
        (float("nan"), [2.0], BROKEN, False),
        (0.5, [2.0, 1.0], HELD, False),
        (0.5, [], HELD, True),
        (-1.0, [0.0], NOT_ATTACKED, True),
        (0.5, [-1.0], HELD, False),
        (0.5, [float("nan")], HELD, False),
    ],
)
def test_a_release_passes_where_it_holds_and_every_weak_one_is_broken(
    read_once: Target, release: float, weak: list[float], outcome: str, passed: bool
) -> None:
    report = attack(read_once, QUIET, [measuring(release, *weak)])
    assert report.findings[0].outcome == outcome
    assert report.passed is passed


@pytest.mark.parametrize(("value", "outcome"), [(1.0, HELD), (1.2, KNOWN), (1.5, KNOWN), (1.6, BROKEN)])
def test_beyond_a_level_a_release_is_broken_but_where_that_is_known_of_it(
    read_once: Target, value: float, outcome: str
) -> None:
    level = Level("figure", 1.0, "a test", Shortfall(1.5, "0000"))
    report = attack(read_once, QUIET, [measuring(value, 2.0, level=level)])
    assert report.findings[0].outcome == outcome
    assert report.passed is (outcome != BROKEN)


def test_a_weak_release_within_what_is_known_of_the_level_is_no_evidence(read_once: Target) -> None:
    level = Level("figure", 1.0, "a test", Shortfall(1.5, "0000"))
    assert not attack(read_once, QUIET, [measuring(0.5, 1.4, level=level)]).passed
    assert attack(read_once, QUIET, [measuring(0.5, 1.6, level=level)]).passed


def test_a_level_that_no_weak_release_breaks_is_counted_and_fails_nothing(read_once: Target) -> None:
    levels = (Level("figure", 1.0, "a test"), Level("other", 1.0, "a test"))
    several = replace(
        measuring(0.5, 2.0), levels=levels, measure=lambda value, _: Measured({"figure": value, "other": 0.0})
    )
    report = attack(read_once, QUIET, [several])
    assert (report.passed, report.untested) == (True, 1)


def test_a_weak_release_of_an_absent_level_is_not_built(read_once: Target) -> None:
    def never(target: Target) -> float:
        raise AssertionError

    of_days = Weakness(WORDS, never, ("days",))
    levels = (Level("figure", 1.0, "a test"), Level("days", 1.0, "a test"))
    plain = measuring(0.5, 2.0)
    one_day = replace(
        plain,
        levels=levels,
        weaknesses=(*plain.weaknesses, of_days),
        measure=lambda value, _: Measured({"figure": value}, absent={"days": WORDS}),
    )
    report = attack(read_once, QUIET, [one_day])
    assert (report.passed, report.findings[0].built) == (True, 1)


def test_where_all_levels_are_absent_nothing_is_attacked_and_no_weak_release_is_built(read_once: Target) -> None:
    absent = replace(measuring(0.5, 2.0), measure=lambda value, _: Measured({}, absent={"figure": WORDS}))
    report = attack(read_once, QUIET, [absent])
    assert (report.findings[0].outcome, report.findings[0].weakened, report.passed) == (NOT_ATTACKED, (), True)


def test_a_figure_that_was_not_measured_stops_the_battery(read_once: Target) -> None:
    with pytest.raises(KeyError):
        _ = attack(read_once, QUIET, [measuring(1.0, level=Level("another", 1.0, "a test"))]).passed


def test_a_release_of_real_keys_is_refused(small_town: Path, tmp_path: Path) -> None:
    copy = tmp_path / "release"
    shutil.copytree(small_town / "release", copy)
    entry = copy / "manifest/chain/000001.json"
    for later in entry.parent.glob("00000[2-9].json"):
        later.unlink()
    body = json.loads(entry.read_bytes())
    entry.write_bytes(
        json.dumps({**body, "test": False}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    )
    with pytest.raises(UsageError, match="expected a release marked as a test"):
        read_target(copy, small_town / "truth", None, tmp_path / "scratch", QUIET)


def test_without_a_configuration_beside_it_one_is_asked_for(small_town: Path, tmp_path: Path) -> None:
    for name in ("release", "truth"):
        shutil.copytree(small_town / name, tmp_path / name)
    with pytest.raises(UsageError, match="expected the configuration that made it") as error:
        read_target(tmp_path / "release", tmp_path / "truth", None, tmp_path / "scratch", QUIET)
    assert "--config" in error.value.hint


def test_a_configuration_without_a_test_key_makes_no_target(small_town: Path, tmp_path: Path) -> None:
    config = small_town / "real.toml"
    text = (small_town / "hexaflux.toml").read_text()
    config.write_text(text.replace(f'[test]\nday_key = "{DAY_KEY}"\n', ""))
    try:
        with pytest.raises(UsageError, match=r"expected a \[test\] table"):
            read_target(small_town / "release", small_town / "truth", config, tmp_path / "scratch", QUIET)
    finally:
        config.unlink()


def test_a_release_of_differential_privacy_is_refused(small_town: Path, tmp_path: Path) -> None:
    config = small_town / "noisy.toml"
    promise = "\n[policy.dp]\nepsilon = 2.0\nbudget_epsilon = 80.0\n"
    config.write_text((small_town / "hexaflux.toml").read_text() + promise)
    try:
        with pytest.raises(UsageError, match=r"found \[policy\.dp\]"):
            read_target(small_town / "release", small_town / "truth", config, tmp_path / "scratch", QUIET)
    finally:
        config.unlink()


def test_a_truth_without_traces_is_refused(small_town: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected the truth of a simulation"):
        read_target(small_town / "release", tmp_path, None, tmp_path / "scratch", QUIET)
    (tmp_path / "truth" / "devices").mkdir(parents=True)
    with pytest.raises((UsageError, InputError)):
        read_target(small_town / "release", tmp_path, small_town / "none.toml", tmp_path / "scratch", QUIET)
