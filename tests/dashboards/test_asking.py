import pytest

from dashboards import queries
from dashboards.answers import asking
from dashboards.queries import QUERIES, Query, Value
from schemas.errors import UsageError

KNOWN = {"zone": ["21231", "21166"], "zone kind": ["commune"], "day": ["2026-06-20", "2026-06-21"]}


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_every_question_can_be_asked_with_the_values_that_its_hints_write(query: Query) -> None:
    given = {each.name: asking.EXAMPLES[each.kind] for each in query.parameters}
    assert set(asking.values(query, given)) == {each.name for each in query.parameters}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("flowz", "did you mean flows?"), ("Presence", "did you mean presence?"), ("xyz", "there are")],
)
def test_an_unknown_question_is_refused_with_the_nearest_one(name: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: expected the name of a question") as refused:
        asking.question(name)
    assert refused.value.hint.startswith(nearest)
    assert all(each in refused.value.hint for each in QUERIES)


def test_missing_parameters_are_named_and_written_out() -> None:
    with pytest.raises(UsageError, match=r"zone .*, first_day .*, last_day") as refused:
        asking.values(queries.PRESENCE_BY_HOUR_OF_DAYS, {})
    assert refused.value.hint == "--zone ZONE --param first_day=2026-06-20 --param last_day=2026-06-20"


@pytest.mark.parametrize(
    ("query", "name", "hint"),
    [
        (queries.FLOWS, "from_hours", "did you mean from_hour? it is asked with day, from_hour, to_hour, kind"),
        (queries.FINEST, "zone", "it is asked without any"),
    ],
)
def test_a_parameter_that_a_question_has_not_is_refused(query: Query, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is none of its parameters") as refused:
        asking.values(query, {"day": "2026-06-20", name: "7"} if query is queries.FLOWS else {name: "7"})
    assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("day", "2026-06-20", "2026-06-20"),
        ("day", "20260620", None),
        ("day", "2026-02-30", None),
        ("at", "2026-06-20T21:00:00+02:00", "2026-06-20T19:00:00+00:00"),
        ("at", "2026-06-20T19:00:00Z", "2026-06-20T19:00:00+00:00"),
        ("at", "2026-06-20T19:00:00", None),
        ("from_hour", "-1", None),
        ("from_hour", "0", 0),
        ("from_hour", "24", 24),
        ("from_hour", "25", None),
        ("from_hour", "7.5", None),
        ("hexagon", "891f9acb573ffff", "891f9acb573ffff"),
        ("hexagon", "891f9acb573fffe", None),
        ("north", "47.3", 47.3),
        ("north", "180", 180.0),
        ("north", "180.1", None),
        ("north", "nan", None),
        ("north", "up", None),
    ],
)
def test_a_value_is_one_of_its_kind_or_refused(name: str, text: str, value: Value | None) -> None:
    query = {"day": queries.FLOWS, "from_hour": queries.FLOWS, "hexagon": queries.AROUND}.get(name, queries.PARTS)
    given = {each.name: asking.EXAMPLES[each.kind] for each in query.parameters} | {name: text}
    if value is None:
        with pytest.raises(UsageError, match=f"{name}: expected .*, found '{text}'"):
            asking.values(query, given)
    else:
        assert asking.values(query, given)[name] == value


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("zone", "21230", "did you mean 21231? there are 21231, 21166"),
        ("day", "1999-12-31", "there are 2026-06-20, 2026-06-21"),
        ("kind", "comune", "did you mean commune? there are commune"),
    ],
)
def test_what_the_release_does_not_have_is_refused(name: str, value: str, hint: str) -> None:
    query = queries.ATTENDANCE if name == "zone" else queries.FLOWS
    with pytest.raises(UsageError, match=f"{name}: expected a .* of the release, found '{value}'") as refused:
        asking.see_that_it_is_there(query, {"day": "2026-06-20", name: value}, KNOWN)
    assert refused.value.hint == hint


def test_a_kind_that_is_left_out_is_any() -> None:
    asking.see_that_it_is_there(queries.FLOWS, {"day": "2026-06-21"}, KNOWN)
