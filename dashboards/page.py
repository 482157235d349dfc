"""What a page is; every module of `dashboards.pages` declares one as PAGE."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from dashboards import pages
from dashboards.store import Store
from dashboards.texts import Text
from dashboards.view import View


@dataclass(frozen=True)
class Page:
    """A page: its name in the address, its title and icon, its place among the pages, and how it is shown.

    `asks`: what the reader chooses above it, of `zone`, `day`, `event` and `baseline`. `period`: the days in words that
    its figures are of, "" for the day. `presence`: whether it shows presence, which a silent mast takes people from.
    `counted`: whether its figures are of the release, and thus of people who were counted.
    `compares`: whether what it is asked for now can be compared with anything.
    """

    path: str
    title: Text
    icon: str
    place: int
    render: Callable[[View], None]
    asks: frozenset[str] = frozenset({"zone", "day"})
    period: Callable[[View], str] | None = None
    presence: bool = True
    counted: bool = True
    compares: Callable[[Store], bool] = lambda _: True


def all_pages() -> list[Page]:
    """The pages in order; the first is shown where the address names none."""
    modules = (
        importlib.import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)
    )
    return sorted((module.PAGE for module in modules), key=lambda page: page.place)
