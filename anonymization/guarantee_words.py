"""Differential privacy in words: what it promises, and which promises of the other mode it withdraws."""

from collections.abc import Mapping
from typing import Final

PROMISE: Final = {
    "en": "**Differential privacy.** Whatever somebody knows already, the figures of a day change by a factor of "
    "at most e^{epsilon} the odds that a given device was there on that day, but for a probability of "
    "{delta}. Over 30 days the exponent is {epsilon_30}, over 365 days {epsilon_365}; the days of any 365 "
    "in a row are refused beyond {budget_epsilon}. A device counts in {slots_kept} of the {slots} slots of "
    "the day and in at most {zones_kept} zones. Each count carries random noise of standard deviation "
    "{sigma}. A count of presence is then multiplied by {scale}, and its noise with it. The places and "
    "windows that figures exist for are fixed beforehand, what the noise alone could be is left out, and figures "
    "are rounded.",
    "fr": "**Confidentialité différentielle.** Quoi que l'on sache déjà, les chiffres d'un jour ne changent que "
    "d'un facteur e^{epsilon} au plus les chances qu'un appareil donné ait été là ce jour, sauf avec une "
    "probabilité de {delta}. Sur 30 jours l'exposant est {epsilon_30}, sur 365 jours {epsilon_365} ; sur "
    "365 jours de suite, rien n'est publié au-delà de {budget_epsilon}. Un appareil compte dans "
    "{slots_kept} des {slots} créneaux du jour et dans {zones_kept} zones au plus. Chaque effectif porte un"
    " bruit aléatoire d'écart type {sigma}. Un effectif de présence est ensuite multiplié par {scale}, et "
    "son bruit avec lui. Les lieux et périodes chiffrés sont fixés d'avance, ce que le bruit seul pourrait "
    "être est omis, et les chiffres sont arrondis.",
}
"""To be formatted with the numbers of a `dp` block, and `scale`."""

WITHDRAWN: Final[Mapping[str, Mapping[str, str]]] = {
    "k": {
        "en": "A figure below k is left out, but after the noise: behind a figure there may be fewer devices, or none.",
        "fr": "Un chiffre inférieur à k est omis, mais après le bruit : un chiffre peut porter sur moins "
        "d'appareils, ou sur aucun.",
    },
    "partition": {
        "en": "Areas with small figures are not merged with others but left out: who is there is in no figure.",
        "fr": "Les zones aux petits effectifs ne sont pas réunies à d'autres mais omises : qui s'y trouve n'est "
        "compté nulle part.",
    },
    "exact sums": {
        "en": "Sums of figures carry the noise of each of them, and lack the areas that are left out.",
        "fr": "Une somme de chiffres porte le bruit de chacun d'eux, et il lui manque les zones omises.",
    },
    "nesting": {
        "en": "Figures of a zone, of the zone around it and of presence there may contradict each other.",
        "fr": "Les chiffres d'une zone, de celle qui l'entoure et de la présence en ces lieux peuvent se contredire.",
    },
    "attributes": {
        "en": "Nothing is split by age, occupation, origin, category or time spent, and no movements are given.",
        "fr": "Rien n'est ventilé par âge, profession, origine, catégorie ou durée, et aucun déplacement n'est donné.",
    },
    "weights": {
        "en": "Each device stands for one stated number of people, wherever it is at home.",
        "fr": "Chaque appareil représente un même nombre indiqué de personnes, où que soit son domicile.",
    },
    "every visit": {
        "en": "Who visits more zones on a day than count for one device is missing from some of them, drawn at "
        "random: attendance is too low where such visitors are many, by more than its interval says.",
        "fr": "Qui visite en un jour plus de zones qu'il n'en compte pour un appareil manque dans certaines, "
        "tirées au sort : la fréquentation est trop basse là où ces visiteurs sont nombreux, au-delà de "
        "l'intervalle.",
    },
    "interval after selection": {
        "en": "An interval holds the truth as often as it says over all areas; among the few that pass k by their"
        " noise alone it does not.",
        "fr": "Un intervalle contient la vérité aussi souvent qu'il le dit sur toutes les zones ; pas parmi les "
        "rares qui n'atteignent k que par leur bruit.",
    },
    "identical rebuild": {
        "en": "The same events do not give the same files again: the noise is drawn once, from the machine's own "
        "randomness, and kept nowhere.",
        "fr": "Les mêmes événements ne redonnent pas les mêmes fichiers : le bruit est tiré une fois, de l'aléa "
        "de la machine, et n'est gardé nulle part.",
    },
}
"""The promises that the other mode makes and this one does not, each in a sentence."""


def promise(language: str, numbers: Mapping[str, object]) -> str:
    """What a `dp` block promises, as a sentence or two of Markdown; raises KeyError or ValueError for no such block."""
    scale = float(str(numbers["slots"])) / float(str(numbers["slots_kept"]))
    shown = {name: f"{value:.4g}" for name, value in numbers.items() if isinstance(value, int | float)}
    return PROMISE[language].format(**shown, scale=f"{scale:.4g}")


_OPERATOR: Final = "chosen by the operator in [policy.dp]; no authority sets it"
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "epsilon": ("Most that the figures of a day change the odds that a device was there, as an exponent.", _OPERATOR),
    "delta": ("Probability with which that bound does not hold.", _OPERATOR),
    "budget_epsilon": ("Most epsilon of any 365 days in a row; a day that would pass it is refused.", _OPERATOR),
    "contributions": ("Most figures of a day, of all indicators, that one device adds to.", _OPERATOR),
    "resolution": ("H3 resolution of the places that presence is given for.", _OPERATOR),
    "slots_kept": ("Slots of a day in which a device counts.", "three in four of the contributions, decision 0019"),
    "zones_kept": (
        "Zones of a day in which a device counts at most.",
        "one in four of the contributions, decision 0019",
    ),
    "sigma": (
        "Standard deviation of the discrete Gaussian noise on every figure.",
        "the least with which rho gives epsilon at delta (Canonne, Kamath and Steinke, 2020, proposition 12)",
    ),
    "rho": ("What a day costs a device, in the measure that adds up over days.", "contributions / (2 sigma^2)"),
}
"""Numbers of a `dp` block, each with its meaning and source."""

INSTEAD: Final[Mapping[str, str]] = {
    "k": "Under differential privacy: least noisy figure that is printed; how many devices it is of is not claimed.",
    "rounding": "Under differential privacy: base to which noisy figures are rounded, to the nearest multiple.",
    "rounding_hours": "Not used under differential privacy: figures are rounded without a draw.",
    "max_share": "Not used under differential privacy: nothing is split by attributes.",
    "pool_target": "Not used under differential privacy: nothing is pooled.",
    "nested_least": "Not used under differential privacy: noise stands in its place.",
}
"""What numbers of the other mode mean in this one."""
