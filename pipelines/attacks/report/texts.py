"""What the report says around the words of the attacks, and how it writes numbers."""

import math
from collections.abc import Mapping
from typing import Final

from anonymization.entries import Language
from pipelines.attacks.finding import Criterion, Words
from pipelines.attacks.report.french import in_french
from schemas.attack_report import Evidence, Verdict

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

EVIDENCE: Final[Mapping[Evidence, Words]] = {
    "shown": Words("a weak release reaches {most}", "une publication affaiblie atteint {most}"),
    "untested": Words(
        "UNTESTED, no weak release goes beyond this level here (at most {most}): it shows nothing",
        "NON ÉPROUVÉ, aucune publication affaiblie ne dépasse ici ce niveau (au plus {most}) : il ne montre rien",
    ),
    "check": Words("a check of the attack itself", "un contrôle de l'attaque elle-même"),
}
"""What a level is worth, by the weak releases."""
NEVER_MEASURED: Final = Words(
    "UNTESTED, no weak release gives a number for this level here: it shows nothing",
    "NON ÉPROUVÉ, aucune publication affaiblie ne donne ici de nombre pour ce niveau : il ne montre rien",
)

TITLE: Final = Words("Attack battery", "Batterie d'attaques")
RELEASE: Final = Words("Test release", "Publication d'essai")
MANIFEST: Final = Words("manifest", "manifeste")
POLICY: Final = Words(
    "Policy: k = {k}, base of rounding {rounding}, one draw for {rounding_hours} hours, slots of {slot_minutes} "
    "minutes",
    "Politique : k = {k}, base d'arrondi {rounding}, un même tirage pendant {rounding_hours} heures, créneaux de "
    "{slot_minutes} minutes",
)
SOFTWARE: Final = Words(
    "Made by {made_by}, attacked by {attacked_by}", "Produite par {made_by}, attaquée par {attacked_by}"
)
LIMITS: Final = Words("What these attacks do not show", "Ce que ces attaques ne montrent pas")
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
WORTH: Final = Words("Shown by", "Montré par")
OUTCOME: Final = Words("Verdict", "Verdict")
KNOWN_TO: Final = Words("known to reach {most}, decision {decision}", "connu jusqu'à {most}, décision {decision}")
WEAK_BROKEN: Final = Words("broken", "cassé")
WEAK_HELD: Final = Words("HELD, so that this attack is no evidence", "TIENT : cette attaque ne prouve donc rien")
NOT_NEEDED: Final = Words("not built", "non construite")
NO_NUMBER: Final = Words("no number", "aucun nombre")
COLON: Final = Words(": ", " : ")
SEMICOLON: Final = Words("; ", " ; ")

SUMMARY: Final = Words(
    "attack: {attacks} attacks: held {held}, known shortfall {known_shortfalls}, broken {broken}, not attacked "
    "{not_attacked}; levels not shown breakable {levels_untested} of {levels}; weak releases held {weak_releases_held} "
    "of {weak_releases}: {verdict}",
    "attack : {attacks} attaques : tient {held}, écart connu {known_shortfalls}, cassé {broken}, non attaqué "
    "{not_attacked} ; niveaux non éprouvés {levels_untested} sur {levels} ; publications affaiblies qui tiennent "
    "{weak_releases_held} sur {weak_releases} : {verdict}",
)
PASSED: Final = Words("PASSED", "CONFORME")
FAILED: Final = Words("FAILED", "NON CONFORME")
LEGEND: Final = Words(
    "The bar is what was measured on the release, the line the level that it may reach, each triangle a release that "
    "was weakened on purpose: it must go beyond a level, else the attack is no evidence. A level that no triangle goes "
    "beyond is untested: that the release keeps it shows nothing.",
    "La barre est ce qui a été mesuré sur la publication, le trait le niveau permis, chaque triangle une publication "
    "affaiblie exprès : elle doit dépasser un niveau, sans quoi l'attaque ne prouve rien. Un niveau qu'aucun triangle "
    "ne dépasse n'est pas éprouvé : que la publication le tienne ne montre rien.",
)


def say(words: Words, language: Language) -> str:
    """Words in a language."""
    return words.fr if language == "fr" else words.en


def phrase(text: str, language: Language) -> str:
    """The name of a figure or the source of a level in a language."""
    return in_french(text) if language == "fr" else text


def number(value: float, language: Language) -> str:
    """A number with its thousands apart, whole or with four digits that tell: 12,340, 0.01235 or 0,01235."""
    if not math.isfinite(value):
        return say(NO_NUMBER, language)
    whole = float(value).is_integer()
    text = f"{value:,.0f}" if whole else f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


def numbers(named: Mapping[str, float], language: Language) -> str:
    """Numbers with their names, in a row."""
    found = (f"{phrase(name, language)} {number(value, language)}" for name, value in named.items())
    return say(SEMICOLON, language).join(found)
