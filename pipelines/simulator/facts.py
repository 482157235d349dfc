"""The facts about Dijon that the simulation starts from, as the files of `data/dijon` state them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

_FOLDER = "dijon"


@dataclass(frozen=True)
class Commune:
    """A commune: centre in degrees, inhabitants of the census, area."""

    code: str
    name: str
    latitude: float
    longitude: float
    population: float
    area_km2: float


@dataclass(frozen=True)
class Venue:
    """A place that people visit, a disc within one commune; `visits` is its share of the outings to venues.

    `small_cells` of the network stand in it.
    """

    zone_id: str
    name: str
    commune: str
    latitude: float
    longitude: float
    radius_m: float
    sensitive: bool
    festival: bool
    visits: float
    small_cells: int


@dataclass(frozen=True)
class Origin:
    """Where visitors come from: a commune or a country, how often, and what share of them stays overnight."""

    code: str
    mcc: int
    latitude: float
    longitude: float
    visitors: float
    overnight: float


@dataclass(frozen=True)
class Roaming:
    """What share of a country's visitors roam on this network, and how uncertain that is."""

    country: str
    share: float
    sd: float


@dataclass(frozen=True)
class Traits:
    """Shares of the bands and classes, in the order of the closed lists and without `unknown`.

    `likelihood` has a row for each age band and a column for each class, in any unit; `ownership` is the relative
    frequency of a phone by age band.
    """

    age_bands: Sequence[float]
    spc: Sequence[float]
    likelihood: Sequence[Sequence[float]]
    ownership: Sequence[float]


@dataclass(frozen=True)
class Facts:
    """All of them; `abroad` and `roaming` are in the same order."""

    communes: tuple[Commune, ...]
    venues: tuple[Venue, ...]
    domestic: tuple[Origin, ...]
    abroad: tuple[Origin, ...]
    roaming: tuple[Roaming, ...]
    traits: Traits


HOME_MCC = 208
"""Mobile country code of France (source: ITU-T E.212)."""


def read() -> Facts:
    """The facts that are installed with the package."""
    countries = _rows("countries.csv")
    return Facts(
        communes=tuple(_commune(row) for row in _rows("communes.csv")),
        venues=tuple(_venue(row) for row in _rows("venues.csv")),
        domestic=tuple(_origin(row, row["insee_code"], HOME_MCC) for row in _rows("origins.csv")),
        abroad=tuple(_origin(row, row["country"], int(row["mcc"])) for row in countries),
        roaming=tuple(Roaming(row["country"], float(row["roaming_share"]), float(row["sd"])) for row in countries),
        traits=_traits(json.loads(_text("people.json"))),
    )


def _text(name: str) -> str:
    return (files("data") / _FOLDER / name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_text(name))))


def _commune(row: Mapping[str, str]) -> Commune:
    place = (float(row["latitude"]), float(row["longitude"]))
    return Commune(row["insee_code"], row["name"], *place, float(row["population"]), float(row["area_km2"]))


def _venue(row: Mapping[str, str]) -> Venue:
    place = (float(row["latitude"]), float(row["longitude"]), float(row["radius_m"]))
    names = (row["zone_id"], row["name"], row["commune"])
    kinds = (row["sensitive"] == "true", row["festival"] == "true")
    return Venue(*names, *place, *kinds, float(row["visits"]), int(row["small_cells"]))


def _origin(row: Mapping[str, str], code: str, mcc: int) -> Origin:
    place = (float(row["latitude"]), float(row["longitude"]))
    return Origin(code, mcc, *place, float(row["visitors"]), float(row["overnight"]))


def _traits(content: Mapping[str, Mapping[str, float]]) -> Traits:
    likelihood: Mapping[str, Sequence[float]] = content["likelihood_of_spc_by_age"]  # type: ignore[assignment]
    return Traits(
        age_bands=tuple(content["age_bands"].values()),
        spc=tuple(content["spc"].values()),
        likelihood=tuple(tuple(row) for row in likelihood.values()),
        ownership=tuple(content["phone_ownership"].values()),
    )
