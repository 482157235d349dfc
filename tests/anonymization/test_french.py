import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anonymization import audit as audit_module
from anonymization.checks import french
from anonymization.checks.french import FRENCH, in_french
from anonymization.entries import PARTIAL_DAY
from anonymization.key_log import CREATED, DESTROYED, LAST_USED, Line, problems
from anonymization.policy import Policy
from schemas.typography import set_in_french

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
    patterns = {id(node.args[0]) for node in calls(tree, "compile")}
    for node in ast.walk(tree):
        whole = isinstance(node, ast.JoinedStr) and not is_format(node)
        plain = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | statements
        if (whole or plain) and id(node) not in patterns:
            yield template(node)


def calls(tree: ast.Module, name: str) -> list[ast.Call]:
    """The calls of a function or method of this name."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in found if name in (getattr(node.func, "id", None), getattr(node.func, "attr", None))]


def parsed(name: str) -> ast.Module:
    """A module of the package."""
    return ast.parse((CHECKS[0].parents[1] / name).read_text(encoding="utf-8"))


def flags() -> set[str]:
    """Every flag that a policy can have."""
    (function,) = [
        node for node in ast.walk(parsed("policy.py")) if isinstance(node, ast.FunctionDef) and node.name == "flags"
    ]
    return {template(key) for node in ast.walk(function) if isinstance(node, ast.Dict) for key in node.keys if key}


def erasures() -> set[str]:
    """What the key services of the package say of the erasure of a key."""
    modules = sorted(path.name for path in CHECKS[0].parents[1].glob("*.py"))
    found = [call.args[2] for name in modules for call in calls(parsed(name), "Storage")]
    return {template(text) for text in found if isinstance(text, ast.Constant | ast.JoinedStr)}


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


def test_every_flag_and_every_erasure_has_a_french_one() -> None:
    assert {"k below {}", "rounding off", "no limit on one class", "test release"} <= flags()
    assert len(erasures()) >= 5
    assert {PARTIAL_DAY, *flags(), *erasures()} - FRENCH.keys() == set()


@pytest.mark.parametrize("flag", Policy(1, 1.0, 0, test=True).flags() + Policy(24, 0.8, 5, test=False).flags())
def test_a_flag_is_told_in_french(flag: str) -> None:
    told = in_french(f"flag: {flag}")
    assert told.startswith("signalement\u00a0: ")
    assert flag not in told


@pytest.mark.parametrize("erasure", sorted(erasures()))
def test_an_erasure_is_told_in_french(erasure: str) -> None:
    assert in_french(f"key of 2026-06-20: erasure {erasure}") == set_in_french(
        f"clé du 2026-06-20 : effacement {FRENCH[erasure]}"
    )


def test_a_list_of_changes_of_any_length_is_told_in_french() -> None:
    changes = [f"number_{place} from {place} to {place + 1}" for place in range(40)]
    told = in_french(f"policy changed with privacy day 2026-06-21: {', '.join(changes)}")
    assert told.count(" de ") == told.count(" à ") == 40
    assert not re.search(" from | to ", told)


def test_what_is_wrong_with_a_log_of_keys_is_told_in_french() -> None:
    begun = Line(1, "0" * 64, CREATED, "2026-06-20", "aa", "c", "noon", "file", "disk", "", "")
    other = replace(begun, sequence=9, key_id="bb")
    lines = [
        begun,
        begun,
        other,
        replace(begun, event=LAST_USED, commitment="d", at="early"),
        replace(begun, event="x"),
    ]
    lines += [replace(begun, event=DESTROYED, key_id="dd"), replace(begun, event=DESTROYED), begun]
    found = list(problems(lines))
    assert len(found) >= 12
    english = re.compile(r"\b(is|line|has|was|earlier|before|broken|event)\b")
    assert [told for each in found if english.search(told := in_french(f"manifest/{each}"))] == []


def test_sentences_are_found() -> None:
    assert {"counts below {}", "{} rows", "no rows", "flag: {}", "{} is a link"} <= sentences().keys()


@pytest.mark.parametrize("english", FRENCH)
def test_both_fill_in_as_much(english: str) -> None:
    assert FRENCH[english].count("{}") == english.count("{}")


@pytest.mark.parametrize("english", [text for text in FRENCH if "{}{}" not in text])
def test_each_sentence_is_told_in_its_own_french(english: str) -> None:
    filled = [f"x{place}" for place in range(english.count("{}"))]
    assert in_french(english.format(*filled)) == set_in_french(FRENCH[english]).format(*filled)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "presence/date=2026-06-20: 3 counts below 20 (first: 2026-06-20T03:00Z, zone A|B)",
            "presence/date=2026-06-20 : 3 effectifs en dessous de 20 (la première : 2026-06-20T03:00Z, zone A|B)",
        ),
        (
            "not checked: dwell/date=2026-06-20/part-0.parquet is no Parquet file, or a damaged one",
            "non contrôlé : dwell/date=2026-06-20/part-0.parquet n’est pas un fichier Parquet, ou est endommagé",
        ),
        (
            "policy changed with privacy day 2026-06-21: k from 20 to 15, rounding from 5 to 0",
            "policy a changé avec la journée 2026-06-21 : k de 20 à 15, rounding de 5 à 0",
        ),
        (
            "not checked: privacy day 2026-06-20: k is not a whole number of 1 to 5",
            "non contrôlé : journée 2026-06-20 : k n’est pas un entier de 1 à 5",
        ),
        ("software changed with privacy day 2026-06-21", "software a changé avec la journée 2026-06-21"),
        ("k is 5, below the usual 20 and below 11", "k vaut 5, moins que l’usage de 20 et que 11"),
        ("x is not signed with the pinned key", "x n’est pas signé avec la clé donnée"),
        (
            "flag: partial day: its events do not cover it from beginning to end",
            "signalement : journée incomplète : ses événements ne la couvrent pas du début à la fin",
        ),
        (
            "policy changed with privacy day 2026-06-21: k from 40 to 11, pool_target from 79 to 21, rounding from 5 "
            "to 0, max_share from None to 0.8",
            "policy a changé avec la journée 2026-06-21 : k de 40 à 11, pool_target de 79 à 21, rounding de 5 à 0, "
            "max_share de (rien) à 0,8",
        ),
        ("largest printed share 59%", "plus grande part imprimée 59\u202f%"),
        ("largest printed share 59.5%", "plus grande part imprimée 59,5\u202f%"),
        (
            "figures below 12.5, which noise alone could be",
            "chiffres en dessous de 12,5, que le bruit seul peut donner",
        ),
        ("k is 20.5.1, below the usual 20", "k vaut 20.5.1, moins que l’usage de 20"),
    ],
)
def test_what_is_filled_in_is_told_in_french_too(english: str, french: str) -> None:
    assert in_french(english) == set_in_french(french)


@pytest.mark.parametrize("text", ["", " ", "something that no check says", "{} {0} {x}", "a: b has " * 50])
def test_what_is_no_sentence_stays_as_it_is(text: str) -> None:
    assert in_french(text) == text
