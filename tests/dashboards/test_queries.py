import ast
import re
from pathlib import Path

import pytest

import dashboards
from dashboards import queries
from dashboards.answers import asking
from dashboards.queries import PARAMETERS, QUERIES, Query, Value
from dashboards.queries.columns import COLUMNS
from dashboards.store import Store
from schemas.errors import UsageError
from tests.dashboards.opened import CHANGE_OF_CLOCKS

FOLDER = Path(dashboards.__file__).parent
MODULES = sorted((FOLDER / "queries").glob("*.py"))
SQL = re.compile(r"\b(SELECT|INSERT|CREATE TABLE|FROM \w+ (JOIN|WHERE))\b")
GIVEN: dict[str, Value] = {
    "zone": "21231",
    "day": CHANGE_OF_CLOCKS,
    "first_day": CHANGE_OF_CLOCKS,
    "last_day": "2026-10-25",
    "at": "2026-10-24T10:00:00+00:00",
    "hexagon": "891f864d057ffff",
    "west": 4.9,
    "south": 47.2,
    "east": 5.2,
    "north": 47.4,
}


def interpolations(source: str) -> set[str]:
    """The names that are written into a text by f-strings and `.format`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue):
            found.add(ast.unparse(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            found |= {ast.unparse(value) for value in values if not isinstance(value, ast.Constant)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_nothing_but_its_own_constants_is_written_into_sql(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    others = {name for name in interpolations(source) if not re.fullmatch("[A-Z_]+", name)}
    functions = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    loops = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.DictComp | ast.GeneratorExp)]
    if path.stem == "tables":
        assert others == {"name", "columns(indicator)"}
        assert {ast.unparse(loop.generators[0].iter) for loop in loops} == {
            "INDICATORS.items()",
            "('devices', 'people', 'people_low', 'people_high')",
        }
        assert functions == {"columns"}
    elif SQL.search(source):
        assert (others, functions, loops) == (set(), set(), [])


def test_no_other_module_holds_sql() -> None:
    for path in FOLDER.rglob("*.py"):
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant)
        ]
        found = [text for text in texts if isinstance(text, str) and SQL.search(text)]
        assert path in MODULES or found == [], path


def test_every_question_has_a_name_of_its_own_and_is_in_the_registry() -> None:
    public = {name: value for name, value in vars(queries).items() if isinstance(value, Query)}
    assert set(public.values()) == set(QUERIES.values())
    assert {name: query.name.upper() for name, query in public.items()} == {name: name for name in public}
    assert set(public) | {"PARAMETERS", "Parameter", "QUERIES", "Query", "Value"} == set(queries.__all__)


def test_every_parameter_of_a_question_is_declared_and_every_declared_one_is_asked_for() -> None:
    named = {name for query in QUERIES.values() for name in re.findall(r"\$(\w+)", query.sql)}
    assert named == set(PARAMETERS)


def test_no_question_has_a_day_or_a_zone_written_into_it() -> None:
    for query in QUERIES.values():
        assert "'20" not in query.sql
        assert "'21" not in query.sql


def test_every_kind_of_parameter_can_be_written_on_the_command_line() -> None:
    for query in QUERIES.values():
        given = {each.name: asking.EXAMPLES[each.kind] for each in query.parameters}
        assert set(asking.values(query, given)) == set(given)
    with pytest.raises(UsageError, match="expected an H3 index in hexadecimal"):
        asking.values(QUERIES["around"], {"day": CHANGE_OF_CLOCKS, "hexagon": "zz"})


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_every_column_of_an_answer_is_explained(query: Query, store: Store) -> None:
    answer = store.ask(query, **{each.name: GIVEN[each.name] for each in query.parameters if each.default is None})
    assert set(answer.columns) <= set(COLUMNS)
    assert len(answer) > 0 or query.name in {"transit", "nights"}


def test_every_explained_column_is_in_some_answer(store: Store) -> None:
    found: set[str] = set()
    for query in QUERIES.values():
        given = {each.name: GIVEN[each.name] for each in query.parameters if each.default is None}
        found |= set(store.ask(query, **given).columns)
    assert found == set(COLUMNS)
