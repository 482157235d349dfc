"""The words of the dashboard in each language, by which a page in the wrong one is found out."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import dashboards
from dashboards.texts import Language, Text

_SHORTEST = 12
"""Letters of a piece that stands for no other language."""


def foreign(text: str, spoken: Language) -> list[str]:
    """What stands in a text in the other language than the one that is spoken there."""
    other = "en" if spoken == "fr" else "fr"
    said = {piece for each in _texts() for piece in _pieces(getattr(each, spoken))}
    pieces = {piece for each in _texts() for piece in _pieces(getattr(each, other))} - said
    return sorted(piece for piece in pieces if piece in text and not any(piece in own for own in said))


def unfilled(text: str) -> list[str]:
    """Names in braces, and values that are none; what an English sentence may begin with is none only by itself."""
    return re.findall(r"\{[a-z_]+\}|\b(?:nan|NaN|NaT|undefined)\b|\bNone\b(?!:)", text)


def _pieces(text: str) -> Iterator[str]:
    """What a text says whatever values it takes, without marks."""
    for piece in re.split(r"\{[^}]*\}|[`*]+", text):
        plain = re.sub(r"[ \u00a0\u202f]+", " ", piece).strip(" .,:;()")
        if len(plain) >= _SHORTEST:
            yield plain


def _texts() -> Iterator[Text]:
    for each in pkgutil.walk_packages(dashboards.__path__, f"{dashboards.__name__}."):
        if ".entry" not in each.name:
            for value in vars(importlib.import_module(each.name)).values():
                yield from _within(value)


def _within(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        yield from _within(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _within(each)
