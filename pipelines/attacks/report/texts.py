"""What the report says around the words of the attacks, and how it writes numbers."""

from collections.abc import Mapping
from typing import Final

from anonymization.entries import Language
from pipelines.attacks.finding import Criterion, Words
from pipelines.attacks.report.french import in_french
from schemas.attack_report import Verdict

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

CRITERION: Final[Mapping[Criterion, Words]] = {
    "singling out": Words("Singling out", "Individualisation"),
    "linkability": Words("Linkability", "Corrélation"),
    "inference": Words("Inference", "Inférence"),
}
MEANING: Final[Mapping[Criterion, Words]] = {
    "singling out": Words("Can a person be isolated?", "Une personne peut-elle être isolée ?"),
    "linkability": Words(
        "Can two records of a person be linked?", "Deux enregistrements d'une personne peuvent-ils être reliés ?"
    ),
    "inference": Words("Can something be deduced about a person?", "Peut-on déduire quelque chose d'une personne ?"),
}
VERDICT: Final[Mapping[Verdict, Words]] = {
    "held": Words("held", "tient"),
    "known shortfall": Words("known shortfall", "écart connu"),
    "broken": Words("BROKEN", "CASSÉ"),
    "not attacked": Words("not attacked", "non attaqué"),
    "no evidence": Words("NO EVIDENCE", "SANS PREUVE"),
}

TITLE: Final = Words("Attack battery", "Batterie d'attaques")
RELEASE: Final = Words("Test release", "Publication d'essai")
MANIFEST: Final = Words("manifest", "manifeste")
WHAT: Final = Words("attacked", "attaqué")
KNOWLEDGE: Final = Words("known", "connu")
CONTROL: Final = Words("control", "témoin")
TRIED: Final = Words("tried on", "essayé sur")
LEVEL: Final = Words("level", "niveau")
ALSO: Final = Words("also", "aussi")
WEAKENED: Final = Words("weakened", "affaibli")
FIGURE: Final = Words("Figure", "Mesure")
MEASURED: Final = Words("Measured", "Mesuré")
AT_MOST: Final = Words("at most", "au plus")
SOURCE: Final = Words("set by", "fixé par")
OUTCOME: Final = Words("Verdict", "Verdict")
KNOWN_TO: Final = Words("known to reach {most}, decision {decision}", "connu jusqu'à {most}, décision {decision}")
WEAK_BROKEN: Final = Words("broken", "cassé")
WEAK_HELD: Final = Words("HELD, so that this attack is no evidence", "TIENT : cette attaque ne prouve donc rien")
COLON: Final = Words(": ", " : ")
SEMICOLON: Final = Words("; ", " ; ")

SUMMARY: Final = Words(
    "attack: {attacks} attacks: held {held}, known shortfall {known_shortfalls}, broken {broken}, not attacked "
    "{not_attacked}; weak releases held {weak_releases_held} of {weak_releases}: {verdict}",
    "attack : {attacks} attaques : tient {held}, écart connu {known_shortfalls}, cassé {broken}, non attaqué "
    "{not_attacked} ; publications affaiblies qui tiennent {weak_releases_held} sur {weak_releases} : {verdict}",
)
PASSED: Final = Words("PASSED", "CONFORME")
FAILED: Final = Words("FAILED", "NON CONFORME")
LEGEND: Final = Words(
    "The bar is what was measured on the release, the line the level that it may reach, each triangle a release that "
    "was weakened on purpose: it must go beyond a level, else the attack is no evidence.",
    "La barre est ce qui a été mesuré sur la publication, le trait le niveau permis, chaque triangle une publication "
    "affaiblie exprès : elle doit dépasser un niveau, sans quoi l'attaque ne prouve rien.",
)


def say(words: Words, language: Language) -> str:
    """Words in a language."""
    return words.fr if language == "fr" else words.en


def phrase(text: str, language: Language) -> str:
    """The name of a figure or the source of a level in a language."""
    return in_french(text) if language == "fr" else text


def number(value: float, language: Language) -> str:
    """A number with its thousands apart, whole or with four digits that tell: 12,340, 0.01235 or 0,01235."""
    whole = float(value).is_integer()
    text = f"{value:,.0f}" if whole else f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


def numbers(named: Mapping[str, float], language: Language) -> str:
    """Numbers with their names, in a row."""
    found = (f"{phrase(name, language)} {number(value, language)}" for name, value in named.items())
    return say(SEMICOLON, language).join(found)
