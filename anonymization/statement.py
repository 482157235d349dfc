"""The statement of a release: in plain words, what was done to the data and what the figures cannot tell."""

from dataclasses import dataclass
from typing import Literal

from anonymization.people import PEOPLE_BASE
from schemas.indicators import INDICATORS

Language = Literal["en", "fr"]


@dataclass(frozen=True)
class Facts:
    """What a statement is made of: numbers of policy, calendar and estimation, and the published indicators.

    `unit` is what k counts: `holders` or `SIMs`; `confidence` a share. `people_per_device`: the one factor of all
    devices, or None where each has a weight by where it is at home.
    """

    k: int
    max_share: float
    rounding: int
    unit: str
    timezone: str
    privacy_day_starts: str
    slot_minutes: int
    indicators: tuple[str, ...]
    people_per_device: float | None
    confidence: float
    test: bool


def statement(language: Language, facts: Facts) -> str:
    """The statement as Markdown; the same facts give the same text."""
    words = _WORDS[language]
    questions = {
        name: INDICATORS[name].question_fr if language == "fr" else INDICATORS[name].question_en
        for name in facts.indicators
    }
    text = _TEXTS[language].format(
        facts=facts,
        test=words["test"] if facts.test else "",
        unit=words[facts.unit],
        max_share=f"{facts.max_share:.0%}",
        confidence=f"{facts.confidence:.0%}",
        weight=_weight(words, facts),
        rounding=words["rounded" if facts.rounding > 1 else "unrounded"].format(base=facts.rounding),
        people_base=PEOPLE_BASE,
        indicators="\n".join(f"- `{name}`: {question}" for name, question in questions.items()),
    )
    return text if language == "en" else text.replace("%", " %")


def _weight(words: dict[str, str], facts: Facts) -> str:
    """What a device is taken to stand for."""
    factor = facts.people_per_device
    return words["weighted"] if factor is None else words["factor"].format(factor=f"{factor:.4g}")


_EN = """\
# What was done to these figures

{test}The figures count people by the signals that their mobile phones exchanged with one operator's network.

## Published

{indicators}

Presence is given for slots of {facts.slot_minutes} minutes. A day here is a privacy day: it begins at
{facts.privacy_day_starts}, {facts.timezone} time, and ends 24 hours later (23 or 25 when the clock changes).

## Protection

1. **No identifiers.** Each identifier was replaced by a pseudonym under a secret key. The key serves one privacy day
   and is destroyed after it: nothing links anybody from one day to the next. The manifest says when.
2. **At least {facts.k}.** Every figure is of at least {facts.k} {unit}, counted before any estimate.
   Areas and groups with fewer are merged with others by fixed public rules; where the whole territory has fewer,
   nothing is published. An area where nobody was looks the same as one with a few people.
3. **No telling classes.** Where one class of age or occupation would hold more than {max_share} of those present, or
   fewer than two known classes reach {facts.k}, the figure is not split (`all`).
4. **{rounding} Estimates of people are in steps of {people_base}.
5. **Splits fit together.** Every split of a figure (age, origin, category, dwell and others) is of the same people, and
   finer splits stay within published coarser ones, so that splits of one place cannot be subtracted from each other.
6. **Sensitive places** (hospitals, places of worship) have a total for the day and nothing finer.
7. **Final.** A figure is published once and never corrected: two versions would differ by single people.

## Limits

- Only this operator's customers and visitors on its network are seen. {weight}
  The interval ({confidence}) covers chance and rounding; it does not cover a wrong weight, people without a phone, or a
  market share that differs in ways that the weights do not know.
- Positions are estimated from radio cells and can be wrong by hundreds of metres, in the country by kilometres. A phone
  that is silent is taken to be where it was for up to 110 minutes; after that, for three hours, the others of the same
  moment stand for it.
- A movement counts a person once for each pair of places and hour. Figures of movements are not those of visits: who
  crosses a place is not among its visitors, and who moves from one place to another may have visited neither.
- Only presence may be added up over places. Visitors of several places, or of several days, are not distinct people.
- Age and occupation come from the operator's register, where it has them.
- Protection is by merging and rounding. It is not differential privacy: it sets no bound on what somebody learns who
  already holds detailed data on the same people.
"""

