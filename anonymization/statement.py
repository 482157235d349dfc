"""The statement of a release: in plain words, what was done to the data and what the figures cannot tell.

It is written from the entries of the manifest alone, so that whoever has these can write it again and compare.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from anonymization.entries import PARTIAL_DAY, STATEMENTS, Body, Json, Language, canonical_json
from anonymization.guarantee_words import PROMISE, WITHDRAWN, promise
from anonymization.people import PEOPLE_BASE
from anonymization.policy import ROUNDING_HOURS
from anonymization.statement_texts import HEAD, LIMITS, STEPS, WORDS
from schemas.indicators import INDICATORS

_AS_NEEDED = frozenset({"classes", "splits", "nested", "sensitive", "unrounded"})
"""Steps that days without what they are for do without, and the one that is a lack."""

_TELLING = ("policy", "time", "estimation", "steps", "dp", "unit", "register", "flags", "test")
"""The fields of an entry that a statement is made of, beside the indicators among its files."""


@dataclass(frozen=True)
class Facts:
    """What a statement is made of: numbers of policy, calendar and estimation, steps, and published indicators.

    `steps` are names of STEPS; `unit` is what k counts: `holders` or `SIMs`; `confidence` a share. `people_per_device`:
    the one factor of all devices and days, or None where each has a weight by where it is at home; `factor_changes`:
    whether it is another from day to day. `partial`: whether a day's
    events do not cover it; `register`: whether there is one of the subscribers; `dp`: the block of differential
    privacy, or None without it.
    """

    k: int
    max_share: float
    rounding: int
    lateness_minutes: int
    unit: str
    timezone: str
    privacy_day_starts: str
    slot_minutes: int
    indicators: tuple[str, ...]
    steps: tuple[str, ...]
    people_per_device: float | None
    factor_changes: bool
    confidence: float
    register: bool
    dp: Mapping[str, Json] | None
    partial: bool
    test: bool


def steps_taken(
    indicators: Sequence[str], *, rounding: int, objections: bool, nested: bool, sensitive: bool, dp: bool = False
) -> tuple[str, ...]:
    """The steps of STEPS that were taken, given the indicators that are published.

    `objections`: whether the register says who opted out; `nested`, `sensitive`: whether there is such a zone; `dp`:
    whether figures are under differential privacy, which takes the place of what protects them otherwise.
    """
    published = [INDICATORS[name] for name in indicators]
    taken = {
        "pseudonyms": True,
        "objections": objections,
        "dp": dp,
        "threshold": not dp,
        "classes": any(indicator.homogeneous for indicator in published),
        "rounded": rounding > 1 and not dp,
        "unrounded": rounding <= 1 and not dp,
        "splits": any(indicator.splits for indicator in published),
        "nested": nested and not dp and any(indicator.population == "attendance" for indicator in published),
        "sensitive": sensitive,
        "final": True,
    }
    return tuple(name for name, is_taken in taken.items() if is_taken)


def facts_of(bodies: Sequence[Body]) -> Facts:
    """The facts of a release as its `day` entries, `bodies`, state them.

    What differs from day to day is told as it is weakest: nothing may be claimed that does not hold on all days. Raises
    KeyError, TypeError or ValueError for bodies that are no sound entries.
    """
    policies = [_block(body, "policy") for body in bodies]
    calendar, estimations = _block(bodies[-1], "time"), [_block(body, "estimation") for body in bodies]
    published = {path.split("/")[0] for body in bodies for path in _block(body, "files")}
    taken = [{str(step) for step in _list(body, "steps")} for body in bodies]
    factors = {None if (stated := each["people_per_device"]) is None else float(str(stated)) for each in estimations}
    rounding = [_whole(each["rounding"]) for each in policies]
    promises = [_block(body, "dp") for body in bodies if body["dp"] is not None]
    return Facts(
        k=min(_whole(each["k"]) for each in policies),
        max_share=max(float(str(each["max_share"])) for each in policies),
        rounding=min(rounding),
        lateness_minutes=max(_whole(each["lateness_minutes"]) for each in policies),
        unit="SIMs" if any(body["unit"] == "SIMs" for body in bodies) else str(bodies[-1]["unit"]),
        timezone=str(calendar["timezone"]),
        privacy_day_starts=str(calendar["privacy_day_starts"]),
        slot_minutes=_whole(calendar["slot_minutes"]),
        indicators=tuple(name for name in INDICATORS if name in published),
        steps=tuple(name for name in STEPS if _is_claimed(name, taken)),
        people_per_device=next(iter(factors)) if len(factors) == 1 else None,
        factor_changes=len(factors) > 1,
        confidence=min(float(str(each["confidence"])) for each in estimations),
        register=all(body["register"] is True for body in bodies),
        dp=max(promises, key=lambda block: float(str(block["epsilon"])), default=None),
        partial=any(PARTIAL_DAY in _list(body, "flags") for body in bodies),
        test=any(body["test"] is not False for body in bodies),
    )


def facts_in(body: Body) -> bytes:
    """All of an entry that `facts_of` looks at: days that agree in it tell the same, however many they are."""
    files = body.get("files")
    published: list[Json] = [*sorted({path.split("/")[0] for path in files})] if isinstance(files, dict) else []
    return canonical_json({name: body.get(name) for name in _TELLING} | {"published": published})


def _is_claimed(step: str, taken: Sequence[set[str]]) -> bool:
    """Whether a step is told: if it was taken on all days; or on any, where it is no protection, or none was needed."""
    on = [step in of_day for of_day in taken]
    return any(on) if step in _AS_NEEDED else all(on)


def statements(facts: Facts) -> dict[str, bytes]:
    """The statement in each language, by the path at which a release carries it."""
    return {path: statement(language, facts).encode() for language, path in STATEMENTS.items()}


def statement(language: Language, facts: Facts) -> str:
    """The statement as Markdown; the same facts give the same text."""
    values = {name: str(value) for name, value in vars(facts).items()} | {
        "test": WORDS[language]["test"] if facts.test else "",
        "unit": WORDS[language][facts.unit],
        "max_share": f"{facts.max_share:.0%}",
        "confidence": f"{facts.confidence:.0%}",
        "people_per_device": f"{facts.people_per_device or 0:.4g}",
        "people_base": str(PEOPLE_BASE),
        "rounding_hours": str(ROUNDING_HOURS),
        "indicators": "\n".join(f"- `{name}`: {_question(name, language)}" for name in facts.indicators),
        "promise": promise(language, facts.dp) if facts.dp else "",
    }
    steps = [f"{number}. {STEPS[name][language]}\n" for number, name in enumerate(facts.steps, 1)]
    limits = [f"- {LIMITS[name][language]}\n" for name in _limits(facts)]
    withdrawn = _list(facts.dp, "withdrawn") if facts.dp else []
    limits += [f"- {WITHDRAWN[str(name)][language]}\n" for name in withdrawn]
    text = "".join([HEAD[language], *steps, f"\n## {WORDS[language]['limits']}\n\n", *limits]).format(**values)
    return text if language == "en" else text.replace("%", " %")


def texts_sha256() -> str:
    """SHA-256 of all words: with the same ones, the same facts give the same statement."""
    questions = {name: [_question(name, "en"), _question(name, "fr")] for name in INDICATORS}
    return hashlib.sha256(json.dumps([HEAD, STEPS, LIMITS, WORDS, PROMISE, WITHDRAWN, questions]).encode()).hexdigest()


def _limits(facts: Facts) -> Iterator[str]:
    if facts.partial:
        yield "partial"
    if facts.factor_changes:
        yield "factors"
    else:
        yield "weighted" if facts.people_per_device is None else "factor"
    yield from ("interval", "positions_dp" if facts.dp else "positions")
    if {"flows", "transit"} & set(facts.indicators):
        yield "movements"
    yield "additive"
    yield "register" if facts.register else "no_register"
    if not facts.dp:
        yield "not_dp"


def _question(name: str, language: Language) -> str:
    return INDICATORS[name].question_fr if language == "fr" else INDICATORS[name].question_en


def _block(body: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = body[name]
    if not isinstance(value, dict):
        raise TypeError(f"{name} is no object")
    return value


def _list(body: Mapping[str, Json], name: str) -> list[Json]:
    value = body[name]
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list")
    return value


def _whole(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is no whole one")
    return value
