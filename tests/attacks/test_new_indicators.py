"""Indicators that nobody named to an attack: each is attacked as soon as it is declared, or stops the attack."""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.attacks.figures.crowd import Crowd, one_sided
from pipelines.attacks.figures.differencing import DIFFERENCING
from pipelines.attacks.figures.disjoint import DISJOINT
from pipelines.attacks.figures.homogeneity import HOMOGENEITY
from pipelines.attacks.figures.loose_flows import leaving_a_few
from pipelines.attacks.figures.scaling import SCALING
from pipelines.attacks.figures.shown import PLAIN, PRESENCE, Shown, only, shown
from pipelines.attacks.members import members
from pipelines.attacks.solving.joint import JOINT, joined
from pipelines.attacks.target import Target
from schemas.errors import UsageError
from schemas.indicators import INDICATORS

SPLITS = [each.name for each in INDICATORS.values() if each.splits and not each.partial]
OF_DAYS = [name for name in SPLITS if INDICATORS[name].splits == PLAIN]
HOMOGENEOUS = [each.name for each in INDICATORS.values() if each.homogeneous and each.window == "day"]

Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares an indicator `new` like another one, but for some of what is declared."""

    def declared(name: str, **changes: object) -> None:
        monkeypatch.setitem(INDICATORS, "new", replace(INDICATORS[name], name="new", **changes))  # type: ignore[arg-type]

    return declared


def with_new(target: Target, table: pa.Table) -> Target:
    """The target as if its release had the new indicator as well."""
    return replace(target, tables={**target.tables, "new": table})


def renamed(subject: Shown, name: str, *others: str) -> Shown:
    """The rows of an indicator as those of the new one, beside those of some others."""
    tables = {each: subject.tables[each] for each in others} | {"new": subject.tables[name]}
    behind = {
        day: {each: found[each] for each in others} | {"new": found[name]} for day, found in subject.behind.items()
    }
    return replace(subject, tables=tables, behind=behind)


@pytest.mark.parametrize("name", SPLITS)
@pytest.mark.slow
def test_t2_finds_who_is_in_two_rows_of_a_new_indicator(small_target: Target, declare: Declare, name: str) -> None:
    declare(name)
    table = small_target.tables[name]
    tables = {**small_target.tables, "new": pa.concat_tables([table, table.slice(0, 1)])}
    behind = {
        day.day.isoformat(): {
            **small_target.behind[day.day.isoformat()],
            "new": members("new", tables, day, small_target.inputs),
        }
        for day in small_target.days
    }
    subject = only(Shown(tables, behind), INDICATORS[name].splits, "new")
    first = sum(int(pc.sum(pc.equal(found["new"]["row"], 0)).as_py()) for found in behind.values())
    windows = DISJOINT.measure(subject, small_target).figures["devices counted twice"]
    assert windows >= first >= small_target.policy.k


@pytest.mark.parametrize("name", OF_DAYS)
def test_t5_subtracts_the_rows_of_a_new_indicator(small_target: Target, declare: Declare, name: str) -> None:
    declare(name)
    subject = renamed(shown(small_target), name, PLAIN)
    assert DIFFERENCING.measure(subject, small_target).figures["differences below k"] == 0
    # Its rows of a part are without a few of the part's devices.
    day = small_target.days[0].day.isoformat()
    part = subject.behind[day][PLAIN].filter(pc.equal(subject.behind[day][PLAIN]["row"], 0))
    zone, few = subject.tables[PLAIN]["zone_id"][0], part["device"][: small_target.policy.k // 2]
    behind = subject.behind[day]["new"]
    there = pc.equal(subject.tables["new"]["zone_id"].take(behind["row"]), zone)
    kept = behind.filter(pc.invert(pc.and_(there, pc.is_in(behind["device"], few.combine_chunks()))))
    weak = replace(subject, behind={**subject.behind, day: {**subject.behind[day], "new": kept}})
    assert DIFFERENCING.measure(weak, small_target).figures["differences below k"] > 0


def test_t5_and_t17_compare_new_movements_with_the_visitors_of_their_ends(
    small_target: Target, declare: Declare
) -> None:
    declare("flows")
    weak = renamed(leaving_a_few(small_target), "flows", PLAIN)
    assert DIFFERENCING.measure(weak, small_target).figures["differences below k"] > 0
    assert JOINT.measure(joined(weak, small_target), small_target).figures["numbers told by exact figures"] > 0
    apart = DIFFERENCING.measure(replace(weak, tables={"new": weak.tables["new"]}), small_target)
    assert apart.tried["rows that no other holds"] == weak.tables["new"].num_rows


@pytest.mark.parametrize("name", HOMOGENEOUS)
@pytest.mark.slow
def test_t7_finds_a_class_that_dominates_a_part_of_a_new_indicator(
    small_target: Target, declare: Declare, name: str
) -> None:
    crowd = one_sided(small_target)
    declare(name)
    assert "new" in HOMOGENEITY.subject(with_new(small_target, small_target.tables[name])).shown.tables
    found = HOMOGENEITY.measure(Crowd(renamed(crowd.shown, name), crowd.days), small_target)
    assert not HOMOGENEITY.levels[0].holds(found.figures["largest share"])


def test_t14_finds_rows_of_k_people_of_a_new_indicator(small_target: Target, declare: Declare) -> None:
    weak = SCALING.weaknesses[0].build(small_target)
    declare(PRESENCE)
    found = SCALING.measure(renamed(weak, PRESENCE), small_target)
    assert found.figures["rows of k people and fewer devices"] > 0
    assert "new" in SCALING.subject(with_new(small_target, small_target.tables[PRESENCE])).tables


@pytest.mark.parametrize("attack", [DISJOINT, DIFFERENCING, SCALING, JOINT], ids=lambda each: each.number)
def test_an_indicator_of_devices_that_no_rule_tells_stops_an_attack(
    small_target: Target, declare: Declare, attack: object
) -> None:
    declare("nights")
    target = with_new(small_target, small_target.tables["nights"])
    with pytest.raises(UsageError, match="which devices new gives"):
        attack.measure(attack.subject(target), target)  # type: ignore[attr-defined]


@pytest.mark.parametrize("attack", [DISJOINT, DIFFERENCING, SCALING, JOINT], ids=lambda each: each.number)
def test_a_population_that_no_rule_tells_stops_an_attack(
    small_target: Target, declare: Declare, attack: object
) -> None:
    declare("transit", population="queues")
    target = with_new(small_target, small_target.tables["flows"])
    with pytest.raises(UsageError, match="queues"):
        attack.measure(attack.subject(target), target)  # type: ignore[attr-defined]


def test_t17_takes_no_population_of_which_it_knows_nothing(small_target: Target, declare: Declare) -> None:
    declare("transit", population="queues")
    joint = JOINT.subject(small_target)
    tables = {**joint.tables, "new": small_target.tables["flows"].slice(0, 1)}
    numbers = {**joint.exact, "new": joint.exact["flows"][:1]}
    with pytest.raises(UsageError, match="new"):
        JOINT.measure(replace(joint, tables=tables, exact=numbers, printed=numbers), small_target)
