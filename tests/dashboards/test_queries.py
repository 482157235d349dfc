import ast
import re
from pathlib import Path

import dashboards
from dashboards import queries
from dashboards.queries import Query

FOLDER = Path(dashboards.__file__).parent
SQL = re.compile(r"\b(SELECT|INSERT|CREATE TABLE|FROM \w+ (JOIN|WHERE))\b")
ALL = [value for value in vars(queries).values() if isinstance(value, Query)]


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


def test_nothing_but_its_own_constants_is_written_into_sql() -> None:
    source = (FOLDER / "queries.py").read_text(encoding="utf-8")
    assert interpolations(source) == {"_PLACED", "_IN_VIEW", "name"}
    loops = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.DictComp)]
    assert {ast.unparse(loop.generators[0].iter) for loop in loops} == {"LOADED"}
    assert not any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(source)))


def test_no_other_module_holds_sql() -> None:
    for path in FOLDER.rglob("*.py"):
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant)
        ]
        found = [text for text in texts if isinstance(text, str) and SQL.search(text)]
        assert path.name == "queries.py" or found == [], path


def test_every_question_about_a_day_takes_it_as_a_parameter() -> None:
    assert len(ALL) >= 8
    assert len({query.name for query in ALL}) == len(ALL)
    for query in ALL:
        assert "'20" not in query.sql
        assert ("$day" in query.sql) == (query.name != "finest")
