"""The names of figures and the sources of levels in French, one for each English one."""

from typing import Final

FRENCH: Final = {
    # What was measured
    "rows below k": "lignes sous k",
    "rows of other devices": "lignes d’autres appareils",
    "fewest devices": "plus petit nombre d’appareils",
    "devices counted twice": "appareils comptés deux fois",
    "devices not in the row that is split": "appareils absents de la ligne ventilée",
    "devices lost": "appareils perdus",
    "sums of other devices": "sommes d’autres appareils",
    "cells known exactly": "cases connues exactement",
    "cells confined to fewer than k values": "cases confinées à moins de k valeurs",
    "cells confined by printed figures": "cases confinées par les chiffres publiés",
    "systems that no devices explain": "systèmes qu’aucun appareil n’explique",
    "narrowest interval": "intervalle le plus étroit",
    "children with fewer than k feasible values": "enfants ayant moins de k valeurs possibles",
    "pooled places with fewer than k feasible values": "lieux regroupés ayant moins de k valeurs possibles",
    "most values excluded of a child": "plus grand nombre de valeurs exclues d’un enfant",
    "fewest feasible values of a pooled place": "plus petit nombre de valeurs possibles d’un lieu regroupé",
    "differences below k": "différences sous k",
    "atoms below k": "atomes sous k",
    "changed bytes": "octets changés",
    "figures that differ": "chiffres qui diffèrent",
    "late events told otherwise": "événements tardifs comptés autrement",
    "share of figures that differ": "part des chiffres qui diffèrent",
    "figures that come or go": "chiffres qui apparaissent ou disparaissent",
    "largest share": "plus grande part",
    "largest distance": "plus grande distance",
    "largest share as printed": "plus grande part, d’après les chiffres publiés",
    "largest share of what is told": "plus grande part de ce qui est révélé",
    "mean AUC": "AUC moyenne",
    "AUC of one target in ten": "AUC d’une cible sur dix",
    "found at 1 % false alarms": "trouvés à 1 % de fausses alertes",
    "mean AUC, without knowledge": "AUC moyenne, sans connaissances",
    "AUC of one target in ten, without knowledge": "AUC d’une cible sur dix, sans connaissances",
    "found at 1 % false alarms, without knowledge": "trouvés à 1 % de fausses alertes, sans connaissances",
    "mean AUC, with everybody known": "AUC moyenne, chacun étant connu",
    "AUC of one target in ten, with everybody known": "AUC d’une cible sur dix, chacun étant connu",
    "risk": "risque",
    "risk of parts": "risque par partie",
    "risk over all days": "risque sur tous les jours",
    "traces nine tenths right": "traces justes aux neuf dixièmes",
    "traces nine tenths right, beyond chance": "traces justes aux neuf dixièmes, au-delà du hasard",
    "traces nine tenths right by chance": "traces justes aux neuf dixièmes par hasard",
    "right": "juste",
    "right by chance": "juste par hasard",
    "distinct outputs": "sorties distinctes",
    "error taken off by averaging": "erreur ôtée par la moyenne",
    "exact in one build": "exacts en une construction",
    "exact after averaging": "exacts après moyenne",
    "identifiers found": "identifiants trouvés",
    "pseudonyms found": "pseudonymes trouvés",
    "share found": "part trouvée",
    "others found": "autres trouvés",
    "equal pseudonyms": "pseudonymes égaux",
    "share of returns linked": "part des retours reliés",
    "unicity of outputs": "unicité des sorties",
    "undeclared files and columns": "fichiers et colonnes non déclarés",
    "unicity of true traces": "unicité des vraies traces",
    "unicity of counted traces": "unicité des traces comptées",
    "rows of k people and fewer devices": "lignes de k personnes et de moins d’appareils",
    "fewest devices of k people": "plus petit nombre d’appareils pour k personnes",
    "strata told": "strates révélées",
    "strata told, share": "strates révélées, part",
    "strata told to be there": "strates dont la présence est révélée",
    "strata left with fewer than 3 values": "strates réduites à moins de 3 valeurs",
    "fewest values": "plus petit nombre de valeurs",
    "wrong claims": "affirmations fausses",
    "AUC of one device, release": "AUC d’un appareil, publication",
    "AUC of one device, release, less chance": "AUC d’un appareil, publication, moins le hasard",
    "AUC of one device, still night": "AUC d’un appareil, nuit immobile",
    "AUC of one device, still night, less chance": "AUC d’un appareil, nuit immobile, moins le hasard",
    "counts told, release": "comptages révélés, publication",
    "counts told, still night": "comptages révélés, nuit immobile",
    "counts told by one figure, release": "comptages révélés par un seul chiffre, publication",
    "counts told by one figure, still night": "comptages révélés par un seul chiffre, nuit immobile",
    "totals told by sums": "totaux révélés par des sommes",
    "totals told by one figure": "totaux révélés par un seul chiffre",
    "totals told within one by sums": "totaux révélés à un près par des sommes",
    "totals told within one by one figure": "totaux révélés à un près par un seul chiffre",
    "numbers told by exact figures": "nombres révélés par les chiffres exacts",
    "numbers told by printed figures": "nombres révélés par les chiffres publiés",
    "fewest devices told": "plus petit nombre d’appareils révélé",
    "strays": "égarés",
    # What it was tried on
    "rows": "lignes",
    "indicators": "indicateurs",
    "devices": "appareils",
    "devices behind rows": "appareils derrière les lignes",
    "finest cells": "cases les plus fines",
    "systems of equations": "systèmes d’équations",
    "linear programmes": "programmes linéaires",
    "count vectors": "vecteurs de comptages",
    "children": "enfants",
    "pools": "regroupements",
    "pooled places": "lieux regroupés",
    "differences": "différences",
    "of sets that are not held": "d’ensembles non contenus",
    "atoms": "atomes",
    "publications": "publications",
    "files": "fichiers",
    "figures": "chiffres",
    "parts": "parties",
    "parts that tell classes": "parties qui révèlent des classes",
    "targets": "cibles",
    "worlds": "mondes",
    "persons": "personnes",
    "traces": "traces",
    "builds": "constructions",
    "identifiers": "identifiants",
    "others": "autres",
    "pseudonyms": "pseudonymes",
    "privacy days": "journées",
    "returns": "retours",
    "points of each": "points de chacun",
    "strata in rows": "strates dans les lignes",
    "totals that are sums": "totaux qui sont des sommes",
    "runs, release": "séries, publication",
    "runs, still night": "séries, nuit immobile",
    "changes of one, release": "changements d’un appareil, publication",
    "changes of one, still night": "changements d’un appareil, nuit immobile",
    "constant runs, release": "séries constantes, publication",
    "constant runs, still night": "séries constantes, nuit immobile",
    "numbers asked for": "nombres recherchés",
    "parts with unions left untried": "parties aux réunions non toutes essayées",
    "rows that no other holds": "lignes qu’aucune autre ne contient",
    "tables": "tables",
    # Sources of levels
    "specification S5: k distinct devices, before weights and rounding": (
        "spécification S5 : k appareils distincts, avant poids et arrondi"
    ),
    "specification T2 and S8; DESIGN 7: nobody is lost, unless the whole is below k": (
        "spécification T2 et S8 ; DESIGN 7 : personne n’est perdu, sauf si le tout est sous k"
    ),
    "specification T3: no unpublished cell known exactly, each within an interval of k - 1 or more": (
        "spécification T3 : aucune case non publiée connue exactement, chacune dans un intervalle de k - 1 ou plus"
    ),
    "the attack itself: what it assumes of rows holds": "l’attaque elle-même : ce qu’elle suppose des lignes est vrai",
    "specification T4: k feasible values of every pooled child; of a class k - 1, an empty class is none": (
        "spécification T4 : k valeurs possibles par enfant regroupé ; k - 1 pour une classe, vide elle n’en est pas"
    ),
    "specification T5 as amended, S8 and S12: nobody or at least k": (
        "spécification T5 amendée, S8 et S12 : personne, ou au moins k"
    ),
    "specification T5, as amended: no difference of sets that hold each other is of 1 to k-1 devices": (
        "spécification T5 amendée : entre ensembles dont l’un contient l’autre, aucune différence de 1 à k-1 appareils"
    ),
    "specification S17: a window is written once": "spécification S17 : une fenêtre est écrite une seule fois",
    "specification S9 and T7: a proposal of this project; no authority sets it": (
        "spécification S9 et T7 : une proposition de ce projet ; aucune autorité ne le fixe"
    ),
    "set for the battery before anything was measured": "fixé pour la batterie avant toute mesure",
    "specification T10: one output, byte for byte": "spécification T10 : une seule sortie, octet pour octet",
    "specification S1: what is kept, scanned for the whole id space without a key, gives no match": (
        "spécification S1 : ce qui est gardé, parcouru pour tous les identifiants sans clé, ne donne rien"
    ),
    "specification S2: no pseudonym of a day is one of another": (
        "spécification S2 : aucun pseudonyme d’une journée n’est celui d’une autre"
    ),
    "specification T13: no row is about one device": "spécification T13 : aucune ligne ne porte sur un seul appareil",
    "specification S5 and T14: k counts devices, before any weight": (
        "spécification S5 et T14 : k compte des appareils, avant tout poids"
    ),
    "DESIGN 9: each cross of classes keeps an interval of width k": (
        "DESIGN 9 : chaque croisement de classes garde un intervalle de largeur k"
    ),
    "decision 0013": "décision 0013",
    "issue, the attack battery: membership inference, mean AUC <= 0.65": (
        "la demande, batterie d’attaques : inférence d’appartenance, AUC moyenne <= 0,65"
    ),
}


def in_french(text: str) -> str:
    """A name or a source in French; as it is where it is not known."""
    return FRENCH.get(text, text)
