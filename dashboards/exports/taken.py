"""What is taken away from a page: tables and pictures, and where they come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboards.states import STATES, State


@dataclass(frozen=True)
class Origin:
    """Where figures come from; every file that leaves the dashboard says it.

    `address`: that of the page, with all choices; it shows the same figures of the same release again. `k` is 0 where
    no people were counted.
    """

    release_id: str
    head: str
    address: str
    period: str
    k: int
    unit: str
    test: bool


@dataclass(frozen=True)
class Sheet:
    """A table: `frame` has plain columns, no index, and its `status` is the code of a state where it has one.

    A column `cells` (H3 cells as integers) gives the shape of each row; so do `longitude` and `latitude` (degrees).
    """

    name: str
    title: str
    frame: pd.DataFrame

    @property
    def placed(self) -> bool:
        """Whether its rows have shapes."""
        return "cells" in self.frame or {"longitude", "latitude"} <= set(self.frame.columns)


@dataclass(frozen=True)
class Picture:
    """A picture: `svg` draws it, when somebody asks for it."""

    name: str
    title: str
    svg: Callable[[], str]


@dataclass(frozen=True)
class Taken:
    """All that can be taken away from a page; `name` begins the names of the files, of letters, digits and hyphens.

    `states`: what the codes in `status` are of.
    """

    name: str
    origin: Origin
    sheets: Sequence[Sheet]
    pictures: Sequence[Picture] = ()
    states: Sequence[State] = STATES
