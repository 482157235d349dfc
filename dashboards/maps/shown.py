"""What a map shows: areas and their key, the same figures as a table and to be taken away, and what is said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from dashboards.maps.area import Area
from dashboards.maps.legend import Legend


@dataclass(frozen=True)
class Shown:
    """The figures of a map; `areas` are drawn in order, those without a figure first.

    `table`: texts for reading; `sheet`: plain columns, with `cells` and `status`; `finest`: the resolution of outlines;
    `said`: what must be known of the figures.
    """

    title: str
    areas: Sequence[Area]
    legend: Legend
    table: pd.DataFrame
    sheet: pd.DataFrame
    finest: int
    said: Sequence[str] = field(default=())

    @property
    def signs(self) -> dict[str, str]:
        """What stands beside the names of zones."""
        return {zone: area.sign for area in self.areas for zone in area.key.split("|") if area.sign}

    def holding(self, key: str) -> Area | None:
        """The area of a key, or else the one that holds the hexagon of that name; None if there is none."""
        return next((area for area in self.areas if area.key and area.holds(key)), None) if key else None
