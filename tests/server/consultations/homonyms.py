"""How often two people of a made-up town have one canonical identity, and how often two documents of one person differ.

    python -m tests.server.consultations.homonyms

Names are drawn by Zipf's law: 60,000 surnames and, for each year of birth, 2,000 given names; one given name in seven
is compound, as Marie-Claire.
"""

import numpy as np

from pipelines.server.consultations.identity import canonical
from pipelines.server.consultations.mrz import Document, read
from tests.server.consultations.people import DOCUMENTS, Person

TOWNS = (10_000, 50_000, 160_000)
DOCUMENTED = 2_000
SEED = 37


def words(chance: np.random.Generator, number: int, mean: float) -> np.ndarray:
    """Made-up words of letters as long as names are."""
    sizes = np.clip(chance.poisson(mean, number), 2, 16)
    letters = chance.choice(list("EAINRTLSOUCMDPBGVHFQJXYZKW"), (number, 16), p=_weights(26, 0.7))
    return np.array(["".join(row[:size]) for row, size in zip(letters, sizes, strict=True)])


def _weights(number: int, power: float, shift: float = 2.0) -> np.ndarray:
    raw = (np.arange(number) + shift) ** -power
    return raw / raw.sum()


def town(people: int, chance: np.random.Generator) -> list[Person]:
    """A town: births over 80 years, surnames and given names by Zipf's law."""
    surnames, given = words(chance, 60_000, 6.5), words(chance, 6_000, 5.5)
    own = surnames[chance.choice(surnames.size, people, p=_weights(surnames.size, 0.72))]
    double = chance.random(people) < 0.04
    own = np.where(double, np.char.add(np.char.add(own, " "), chance.permutation(own)), own)
    days = chance.integers(0, 80 * 365, people)
    # Names of a year are a stretch of all names, which moves with the years.
    first = given[(days // 365) * 45 + chance.choice(2_000, people, p=_weights(2_000, 0.85))]
    first = np.where(
        chance.random(people) < 1 / 7, np.char.add(np.char.add(first, "-"), chance.permutation(first)), first
    )
    second = chance.permutation(first)
    births = np.datetime64("1940-01-01") + days
    text = np.datetime_as_string(births)
    return [
        Person(str(surname), f"{one} {two}", str(birth).replace("-", "")[2:])
        for surname, one, two, birth in zip(own, first, second, text, strict=True)
    ]


def collisions(people: list[Person]) -> tuple[int, int]:
    """People who share the canonical identity, and those who share the whole name and the birth date."""
    forms = [canonical(Document(each.surname.replace(" ", "<"), _given(each), each.birth)) for each in people]
    full = [f"{each.surname}|{each.given.split(' ')[0]}|{each.birth}" for each in people]
    return _sharing(forms), _sharing(full)


def _given(person: Person) -> str:
    return person.given.replace(" ", "<").replace("-", "<")


def _sharing(values: list[str]) -> int:
    counts = np.unique(values, return_counts=True)[1]
    return int((counts - 1).sum())


def differing(people: list[Person]) -> int:
    """People of whom two of four documents have different canonical identities."""
    return sum(len({canonical(read(written(each))) for written in DOCUMENTS}) > 1 for each in people)


def main() -> None:
    chance = np.random.default_rng(SEED)
    for size in TOWNS:
        people = town(size, chance)
        taken, namesakes = collisions(people)
        apart = differing(people[:DOCUMENTED])
        print(f"{size} people: {taken} taken for another ({namesakes} namesakes), {apart} of {DOCUMENTED} differ")


if __name__ == "__main__":
    main()
