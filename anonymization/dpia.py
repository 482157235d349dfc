"""A draft of the data protection impact assessment of a release: filled from what the release states of itself.

It follows the headings of the CNIL's method. What software cannot know is left blank, and says for whom.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from anonymization.checks.french import in_french
from anonymization.dpia_facts import Change, DpiaFacts, Keeping, read_facts, unsound
from anonymization.dpia_texts import NUMBERS_FR, TEXTS, WORDS
from anonymization.entries import Language
from anonymization.policy import Number
from anonymization.statement import Facts, statement
from anonymization.verdict import printable
from schemas.errors import HexafluxError, InputError
from schemas.indicators import INDICATORS

_LONGEST: Final = 120


def dpia(release: Path, language: Language) -> str:
    """The draft as Markdown, from the manifest of a release; that this is true is for `audit` to judge.

    Raises InputError where the release has no sound entry of a privacy day, or no zones or key log as stated.
    """
    try:
        return dpia_text(read_facts(release), language)
    except InputError:
        raise
    except HexafluxError as error:
        raise unsound(release, error.message) from None
    except OSError as error:
        raise unsound(release, f"{Path(str(error.filename)).name} cannot be read ({error.strerror})") from None
    # What is no sound entry lacks values, or has others than it must.
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise unsound(release, "a manifest that lacks facts") from None


def dpia_text(facts: DpiaFacts, language: Language) -> str:
    """The draft as Markdown; the same facts give the same text."""
    words, told = WORDS[language], facts.told
    unknown = words["few" if facts.any_over else "open"]
    values = {
        "release_id": _cell(facts.release_id),
        "first_day": _cell(min(facts.days)),
        "newest_day": _cell(max(facts.days)),
        "last_day": _cell(facts.days[-1]),
        "days": len(facts.days),
        "version": _cell(facts.version),
        "commit": _cell(facts.commit or words["unknown"]),
        "test": words["test"] if told.test else "",
        "flags": "; ".join(_cell(_said(flag, language)) for flag in facts.flags) or words["none"],
        "events": unknown if facts.events is None else f"{facts.events}",
        "devices": unknown if facts.devices is None else f"{facts.devices}",
        "register": words["register" if told.register else "no_register"],
        "objection": words["objection" if told.register else "no_objection"],
        "singling": words["singling_dp" if told.dp else "singling"].format(
            k=told.k, unit=words[told.unit], rounding=told.rounding
        ),
        "inference": words["inference_dp" if told.dp else "inference"],
        "k": told.k,
        "rounding": told.rounding,
        "slot_minutes": told.slot_minutes,
        "lateness_minutes": told.lateness_minutes,
        "privacy_day_starts": _cell(told.privacy_day_starts),
        "timezone": _cell(told.timezone),
        "unit": words[told.unit],
        "zones": facts.zones,
        "kinds": ", ".join(f"`{_cell(kind)}`" for kind in facts.kinds) or words["none"],
        "sensitive_zones": facts.sensitive_zones,
        "indicators": "\n".join(_indicators(told, language)),
        "protection": _protection(statement(language, told)),
        "numbers": "\n".join(_numbers(facts.numbers, language)),
        "made": facts.keys.made,
        "destroyed": facts.keys.destroyed,
        "longest": _hours(facts.keys.longest_hours, language) or words["none"],
        "kept": "\n".join(_kept(facts.keys.kept, language)),
        "changes": "\n".join(_changes(facts.changes, words)),
    }
    return TEXTS[language].format(**values)


def _indicators(told: Facts, language: Language) -> Iterator[str]:
    for name in told.indicators:
        indicator = INDICATORS[name]
        yield f"- `{name}`: {indicator.question_fr if language == 'fr' else indicator.question_en}"


def _protection(text: str) -> str:
    """The section of a statement that tells what was done, without its heading."""
    return text.partition("## Protection\n")[2].partition("\n## ")[0].strip()


def _numbers(numbers: Sequence[Number], language: Language) -> Iterator[str]:
    """The rows of the register; a number that has no French words keeps its English ones."""
    for line in numbers:
        words = NUMBERS_FR.get(line.name) if language == "fr" else None
        meaning, source = words or (line.meaning, line.source)
        yield f"| `{line.name}` | {line.value} | {meaning} | {source} |"


def _hours(hours: float | None, language: Language) -> str:
    """A number of hours as people write it; nothing for none."""
    text = "" if hours is None else f"{hours:.1f} h"
    return text.replace(".", ",") if language == "fr" else text


def _kept(kept: Sequence[Keeping], language: Language) -> Iterator[str]:
    """The rows of how keys were kept."""
    for each in kept:
        erasure = _cell(_said(each.erasure, language))
        yield f"| {_cell(each.service)} | {_cell(each.storage)} | {erasure} | {each.keys} |"


def _said(text: str, language: Language) -> str:
    return in_french(text) if language == "fr" else text


def _changes(changes: Sequence[Change], words: Mapping[str, str]) -> Iterator[str]:
    if not changes:
        yield f"| {words['none']} | | | | |"
    for change in changes:
        old, new = _cell(change.before), _cell(change.after)
        yield f"| {_cell(change.day)} | `{_cell(change.name)}` | {old} | {new} | {words['who']} |"


def _cell(text: str) -> str:
    """Text of a release as a cell of a table: nothing in it ends the cell or reaches a terminal raw."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return printable(short).replace("|", "\\|")
