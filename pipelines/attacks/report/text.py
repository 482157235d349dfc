"""The report as text of at most 100 columns."""

from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import Any, Final

from anonymization.entries import Language
from pipelines.attacks.finding import Finding, Level, Measured, Weakness
from pipelines.attacks.report import texts
from pipelines.attacks.report.attacked import CRITERIA, UNTESTED, Attacked, evidence, outcome, verdict, worst
from pipelines.attacks.report.limits import LIMITS
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


def heading(attacked: Attacked, language: Language) -> tuple[str, ...]:
    """Which release this is of, under which privacy numbers, and by which software."""
    release = f"{say(texts.RELEASE, language)} {attacked.release_id}"
    said = (say(words, language).format(**vars(attacked.conditions)) for words in (texts.POLICY, texts.SOFTWARE))
    return f"{release}, {say(texts.MANIFEST, language)} {attacked.head[:12]}", *said


def weak_verdict(finding: Finding[Any], weakness: Weakness[Any], measured: Measured, language: Language) -> str:
    """Whether a weak release was broken, and by what it reached."""
    broken = finding.broken(weakness, measured)
    found = texts.NOT_NEEDED if finding.spared(weakness) else texts.WEAK_BROKEN if broken else texts.WEAK_HELD
    if measured.skipped:
        return f"{say(found, language)} ({say(measured.skipped, language)})"
    shown = [level.figure for level in broken or finding.attacked if level.figure not in measured.absent]
    return f"{say(found, language)} ({numbers({name: measured.figures[name] for name in shown}, language)})"


def worth(level: Level, finding: Finding[Any], language: Language) -> str:
    """What the weak releases say of a level."""
    most, found = finding.shown(level).most, evidence(level, finding)
    if most is None and found == UNTESTED:
        return say(texts.NEVER_MEASURED, language)
    return say(texts.EVIDENCE[found], language).format(most="" if most is None else number(most, language))


def allowed(level: Level, language: Language) -> str:
    """What a level allows, and how far beyond it a release is known to go."""
    most = f"{say(texts.AT_MOST, language)} {number(level.most, language)}"
    if level.known is None:
        return most
    known = {"most": number(level.known.most, language), "decision": level.known.decision}
    return f"{most} ({say(texts.KNOWN_TO, language).format(**known)})"


def _lines(attacked: Attacked, language: Language) -> Iterator[str]:
    yield say(texts.TITLE, language)
    for line in heading(attacked, language):
        yield from wrap(line, _COLUMNS)
    for criterion in CRITERIA:
        found = attacked.of(criterion)
        title, meaning = say(texts.CRITERION[criterion], language), say(texts.MEANING[criterion], language)
        yield ""
        yield f"{title}. {meaning}{say(texts.COLON, language)}{say(texts.VERDICT[worst(found)], language)}"
        for finding in found:
            yield ""
            yield from _attack(finding, language)
    yield ""
    yield f"{say(texts.LIMITS, language)}{say(texts.COLON, language)}".rstrip()
    for limit in LIMITS:
        yield from wrap(say(limit, language), _COLUMNS, initial_indent="- ", subsequent_indent="  ")
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
            yield from _labelled(say(texts.LEVEL, language), _level(level, finding, language))
        yield from _labelled(say(texts.SOURCE, language), phrase(source, language))
    named = {level.figure for level in attack.levels}
    others = {name: value for name, value in found.figures.items() if name not in named}
    yield from _labelled(say(texts.ALSO, language), numbers(others, language))
    # Where no level could be attacked, no weak release was built.
    for weakness, measured in zip(attack.weaknesses, finding.weakened, strict=bool(finding.weakened)):
        yield from _labelled(say(texts.WEAKENED, language), _weak(finding, weakness, measured, language))


def _level(level: Level, finding: Finding[Any], language: Language) -> str:
    colon, figure = say(texts.COLON, language), phrase(level.figure, language)
    judged = say(texts.VERDICT[outcome(level, finding)], language)
    if reason := finding.found.absent.get(level.figure):
        return f"{figure}{colon}{judged} ({say(reason, language)})"
    value = f"{number(finding.found.figures[level.figure], language)}, {allowed(level, language)}"
    return f"{figure}{colon}{value}{colon}{judged}{say(texts.SEMICOLON, language)}{worth(level, finding, language)}"


def _weak(finding: Finding[Any], weakness: Weakness[Any], measured: Measured, language: Language) -> str:
    found = weak_verdict(finding, weakness, measured, language)
    return f"{say(weakness.name, language)}{say(texts.COLON, language)}{found}"


def _labelled(label: str, text: str) -> Iterator[str]:
    """Nothing where there is nothing to say."""
    first, other = f"{'':<{_NAME}}{label:<{_LABEL}}", " " * (_NAME + _LABEL)
    yield from wrap(text, _COLUMNS, initial_indent=first, subsequent_indent=other, break_on_hyphens=False)
