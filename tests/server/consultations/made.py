"""Consultations to test: a folder with a configuration, and what is asked."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from pipelines.server.consultations.answers import Answer, Answers
from pipelines.server.consultations.definition import Definition, Named
from pipelines.server.consultations.nullifiers import Keys
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import BOX, ROLL
from schemas.feeds import Text
from tests.server.consultations.people import Person

TODAY = date.today()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLAYGROUND = Definition(
    id="playground",
    title=Text("A playground", "Une aire de jeux"),
    question=Text("Shall the town build it?", "La ville doit-elle la construire ?"),
    contact=Text("Town hall, 1 rue X", "Mairie, 1 rue X"),
    opens=TODAY - timedelta(days=10),
    closes=TODAY + timedelta(days=10),
    youngest=16,
    ages=(25, 40, 60),
    attended=False,
    choice=tuple(Named(id=name, en=name.title(), fr=name.title()) for name in ("yes", "no", "none")),
    district=tuple(Named(id=name, en=name.title(), fr=name.title()) for name in ("centre", "north", "south")),
)
OVER = PLAYGROUND.closes + timedelta(days=1)
FILE = f"""id = "playground"
opens = {PLAYGROUND.opens}
closes = {PLAYGROUND.closes}
youngest = 16
ages = [25, 40, 60]
attended = false
title = {{en = "A playground", fr = "Une aire de jeux"}}
question = {{en = "Shall the town build it?", fr = "La ville doit-elle la construire ?"}}
contact = {{en = "Town hall, 1 rue X", fr = "Mairie, 1 rue X"}}
choice = [
  {{id = "yes", en = "Yes", fr = "Yes"}}, {{id = "no", en = "No", fr = "No"}}, {{id = "none", en = "None", fr = "None"}}
]
district = [
  {{id = "centre", en = "Centre", fr = "Centre"}},
  {{id = "north", en = "North", fr = "North"}},
  {{id = "south", en = "South", fr = "South"}},
]
"""


def settings(folder: Path) -> ConsultationSettings:
    """Settings whose files all lie in a folder; keys on the disk, so that a test sees them."""
    return ConsultationSettings(
        keys=folder / "consultations.keys",
        keys_on_disk=True,
        register=folder / "consultations.jsonl",
        publications=folder / "consultations",
    )


def configuration(folder: Path, database: str) -> Path:
    """The configuration of a server that has the same files."""
    config = folder / "hexaflux.toml"
    config.write_text(
        f'[server]\ndatabase = "{database}"\nrequests_per_minute = 100000\n'
        "[server.consultations]\nkeys_on_disk = true\n",
        encoding="utf-8",
    )
    return config


def person(number: int) -> Person:
    """One of many people who are all unlike, aged 36 to 46."""
    letters = "".join(LETTERS[number // 26**place % 26] for place in range(3))
    birth = date(TODAY.year - 41, 1, 1) + timedelta(days=number % 365)
    return Person(f"Q{letters}", f"Z{letters}", birth.strftime("%y%m%d"))


def answer(keys: Keys, lines: str, choice: str = "yes", district: str = "centre") -> Answer:
    """The answer of whoever a document is of."""
    found = keys.person(PLAYGROUND, lines)
    return Answer(found.nullifier, choice, district, PLAYGROUND.band(found.age) or "")


def give_all(answers: Answers, counts: np.ndarray, definition: Definition = PLAYGROUND) -> None:
    """Enter int64[choices, districts] answers of people aged 25 to 39, all at once."""
    people = [
        {"consultation": definition.id, "nullifier": number.to_bytes(32, "big")} for number in range(counts.sum())
    ]
    with answers.store.writing() as connection:
        connection.execute(ROLL.insert(), people)
        for (choice, district), number in np.ndenumerate(counts):
            cell = (BOX.c.choice == definition.choice[choice].id) & (BOX.c.district == definition.district[district].id)
            own = cell & (BOX.c.age_band == "25-39") & (BOX.c.consultation == definition.id)
            connection.execute(BOX.update().where(own).values(people=int(number)))


def changed(**values: object) -> Definition:
    """The playground, asked otherwise."""
    return replace(PLAYGROUND, **values)  # type: ignore[arg-type]
