"""T3: between which numbers unpublished figures must lie, given all published rows together."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.members import counts
from pipelines.attacks.solving.claims import Claims, claims_of
from pipelines.attacks.solving.crosses import crosses
from pipelines.attacks.solving.equations import equations_of
from pipelines.attacks.solving.linked import independent_orders, totals_beside, un_nested
from pipelines.attacks.solving.programmes import Bounds, bounds_of
from pipelines.attacks.target import Target

_SOURCE: Final = "specification T3: no unpublished cell known exactly, each within an interval of k - 1 or more"


def _recovered(told: Sequence[Claims], target: Target) -> Measured:
    """Finest cells that are known too well, from exact counts and from printed ones."""
    slack = max(target.policy.rounding - 1, 0)
    exact: list[Bounds] = []
    printed: list[Bounds] = []
    cells = 0
    for number, claims in enumerate(told):
        equations, seed = equations_of(claims), [target.seed, number]
        cells += int(equations.times.sum())
        exact.append(bounds_of(equations, claims.exact, 0, claims.k, seed))
        printed.append(bounds_of(equations, claims.printed, slack, claims.k, seed))
        # Exact counts leave less than printed ones: what they hide, these hide.
        exact += [bounds_of(equations_of(each), each.exact, 0, each.k, seed) for each in crosses(claims)]
    both, widths = [*exact, *printed], np.concatenate([np.zeros(0, np.int64), *(each.widths for each in exact)])
    return Measured(
        {
            "cells known exactly": sum(each.cells(each.told & each.single) for each in exact),
            "cells confined to fewer than k values": sum(each.cells(each.told) for each in exact),
            "cells confined by printed figures": sum(each.cells(each.told) for each in printed),
            "systems that no devices explain": sum(each.unsolved for each in both),
            "narrowest interval": int(widths.min()) if widths.size else target.policy.k - 1,
        },
        {
            "rows": sum(claims.exact.size for claims in told),
            "finest cells": cells,
            "systems of equations": sum(each.systems for each in both),
            "linear programmes": sum(2 * each.least.size for each in both),
        },
    )


def _told(target: Target) -> Iterator[Claims]:
    """What the rows of the release say, with the exact counts behind them."""
    exact = {
        name: sum((counts(day[name], table.num_rows) for day in target.behind.values()), np.zeros(table.num_rows, int))
        for name, table in target.tables.items()
    }
    rng = np.random.default_rng([target.seed, len(exact)])
    return claims_of(target.tables, exact, target.days, target.inputs, rng)


RECOVERY: Final = Attack(
    number="T3",
    name=Words("Recovery by linear programming", "Reconstitution par programmation linéaire"),
    criterion="singling out",
    what=Words(
        "the least and the most that each unpublished number can be, of a place and class and of two classes together, "
        "by all rows of all indicators",
        "le minimum et le maximum de chaque effectif non publié, d'un lieu et d'une classe ou de deux classes à la "
        "fois, d'après toutes les lignes de tous les indicateurs",
    ),
    knowledge=Words(
        "all published rows and the rules by which they are made; once with the exact numbers behind them, as if "
        "rounding were off, and once as printed",
        "toutes les lignes publiées et leurs règles de construction ; d'abord avec les effectifs exacts, comme sans "
        "arrondi, puis telles qu'imprimées",
    ),
    control=Words(
        "none: one number below k that is confined to fewer than k values is a failure",
        "aucun : un seul effectif sous k confiné à moins de k valeurs est un échec",
    ),
    levels=(
        Level("cells known exactly", 0, _SOURCE),
        Level("cells confined to fewer than k values", 0, _SOURCE),
        Level("cells confined by printed figures", 0, _SOURCE),
        Level("systems that no devices explain", 0, "the attack itself: what it assumes of rows holds", check=True),
    ),
    subject=lambda target: tuple(_told(target)),
    measure=_recovered,
    weaknesses=(
        Weakness(
            Words(
                "domestic and foreign devices cut space each for themselves, beside the plain figure",
                "appareils français et étrangers découpent l'espace séparément, à côté du total",
            ),
            un_nested,
        ),
        Weakness(
            Words(
                "seven releases of the same devices, each with its own order of absorption",
                "sept publications des mêmes appareils, chacune avec son propre ordre d'absorption",
            ),
            independent_orders,
        ),
        Weakness(
            Words(
                "places below k are deleted and the totals published",
                "les lieux sous k sont supprimés et les totaux publiés",
            ),
            totals_beside,
        ),
    ),
)
