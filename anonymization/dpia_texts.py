"""The words of the draft impact assessment: the two texts, and what is put into them."""

from typing import Final

from anonymization.dpia_english import ENGLISH
from anonymization.dpia_french import FRENCH
from anonymization.entries import Language

TEXTS: Final[dict[Language, str]] = {"en": ENGLISH, "fr": FRENCH}

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "unknown": "unknown",
        "none": "none",
        "few": "fewer than 100",
        "open": "(not told while the day is open)",
        "holders": "distinct holders of a line",
        "SIMs": "distinct SIM cards (one person may have several)",
        "who": "[to be completed by the controller: who decided, when, why]",
        "singling": "threshold {k} on {unit}, merging, nested zones, rounding to {rounding}",
        "singling_dp": "what one device adds is bounded and noised: differential privacy; nothing is promised of k",
        "inference": "no split where one class dominates; crosses of attributes keep an interval",
        "inference_dp": "no attributes are published",
        "test": "**This is a test release: its keys may be known. It must hold simulated people only.**\n\n",
        "register": "used: it gives age band, occupation, home commune, type of line, holder and objection, where it "
        "has them",
        "no_register": "not used: every attribute is `unknown`",
        "objection": "Rows of lines that the operator's register marks `opted_out` are dropped before anything is "
        "counted; their number is told, and nothing else of them is kept. A change of the register holds for the "
        "privacy days that are begun after it. [to be completed by the controller: whether the register carries this "
        "column, how an objection is made, within which time it is in the register, that every line of the person is "
        "marked, and how visitors from abroad object]",
        "no_objection": "No register of subscribers was used, so that the software cannot leave out who objected. [to "
        "be completed by the controller: how people object, and how their rows are left out before the software reads "
        "them]",
    },
    "fr": {
        "unknown": "inconnu",
        "none": "néant",
        "few": "moins de 100",
        "open": "(non dit tant que la journée est ouverte)",
        "holders": "titulaires de ligne distincts",
        "SIMs": "cartes SIM distinctes (une personne peut en avoir plusieurs)",
        "who": "[à compléter par le responsable de traitement : qui a décidé, quand, pourquoi]",
        "singling": "seuil de {k} {unit}, regroupement, zones emboîtées, arrondi à {rounding}",
        "singling_dp": "l’apport d’un appareil est borné et bruité : confidentialité différentielle ; rien n’est "
        "promis de k",
        "inference": "pas de ventilation si une classe domine ; les croisements d’attributs gardent un intervalle",
        "inference_dp": "aucun attribut n’est publié",
        "test": "**Ceci est une publication d’essai : ses clés peuvent être connues. Elle ne doit porter que sur des "
        "personnes simulées.**\n\n",
        "register": "utilisé : il donne la tranche d’âge, la catégorie socioprofessionnelle, la commune de domicile, "
        "le type de ligne, le titulaire et l’opposition, lorsqu’il les contient",
        "no_register": "non utilisé : tout attribut vaut `unknown`",
        "objection": "Les événements des lignes que le fichier de l’opérateur signale par `opted_out` sont écartés "
        "avant tout comptage ; leur nombre est indiqué, rien d’autre n’en est conservé. Une modification du fichier "
        "vaut pour les journées de confidentialité commencées après elle. [à compléter par le responsable de "
        "traitement : si le fichier contient cette colonne, comment l’opposition s’exerce, dans quel délai elle figure "
        "au fichier, que toutes les lignes de la personne sont signalées, et comment s’opposent les visiteurs "
        "étrangers]",
        "no_objection": "Aucun fichier d’abonnés n’a été utilisé : le logiciel ne peut donc pas écarter les personnes "
        "qui se sont opposées. [à compléter par le responsable de traitement : comment l’opposition s’exerce et "
        "comment les lignes de ces personnes sont retirées avant la lecture par le logiciel]",
    },
}
"""What is put into the texts."""