_FR = """\
# Ce qui a été fait de ces données

{test}Les chiffres comptent des personnes d'après les signaux échangés entre leur téléphone mobile et le réseau d'un
opérateur.

## Publié

{indicators}

La présence est donnée par créneaux de {facts.slot_minutes} minutes. Un jour est ici une journée de confidentialité :
elle commence à {facts.privacy_day_starts}, heure {facts.timezone}, et finit 24 heures après (23 ou 25 quand l'heure
change).

## Protection

1. **Aucun identifiant.** Chaque identifiant a été remplacé par un pseudonyme sous une clé secrète. La clé sert une
   seule journée et est détruite ensuite : rien ne relie une personne d'un jour à l'autre. Le manifeste dit quand.
2. **Au moins {facts.k}.** Chaque chiffre porte sur au moins {facts.k} {unit}, comptés avant toute estimation.
   Les zones et groupes plus petits sont réunis à d'autres selon des règles publiques et fixes ; si tout le territoire
   en compte moins, rien n'est publié. Une zone vide ne se distingue pas d'une zone où il y a quelques personnes.
3. **Pas de classe révélée.** Si une classe d'âge ou une catégorie socioprofessionnelle dépasse {max_share} des
   présents, ou si moins de deux classes connues atteignent {facts.k}, le chiffre n'est pas ventilé (`all`).
4. **{rounding} Les estimations de personnes vont par pas de {people_base}.
5. **Les ventilations concordent.** Toute ventilation d'un chiffre (âge, origine, catégorie, durée...) porte sur les
   mêmes personnes, et les plus fines restent dans les plus grossières publiées : les ventilations d'un lieu ne peuvent
   pas se soustraire l'une de l'autre.
6. **Les lieux sensibles** (hôpitaux, lieux de culte) ont un total du jour et rien de plus fin.
7. **Définitif.** Un chiffre est publié une fois et jamais corrigé : deux versions différeraient de quelques personnes.

## Limites

- Seuls sont vus les clients de cet opérateur et les visiteurs sur son réseau. {weight}
  L'intervalle ({confidence}) couvre le hasard et l'arrondi ; il ne couvre ni un poids faux, ni les personnes sans
  téléphone, ni une part de marché qui varie d'une façon que les poids ignorent.
- Les positions sont estimées d'après les cellules radio et peuvent être fausses de centaines de mètres, à la campagne
  de kilomètres. Un téléphone silencieux est réputé rester où il était pendant
  110 minutes ; ensuite, pendant trois heures, les autres du même moment comptent pour lui.
- Un déplacement compte une personne une fois par paire de lieux et par heure. Un déplacement n'est pas une visite :
  qui traverse un lieu n'est pas de ses visiteurs, et qui va d'un lieu à l'autre n'en a peut-être visité aucun.
- Seule la présence s'additionne entre lieux. Les visiteurs de plusieurs lieux ou de plusieurs jours ne sont pas des
  personnes distinctes.
- L'âge et la catégorie socioprofessionnelle viennent du fichier de l'opérateur, quand il les a.
- La protection procède par regroupement et arrondi. Ce n'est pas de la confidentialité différentielle : elle ne borne
  pas ce qu'apprend quelqu'un qui détient déjà des données détaillées sur les mêmes personnes.
"""

_TEXTS = {"en": _EN, "fr": _FR}
_WORDS = {
    "en": {
        "test": "**TEST RELEASE. Its keys may be known: it protects nobody, and must hold simulated people only.**\n\n",
        "holders": "different holders of a phone line",
        "SIMs": "different SIM cards (one person may have several)",
        "factor": "One device is taken to stand for {factor} people, everywhere and at all hours.",
        "weighted": "Each device is given a weight, the number of people that it stands for, by where it is at home; "
        "an estimate is the printed count times the mean weight of its devices.",
        "rounded": "Rounded.** Counts are rounded at random, without bias, to multiples of {base}.",
        "unrounded": "Not rounded.** Counts are exact: the change between two figures may be of a few people.",
    },
    "fr": {
        "test": "**PUBLICATION D'ESSAI. Ses clés peuvent être connues : elle ne protège personne et ne doit porter "
        "que sur des personnes simulées.**\n\n",
        "holders": "titulaires de ligne différents",
        "SIMs": "cartes SIM différentes (une personne peut en avoir plusieurs)",
        "factor": "Un appareil est réputé représenter {factor} personnes, partout et à toute heure.",
        "weighted": "Chaque appareil a un poids, le nombre de personnes qu'il représente, selon son domicile ; une "
        "estimation est l'effectif imprimé multiplié par le poids moyen de ses appareils.",
        "rounded": "Arrondi.** Les effectifs sont arrondis au hasard, sans biais, à un multiple de {base}.",
        "unrounded": "Pas d'arrondi.** Les effectifs sont exacts : l'écart entre deux chiffres peut être de "
        "quelques personnes.",
    },
}
