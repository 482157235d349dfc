import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from anonymization import audit as audit_module
from anonymization.checks import french
from anonymization.checks.french import FRENCH, in_french

CHECKS = sorted(Path(french.__file__).parent.glob("*.py"))
NO_SENTENCE = {"Day | None", "{} {}", "{}: {}"}
UNSEEN = {
    "the zones of the day are not known": "only what the code does wrong ends in it",
}


def template(node: ast.expr) -> str:
    """A literal with `{}` where something is filled in, by an f-string or by `format`."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    assert isinstance(node, ast.Constant)
    return re.sub(r"\{[^{}]*\}", "{}", str(node.value))


def literals(tree: ast.Module) -> Iterator[str]:
    inside = {id(each) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in ast.walk(node)}
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        whole = isinstance(node, ast.JoinedStr) and not is_format(node)
        plain = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | statements
        if whole or plain:
            yield template(node)


def is_format(node: ast.JoinedStr) -> bool:
    return all(isinstance(each, ast.Constant) and not str(each.value).strip(".0123456789%fge") for each in node.values)


def sentences() -> dict[str, str]:
    """Every literal of more than one word of the checks, and the file where it stands."""
    files = [path for path in CHECKS if path.name != "french.py"] + [Path(str(audit_module.__file__))]
    found = {text: path.name for path in files for text in literals(ast.parse(path.read_text(encoding="utf-8")))}
    words = {text: name for text, name in found.items() if " " in text.strip() and re.search("[a-z]{2}", text)}
    return {text: name for text, name in words.items() if text not in NO_SENTENCE | UNSEEN.keys()}


def test_every_sentence_of_a_check_has_a_french_one() -> None:
    missing = {text: name for text, name in sentences().items() if text not in FRENCH}
    assert missing == {}


def test_sentences_are_found() -> None:
    assert {"counts below {}", "{} rows", "no rows", "flag: {}", "{} is a link"} <= sentences().keys()


@pytest.mark.parametrize("english", FRENCH)
def test_both_fill_in_as_much(english: str) -> None:
    assert FRENCH[english].count("{}") == english.count("{}")


@pytest.mark.parametrize("english", [text for text in FRENCH if "{}{}" not in text])
def test_each_sentence_is_told_in_its_own_french(english: str) -> None:
    filled = [f"x{place}" for place in range(english.count("{}"))]
    assert in_french(english.format(*filled)) == FRENCH[english].format(*filled)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "presence/date=2026-06-20: 3 counts below 20 (first: 2026-06-20T03:00Z, zone A|B)",
            "presence/date=2026-06-20 : 3 effectifs en dessous de 20 (la première : 2026-06-20T03:00Z, zone A|B)",
        ),
        (
            "not checked: dwell/date=2026-06-20/part-0.parquet is no Parquet file, or a damaged one",
            "non contrôlé : dwell/date=2026-06-20/part-0.parquet n'est pas un fichier Parquet, ou est endommagé",
        ),
        (
            "policy changed with privacy day 2026-06-21: k from 20 to 15, rounding from 5 to 0",
            "policy a changé avec la journée 2026-06-21 : k de 20 à 15, rounding de 5 à 0",
        ),
        (
            "not checked: privacy day 2026-06-20: k is not a whole number of 1 to 5",
            "non contrôlé : journée 2026-06-20 : k n'est pas un entier de 1 à 5",
        ),
        ("software changed with privacy day 2026-06-21", "software a changé avec la journée 2026-06-21"),
        ("k is 5, below the usual 20 and below 11", "k vaut 5, moins que l'usage de 20 et que 11"),
        ("x is not signed with the pinned key", "x n'est pas signé avec la clé donnée"),
    ],
)
def test_what_is_filled_in_is_told_in_french_too(english: str, french: str) -> None:
    assert in_french(english) == french


@pytest.mark.parametrize("text", ["", " ", "something that no check says", "{} {0} {x}", "a: b has " * 50])
def test_what_is_no_sentence_stays_as_it_is(text: str) -> None:
    assert in_french(text) == text