_OURS: Final = "proposition de ce projet ; aucune autorité ne la fixe"

NUMBERS_FR: Final[dict[str, tuple[str, str]]] = {
    "k": (
        "Nombre minimal d’appareils distincts derrière un chiffre publié, avant pondération et arrondi.",
        "pratique de l’opérateur français : le plus petit échantillon de son interface de densité de population, même "
        "avec des critères sociodémographiques, « ne représente jamais une population de moins de vingt personnes »",
    ),
    "max_share": (
        "Part maximale d’une seule classe connue d’âge ou de catégorie socioprofessionnelle dans une partie ventilée : "
        "au-delà, être dans la partie révèle la classe d’une personne.",
        _OURS,
    ),
    "rounding": (
        "Base à laquelle `devices` est arrondi, par un tirage à clé et sans biais : les parties protègent une fenêtre, "
        "l’arrondi masque l’écart de quelques personnes entre deux fenêtres.",
        _OURS,
    ),
    "lateness_minutes": (
        "Délai pendant lequel les événements en retard d’une fenêtre comptent encore ; ensuite ils sont écartés, car "
        "deux versions d’un chiffre diffèrent de quelques personnes.",
        _OURS,
    ),
    "base_resolution": ("Résolution H3 des plus petits hexagones publiés.", _OURS),
    "coarsest_resolution": ("Résolution H3 des plus grands hexagones de l’arbre des parties.", _OURS),
    "smallest_k": (
        "En dessous de cette valeur de k, rien n’est publié.",
        "données carroyées de l’INSEE : au moins 11 ménages par carreau",
    ),
    "largest_rounding": ("Plus grande base d’arrondi.", _OURS),
    "rounding_hours": (
        "Heures pendant lesquelles le tirage qui arrondit une partie de la présence reste le même, depuis le début de "
        "la journée de confidentialité : un tirage par créneau révélerait un effectif constant par la moyenne de ses "
        "chiffres.",
        "mesuré par ce projet : sur quatre heures d’une nuit calme, des tirages par créneau révélaient le départ d’un "
        "appareil avec une AUC de 0,73, des tirages par deux heures avec 0,53 (décision 0022)",
    ),
    "people_base": (
        "Pas d’impression du nombre de personnes : plus fin, le poids moyen pourrait révéler qui sont les appareils.",
        "mesuré par ce projet : 20 appareils d’une même commune étaient reconnus dans tous les cas d’après des poids "
        "non arrondis (décision 0013)",
    ),
    "visit_minutes": ("Plus courte visite comptée dans la fréquentation, en durée estimée.", _OURS),
    "key_days": (
        "Nombre de journées de confidentialité que vivent un pseudonyme et sa clé : personne n’est suivi de l’une à "
        "l’autre.",
        "Conseil d’État, 8 février 2017, n° 393714 : des données qui permettent de relier deux enregistrements d’une "
        "personne ne sont pas anonymes",
    ),
    "key_hours": (
        "Heures que peut vivre une clé après sa journée, ou après sa création si elle est postérieure ; au-delà, une "
        "remarque le signale.",
        _OURS,
    ),
    "told_least": (
        "Nombre minimal d’événements, d’appareils ou d’événements tardifs que dit le manifeste, à deux chiffres.",
        _OURS,
    ),
    "pool_target": (
        "Nombre d’appareils auquel un regroupement cesse d’absorber, 2k - 1 : chacun de ses petits membres a alors pu "
        "contenir de personne à k - 1.",
        "démonstration dans le guide d’audit, vérifiée par énumération",
    ),
    "nested_least": (
        "Nombre minimal d’appareils d’une zone ou d’une classe publiée qui doivent être hors de celle qui est publiée "
        "à l’intérieur (ou aucun) : la soustraction en montrerait moins.",
        _OURS,
    ),
}
"""Meaning and source of each privacy number in French, by its name in `policy.py`."""
