"""What `hexaflux query` runs: a named question to a verified release, answered on standard output.

`python -P -m dashboards.entry.query` with one argument: what was asked, as the JSON of `Asked`.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from dashboards.answers.written import Format
from dashboards.queries import Query, Value
from dashboards.queries.query import Kind
from dashboards.texts import Language, Text
from schemas.errors import HexafluxError, Interrupted


@dataclass(frozen=True)
class Asked:
    """What was asked of which release; an empty `name` asks for the list of questions."""

    release: str
    name: str
    parameters: dict[str, str]
    form: Format
    language: Language
    quiet: bool


NOTHING: Final = Text(
    "the release has no figure for this; it is not zero",
    "la publication n’a pas de chiffre pour cela ; ce n’est pas zéro",
)

_ASKED: Final = TypeAdapter(Asked)
"""Reads and checks it."""


def main() -> None:
    """Answer, or say why not, with the exit code of the command."""
    try:
        sys.stdout.write(_answer(_ASKED.validate_json(sys.argv[1])) + "\n")
        sys.stdout.flush()
    except HexafluxError as error:
        sys.stderr.write(error.told() + "\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain of it once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(Interrupted.exit_code)


def _answer(asked: Asked) -> str:
    from dashboards.answers import asking, written

    if not asked.name:
        return written.questions(asked.form, asked.language)
    query = asking.question(asked.name)
    # What is written wrong is said before a release is verified, which takes its time.
    values = asking.values(query, asked.parameters)
    return _of_release(asked, query, values)


def _of_release(asked: Asked, query: Query, values: dict[str, Value]) -> str:
    from anonymization.own_folder import usual_folder
    from anonymization.passed import verified_head
    from dashboards import texts
    from dashboards.answers import asking, written
    from dashboards.store import open_store

    root, folder = Path(asked.release), usual_folder()
    store = open_store(root, folder, verified_head(root, folder))
    if store.release.test and not asked.quiet:
        _note(texts.TEST.say(asked.language).replace("**", ""))
    days, kinds = store.release.days, dict.fromkeys(zone.kind for zone in store.zones.values())
    known: dict[Kind, list[str]] = {
        "zone": list(store.zones),
        "zone kind": list(kinds),
        "day": [day.date.isoformat() for day in days],
    }
    asking.see_that_it_is_there(query, values, known)
    rows = store.ask(query, **values)
    if rows.empty and not asked.quiet:
        _note(NOTHING.say(asked.language))
    told = {
        "question": query.name,
        "answers": query.answers.say(asked.language),
        "parameters": query.defaults | values,
        "release_id": store.release.release_id,
        "head": store.release.head,
        "test": store.release.test,
    }
    return written.answer(rows, asked.form, told)


def _note(text: str) -> None:
    sys.stderr.write(f"Note: {text}\n")


if __name__ == "__main__":
    main()
