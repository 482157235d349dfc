"""What a consultation asks, whom and until when: a TOML file, which is kept as it was when the consultation opened."""

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from schemas.errors import UsageError
from schemas.feeds import Text

MOST: Final = 200
"""Most choices, districts or ages: every answer touches the counter of each cell of their table."""
MOST_CELLS: Final = 5000
OLDEST: Final = 99
"""Documents print two digits of the year of birth."""
NAME: Final = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
"""Of a consultation, a choice or a district, in addresses and files."""
_EXAMPLE: Final = "see docs/consultations.md for a whole example"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A choice or a district: the word that files and forms use, and what people read."""

    id: str
    en: str
    fr: str

    @property
    def text(self) -> Text:
        """What people read."""
        return Text(self.en, self.fr)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A consultation: `opens` and `closes` are its first and last day in the town.

    Whoever is `youngest` years old on the first day may answer; `ages` are where further age bands begin. `attended`:
    somebody compares the document with its bearer. `contact`: whom to ask, in words. Choices and districts stand in
    the order of the page; the last ones are pooled with small ones first.
    """

    id: str
    title: Text
    question: Text
    contact: Text
    opens: date
    closes: date
    youngest: int
    ages: tuple[int, ...]
    attended: bool
    choice: tuple[Named, ...]
    district: tuple[Named, ...]

    @cached_property
    def age_bands(self) -> tuple[str, ...]:
        """The bands by age, such as `16-24` and `60+`."""
        starts = (self.youngest, *self.ages)
        return (*(f"{low}-{high - 1}" for low, high in pairwise(starts)), f"{starts[-1]}+")

    def band(self, age: int) -> str | None:
        """The band of an age, None for who is too young."""
        reached = sum(age >= start for start in (self.youngest, *self.ages))
        return self.age_bands[reached - 1] if reached else None

    def as_json(self) -> str:
        """As the database keeps it, and `of_json` reads it."""
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def of_json(cls, text: str) -> "Definition":
        """What `as_json` wrote."""
        return _ADAPTER.validate_json(text)


_ADAPTER: Final = TypeAdapter(Definition)


def load(path: Path) -> Definition:
    """Read and check a consultation's file; raises UsageError, which names the key and what was expected."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: expected a TOML file of a consultation, found {_found(error)}", _EXAMPLE) from None
    try:
        text = json.dumps(table, default=lambda value: value.isoformat())
        definition = _ADAPTER.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise _wrong(path, key, first["msg"].removeprefix("Input should be ")) from None
    _check(path, definition)
    return definition


def _found(error: Exception) -> str:
    return "nothing" if isinstance(error, FileNotFoundError) else str(error)


def _check(path: Path, definition: Definition) -> None:
    names = [each.id for each in (*definition.choice, *definition.district)]
    starts = (definition.youngest, *definition.ages, OLDEST + 1)
    texts = [definition.title, definition.question, definition.contact]
    texts += [each.text for each in (*definition.choice, *definition.district)]
    cells = len(definition.choice) * len(definition.district) * len(definition.age_bands)
    rules = {
        "id": (re.fullmatch(NAME, definition.id), "1 to 40 of a-z, 0-9 and -"),
        "choice": (2 <= len(definition.choice) <= MOST, f"2 to {MOST} choices"),
        "district": (1 <= len(definition.district) <= MOST, f"1 to {MOST} districts"),
        "choice.id, district.id": (all(re.fullmatch(NAME, name) for name in names), "1 to 40 of a-z, 0-9 and -"),
        "id of choices": (_distinct(definition.choice), "each once"),
        "id of districts": (_distinct(definition.district), "each once"),
        "closes": (definition.opens <= definition.closes, "no day before `opens`"),
        "ages": (all(low < high for low, high in pairwise(starts)), f"ages that rise from `youngest` to {OLDEST}"),
        "youngest": (definition.youngest >= 1, "at least 1"),
        "title, question, contact, en, fr": (all(text.en and text.fr for text in texts), "words in both languages"),
        "choices, districts and ages": (cells <= MOST_CELLS, f"at most {MOST_CELLS} cells of their table"),
    }
    for key, (holds, expected) in rules.items():
        if not holds:
            raise _wrong(path, key, expected)


def _distinct(named: tuple[Named, ...]) -> bool:
    return len({each.id for each in named}) == len(named)


def _wrong(path: Path, key: str, expected: str) -> UsageError:
    return UsageError(f"{path}: {key}: expected {expected}, found something else", _EXAMPLE)
