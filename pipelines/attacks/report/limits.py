"""What the attacks do not show, as every report says it."""

from typing import Final

from pipelines.attacks.finding import Words

LIMITS: Final[tuple[Words, ...]] = (
    Words(
        "Pools: that a pooled place may have held anything from nobody to k - 1 is proved for one tree and one window, "
        "and checked by trying everything on small trees alone. It is not proved for an attribute that is left out "
        "because one class dominates, since that depends on the people. And who sees a place in other windows can "
        "guess, nearly, what it holds while it is pooled.",
        "Regroupements : qu'un lieu regroupé ait pu contenir de 0 à k - 1 appareils est démontré pour un seul arbre et "
        "une seule fenêtre, et vérifié en essayant tout sur de petits arbres seulement. Ce n'est pas démontré pour un "
        "attribut omis parce qu'une classe domine, car cela dépend des personnes. Et qui voit un lieu dans d'autres "
        "fenêtres peut estimer, à peu près, ce qu'il contient quand il est regroupé.",
    ),
    Words(
        "Several indicators: within one, sums and differences of parts are of nobody or of at least k devices. Two "
        "that count the same people in two ways (a day and its hours, flows and presence, dwell and presence) bound "
        "each other. This is solved on the town that was attacked, not proved for others.",
        "Plusieurs indicateurs : au sein d'un seul, sommes et différences de parties portent sur personne ou sur au "
        "moins k appareils. Deux indicateurs qui comptent les mêmes personnes de deux façons (une journée et ses "
        "heures, flux et présence, durée et présence) se bornent l'un l'autre. Cela est résolu sur la ville attaquée, "
        "non démontré pour d'autres.",
    ),
    Words(
        "Membership, and traces across slots: no rule of parts bounds them. They are measured on simulated towns, and "
        "a place that is denser or smaller may give more. Only differential privacy states a bound.",
        "Appartenance, et traces d'un créneau à l'autre : aucune règle sur les parties ne les borne. Elles sont "
        "mesurées sur des villes simulées, et un lieu plus dense ou plus petit peut donner davantage. Seule la "
        "confidentialité différentielle énonce une borne.",
    ),
    Words(
        "Levels: those of membership and of traces were set for towns of this project, the largest share and the "
        "largest distance are its proposals. No authority sets them.",
        "Niveaux : ceux de l'appartenance et des traces ont été fixés pour des villes de ce projet, la plus grande "
        "part et la plus grande distance sont ses propositions. Aucune autorité ne les fixe.",
    ),
)
"""Of the proof of pools, of several indicators together, of membership and traces, and of the levels themselves."""
