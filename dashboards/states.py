"""What a place or a moment without a plain figure is: one word, one code and one look for each state, everywhere."""

from dataclasses import dataclass
from typing import Final

from dashboards.texts import Language, Text

EXPLAINED: Final = Text("{name}: {meaning}", "{name} : {meaning}")


@dataclass(frozen=True)
class State:
    """A state: its code in exports, its name and what it means, and its look as a CSS background."""

    code: str
    name: Text
    meaning: Text
    look: str

    def explained(self, language: Language) -> str:
        """The state and what it means."""
        return EXPLAINED.say(language, name=self.name.say(language), meaning=self.meaning.say(language))


PUBLISHED: Final = State(
    "published",
    Text("Published", "Publié"),
    Text("a figure of its own, with its interval", "un chiffre propre, avec son intervalle"),
    "var(--hx-blue)",
)
POOLED: Final = State(
    "pooled",
    Text("Hidden for privacy, counted together", "Masqué pour la vie privée, compté ensemble"),
    Text(
        "one figure for several places or classes, as one of them is too small; it is not zero",
        "un seul chiffre pour plusieurs lieux ou classes, l’un d’eux étant trop petit ; ce n’est pas zéro",
    ),
    "repeating-linear-gradient(135deg,var(--hx-shared) 0 4px,var(--hx-text) 4px 5px)",
)
OUTSIDE: Final = State(
    "outside_coverage",
    Text("Outside coverage", "Hors couverture"),
    Text("no cell of the network reaches there", "aucune cellule du réseau n’y arrive"),
    "var(--hx-sunk);outline:1px solid var(--hx-grey)",
)
DEGRADED: Final = State(
    "degraded",
    Text("Degraded network", "Réseau dégradé"),
    Text(
        "a cell was silent or out: people may be missing",
        "une cellule était muette ou en panne : des personnes peuvent manquer",
    ),
    "repeating-linear-gradient(90deg,var(--hx-vermillion) 0 2px,var(--hx-ground) 2px 6px)",
)
NO_DATA: Final = State(
    "no_data",
    Text("No data", "Pas de données"),
    Text("nothing was published; it is not zero", "rien n’a été publié ; ce n’est pas zéro"),
    "radial-gradient(circle at 3px 3px,var(--hx-grey) 1.2px,transparent 1.4px) 0 0/6px 6px",
)
STATES: Final = (PUBLISHED, POOLED, OUTSIDE, DEGRADED, NO_DATA)
"""A figure can be read in the first two; in the others there is none, or it lacks people."""
