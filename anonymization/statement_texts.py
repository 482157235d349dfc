"""The words of the statement, in English and in French: braces take the facts of a release."""

from typing import Final

from anonymization.entries import Language

HEAD: Final[dict[Language, str]] = {
    "en": """\
# What was done to these figures

{test}The figures count people by the signals that their mobile phones exchanged with one operator's network.

## Published

{indicators}

Figures of a slot are for {slot_minutes} minutes. A day here is a privacy day: it begins at {privacy_day_starts},
{timezone} time, and ends 24 hours later (23 or 25 when the clock changes).

## Protection

""",
    "fr": """\
# Ce qui a été fait de ces données

{test}Les chiffres comptent des personnes d'après les signaux échangés entre leur téléphone mobile et le réseau d'un
opérateur.

## Publié

{indicators}

Les chiffres d'un créneau portent sur {slot_minutes} minutes. Un jour est ici une journée de confidentialité : elle
commence à {privacy_day_starts}, heure {timezone}, et finit 24 heures après (23 ou 25 quand l'heure change).

## Protection

""",
}

STEPS: Final[dict[str, dict[Language, str]]] = {
    "pseudonyms": {
        "en": """\
**No identifiers.** Each identifier was replaced by a pseudonym under a secret key. The key serves one privacy day
   and is destroyed after it: nothing links anybody from one day to the next. The manifest carries the log of the keys:
   when each was made, last used and destroyed, where it was kept, and whether its erasure can be proven.""",
        "fr": """\
**Aucun identifiant.** Chaque identifiant a été remplacé par un pseudonyme sous une clé secrète. La clé sert une
   seule journée et est détruite ensuite : rien ne relie une personne d'un jour à l'autre. Le manifeste contient le
   journal des clés : quand chacune a été créée, utilisée pour la dernière fois et détruite, où elle était gardée, et si
   son effacement peut être prouvé.""",
    },
    "objections": {
        "en": """\
**Objections.** People whom the operator's register marks as opted out were dropped before anything was counted.""",
        "fr": """\
**Oppositions.** Les personnes que le fichier de l'opérateur signale comme opposées ont été écartées avant tout
   comptage.""",
    },
    "dp": {"en": "{promise}", "fr": "{promise}"},
    "threshold": {
        "en": """\
**At least {k}.** Every figure is of at least {k} {unit}, counted before any estimate.
   Areas and groups with fewer are merged with others by fixed public rules; where the whole territory has fewer,
   nothing is published. An area where nobody was looks the same as one with a few people.""",
        "fr": """\
**Au moins {k}.** Chaque chiffre porte sur au moins {k} {unit}, comptés avant toute estimation.
   Les zones et groupes plus petits sont réunis à d'autres selon des règles publiques et fixes ; si tout le territoire
   en compte moins, rien n'est publié. Une zone vide ne se distingue pas d'une zone où il y a quelques personnes.""",
    },
    "classes": {
        "en": """\
**No telling classes.** Where one class of age or occupation would hold more than {max_share} of those present, or
   fewer than two known classes reach {k}, the figure is not split (`all`).""",
        "fr": """\
**Pas de classe révélée.** Si une classe d'âge ou une catégorie socioprofessionnelle dépasse {max_share} des
   présents, ou si moins de deux classes connues atteignent {k}, le chiffre n'est pas ventilé (`all`).""",
    },
    "rounded": {
        "en": """\
**Rounded.** Counts are rounded at random, without bias, to multiples of {rounding}. The presence of a
   place keeps its draw for {rounding_hours} hours, so that its figures cannot be averaged slot by slot. Estimates of
   people are in steps of {people_base}.""",
        "fr": """\
**Arrondi.** Les effectifs sont arrondis au hasard, sans biais, à un multiple de {rounding}. La présence d'un
   lieu garde son tirage {rounding_hours} heures, de sorte que ses chiffres ne peuvent pas être moyennés créneau par
   créneau. Les estimations de personnes vont par pas de {people_base}.""",
    },
    "unrounded": {
        "en": """\
**Not rounded.** Counts are exact: the change between two figures may be of a few people. Estimates of people are
   in steps of {people_base}.""",
        "fr": """\
**Pas d'arrondi.** Les effectifs sont exacts : l'écart entre deux chiffres peut être de quelques personnes. Les
   estimations de personnes vont par pas de {people_base}.""",
    },
    "splits": {
        "en": """\
**Splits fit together.** Every split of a figure (age, origin, category, dwell and others) is of the same people, and
   finer splits stay within published coarser ones: splits of one place cannot be subtracted from each other.""",
        "fr": """\
**Les ventilations concordent.** Toute ventilation d'un chiffre (âge, origine, catégorie, durée...) porte sur les
   mêmes personnes, et les plus fines restent dans les plus grossières publiées : les ventilations d'un lieu ne peuvent
   pas se soustraire l'une de l'autre.""",
    },
    "nested": {
        "en": """\
**Places within places.** A place inside another is published only where at least {k} visitors of the outer one did
   not come to it, or all did; likewise for the classes of its visitors.""",
        "fr": """\
**Lieux dans un lieu.** Un lieu situé dans un autre n'est publié que si au moins {k} visiteurs du second n'y sont pas
   venus, ou si tous y sont venus ; de même pour les classes de ses visiteurs.""",
    },
    "sensitive": {
        "en": """\
**Sensitive places** (hospitals, places of worship) have a total for the day and nothing finer.""",
        "fr": """\
**Les lieux sensibles** (hôpitaux, lieux de culte) ont un total du jour et rien de plus fin.""",
    },
    "final": {
        "en": """\
**Final.** A figure is published once and never corrected: two versions would differ by single people. What comes
   later is not counted; where figures are made as events arrive, these may be {lateness_minutes} minutes late.""",
        "fr": """\
**Définitif.** Un chiffre est publié une fois et jamais corrigé : deux versions différeraient de quelques personnes.
   Ce qui arrive ensuite n'est pas compté ; quand les chiffres sont produits au fil de l'eau, un événement peut avoir
   {lateness_minutes} minutes de retard.""",
    },
}
"""What can be done to protect a figure, in the order in which it is told."""

