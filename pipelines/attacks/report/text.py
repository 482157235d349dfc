"""The report as text of at most 100 columns."""

from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import Any, Final

from anonymization.entries import Language
from pipelines.attacks.finding import Finding, Level, Measured, Weakness
from pipelines.attacks.report import texts
from pipelines.attacks.report.attacked import CRITERIA, Attacked, judged, verdict, worst
from pipelines.attacks.report.texts import number, numbers, phrase, say
from pipelines.attacks.report.values import counts

_COLUMNS: Final = 100
_NAME: Final = 5
_LABEL: Final = 13


def to_text(attacked: Attacked, language: Language) -> str:
    """The report by criterion: each attack, what it knows, its levels and its weak releases; last, one line for all."""
    return "\n".join(_lines(attacked, language)) + "\n"


def summary(attacked: Attacked, language: Language) -> str:
    """How many attacks failed and succeeded, and the verdict."""
    found = texts.PASSED if attacked.report.passed else texts.FAILED
    return say(texts.SUMMARY, language).format(**counts(attacked), verdict=say(found, language))


def weak_verdict(finding: Finding[Any], measured: Measured, language: Language) -> str:
    """Whether a weak release was broken, and by what it reached."""
    if measured.skipped:
        return f"{say(texts.WEAK_HELD, language)} ({say(measured.skipped, language)})"
    beyond = finding.beyond(measured)
    reached = {level.figure: measured.figures[level.figure] for level in beyond or finding.attack.levels}
    return f"{say(texts.WEAK_BROKEN if beyond else texts.WEAK_HELD, language)} ({numbers(reached, language)})"


def allowed(level: Level, language: Language) -> str:
    """What a level allows, and how far beyond it a release is known to go."""
    most = f"{say(texts.AT_MOST, language)} {number(level.most, language)}"
    if level.known is None:
        return most
    known = {"most": number(level.known.most, language), "decision": level.known.decision}
    return f"{most} ({say(texts.KNOWN_TO, language).format(**known)})"


def _lines(attacked: Attacked, language: Language) -> Iterator[str]:
    yield say(texts.TITLE, language)
    yield f"{say(texts.RELEASE, language)} {attacked.release_id}, {say(texts.MANIFEST, language)} {attacked.head[:12]}"
    for criterion in CRITERIA:
        found = attacked.of(criterion)
        title, meaning = say(texts.CRITERION[criterion], language), say(texts.MEANING[criterion], language)
        yield ""
        yield f"{title}. {meaning}{say(texts.COLON, language)}{say(texts.VERDICT[worst(found)], language)}"
        for finding in found:
            yield ""
            yield from _attack(finding, language)
    yield ""
    yield summary(attacked, language)


def _attack(finding: Finding[Any], language: Language) -> Iterator[str]:
    attack, found = finding.attack, finding.found
    name = say(attack.name, language)
    yield f"{attack.number:<{_NAME}}{name}{say(texts.COLON, language)}{say(texts.VERDICT[verdict(finding)], language)}"
    yield from _labelled(say(texts.WHAT, language), say(attack.what, language))
    if found.skipped:
        yield from _labelled(say(texts.VERDICT["not attacked"], language), say(found.skipped, language))
        return
    yield from _labelled(say(texts.KNOWLEDGE, language), say(attack.knowledge, language))
    yield from _labelled(say(texts.CONTROL, language), say(attack.control, language))
    yield from _labelled(say(texts.TRIED, language), numbers(found.tried, language))
    for source, levels in groupby(attack.levels, lambda level: level.source):
        for level in levels:
            yield from _labelled(say(texts.LEVEL, language), _level(level, found.figures[level.figure], language))
        yield from _labelled(say(texts.SOURCE, language), phrase(source, language))
    named = {level.figure for level in attack.levels}
    others = {name: value for name, value in found.figures.items() if name not in named}
    yield from _labelled(say(texts.ALSO, language), numbers(others, language))
    for weakness, measured in zip(attack.weaknesses, finding.weakened, strict=True):
        yield from _labelled(say(texts.WEAKENED, language), _weak(finding, weakness, measured, language))


def _level(level: Level, value: float, language: Language) -> str:
    colon = say(texts.COLON, language)
    outcome = say(texts.VERDICT[judged(level, value)], language)
    figure = phrase(level.figure, language)
    return f"{figure}{colon}{number(value, language)}, {allowed(level, language)}{colon}{outcome}"


def _weak(finding: Finding[Any], weakness: Weakness[Any], measured: Measured, language: Language) -> str:
    return f"{say(weakness.name, language)}{say(texts.COLON, language)}{weak_verdict(finding, measured, language)}"


def _labelled(label: str, text: str) -> Iterator[str]:
    """Nothing where there is nothing to say."""
    first, other = f"{'':<{_NAME}}{label:<{_LABEL}}", " " * (_NAME + _LABEL)
    yield from wrap(text, _COLUMNS, initial_indent=first, subsequent_indent=other, break_on_hyphens=False)