LIMITS: Final[dict[str, dict[Language, str]]] = {
    "partial": {
        "en": "The events of at least one day do not cover it from beginning to end; the manifest flags such days.",
        "fr": "Les événements d'au moins un jour ne le couvrent pas en entier ; le manifeste signale ces jours.",
    },
    "factor": {
        "en": """\
Only this operator's customers and visitors on its network are seen. One device is taken to stand for
  {people_per_device} people, everywhere and at all hours.""",
        "fr": """\
Seuls sont vus les clients de cet opérateur et les visiteurs sur son réseau. Un appareil est réputé représenter
  {people_per_device} personnes, partout et à toute heure.""",
    },
    "factors": {
        "en": """\
Only this operator's customers and visitors on its network are seen. What a device is taken to stand for changed from
  day to day; the manifest gives it for each.""",
        "fr": """\
Seuls sont vus les clients de cet opérateur et les visiteurs sur son réseau. Ce qu'un appareil est réputé représenter a
  changé d'un jour à l'autre ; le manifeste le donne pour chacun.""",
    },
    "weighted": {
        "en": """\
Only this operator's customers and visitors on its network are seen. Each device is given a weight, the number of
  people that it stands for, by where it is at home; an estimate is the printed count times the mean weight of its
  devices.""",
        "fr": """\
Seuls sont vus les clients de cet opérateur et les visiteurs sur son réseau. Chaque appareil a un poids, le nombre de
  personnes qu'il représente, selon son domicile ; une estimation est l'effectif imprimé multiplié par le poids moyen
  de ses appareils.""",
    },
    "interval": {
        "en": """\
The interval ({confidence}) covers chance and rounding; it does not cover a wrong weight, people without a phone, or a
  market share that differs in ways that the weights do not know.""",
        "fr": """\
L'intervalle ({confidence}) couvre le hasard et l'arrondi ; il ne couvre ni un poids faux, ni les personnes sans
  téléphone, ni une part de marché qui varie d'une façon que les poids ignorent.""",
    },
    "positions": {
        "en": """\
Positions are estimated from radio cells and can be wrong by hundreds of metres, in the country by kilometres. A phone
  that is silent is taken to be where it was for up to 110 minutes; after that, for three hours, the others of the same
  moment stand for it.""",
        "fr": """\
Les positions sont estimées d'après les cellules radio et peuvent être fausses de centaines de mètres, à la campagne
  de kilomètres. Un téléphone silencieux est réputé rester où il était pendant 110 minutes ; ensuite, pendant trois
  heures, les autres du même moment comptent pour lui.""",
    },
    "positions_dp": {
        "en": """\
Positions are estimated from radio cells and can be wrong by hundreds of metres, in the country by kilometres. A phone
  that is silent is taken to be where it was for up to 110 minutes, and then to be nowhere.""",
        "fr": """\
Les positions sont estimées d'après les cellules radio et peuvent être fausses de centaines de mètres, à la campagne
  de kilomètres. Un téléphone silencieux est réputé rester où il était pendant 110 minutes, puis n'être nulle part.""",
    },
    "movements": {
        "en": """\
A movement counts a person once for each pair of places and hour. Figures of movements are not those of visits: who
  crosses a place is not among its visitors, and who moves from one place to another may have visited neither.""",
        "fr": """\
Un déplacement compte une personne une fois par paire de lieux et par heure. Un déplacement n'est pas une visite :
  qui traverse un lieu n'est pas de ses visiteurs, et qui va d'un lieu à l'autre n'en a peut-être visité aucun.""",
    },
    "additive": {
        "en": """\
Only presence may be added up over places. Visitors of several places, or of several days, are not distinct people.""",
        "fr": """\
Seule la présence s'additionne entre lieux. Les visiteurs de plusieurs lieux ou de plusieurs jours ne sont pas des
  personnes distinctes.""",
    },
    "register": {
        "en": "Age, occupation and home come from the operator's register, where it has them.",
        "fr": "L'âge, la profession et le domicile viennent du fichier de l'opérateur, quand il les a.",
    },
    "no_register": {
        "en": "No register of subscribers was used, or not every day: then each age, occupation and home is `unknown`.",
        "fr": "Aucun fichier d'abonnés n'a été utilisé, ou pas chaque jour : alors tout âge, toute catégorie et tout "
        "domicile est `unknown`.",
    },
    "not_dp": {
        "en": """\
Protection is by merging and rounding. It is not differential privacy: it sets no bound on what somebody learns who
  already holds detailed data on the same people.""",
        "fr": """\
La protection procède par regroupement et arrondi. Ce n'est pas de la confidentialité différentielle : elle ne borne
  pas ce qu'apprend quelqu'un qui détient déjà des données détaillées sur les mêmes personnes.""",
    },
}
"""What the figures cannot tell, in the order in which it is told."""

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "limits": "Limits",
        "test": "**TEST RELEASE. Its keys may be known: it protects nobody, and must hold simulated people only.**\n\n",
        "holders": "different holders of a phone line",
        "SIMs": "different SIM cards (one person may have several)",
    },
    "fr": {
        "limits": "Limites",
        "test": "**PUBLICATION D'ESSAI. Ses clés peuvent être connues : elle ne protège personne et ne doit porter "
        "que sur des personnes simulées.**\n\n",
        "holders": "titulaires de ligne différents",
        "SIMs": "cartes SIM différentes (une personne peut en avoir plusieurs)",
    },
}
