"""The released columns: their meaning in both languages, and their values as text."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.exports.cells import PerPart
from schemas.fields import Field
from schemas.indicators import INDICATORS

FRENCH: Final[dict[str, tuple[str, str]]] = {
    "window_start": ("Premier instant de la fenêtre.", "UTC"),
    "window_end": ("Premier instant après la fenêtre.", "UTC"),
    "zone_id": (
        "Zone la plus intérieure de la partie, ou `territory` ; des zones réunies sont jointes par `|`.",
        "",
    ),
    "cells": ("Cellules H3 de résolutions mêlées qui couvrent la partie, par ordre croissant.", "indice H3"),
    "age_band": (
        "Tranche d'âge, ou plusieurs jointes par `|`, `foreign` pour les appareils étrangers, `all` sans ventilation.",
        "ans",
    ),
    "spc": (
        "Catégorie socioprofessionnelle, ou plusieurs jointes par `|`, `foreign` pour les appareils étrangers, "
        "`all` sans ventilation.",
        "INSEE PCS 2020 niveau 1",
    ),
    "visitor_category": (
        "Catégorie de visiteur, ou plusieurs jointes par `|` : resident résident, excursionist excursionniste, "
        "tourist touriste, foreign excursionist excursionniste étranger, foreign tourist touriste étranger.",
        "",
    ),
    "origin": (
        "Lieu de résidence, ou plusieurs joints par `|` : commune si c'est une zone, sinon département ; `unknown` "
        "inconnu ; pays d'un appareil étranger.",
        "code INSEE ; ISO 3166-1 alpha-2",
    ),
    "dwell_band": ("Durée de présence dans la zone, ou plusieurs tranches jointes par `|`.", "borne basse incluse"),
    "arrival_hour": ("Heure locale d'arrivée dans la partie, ou plusieurs jointes par `|`.", "heure"),
    "origin_zone_id": ("Zone de départ, ou plusieurs jointes par `|`.", ""),
    "destination_zone_id": ("Zone d'arrivée, ou plusieurs jointes par `|` ; `all` : toutes.", ""),
    "distance_class": (
        "Distance entre les centres des deux parties, ou plusieurs classes jointes par `|` ; `all` : toutes.",
        "km",
    ),
    "devices": (
        "Appareils distincts dans la partie ; le nombre exact est comparé à k, le nombre publié est arrondi.",
        "appareils",
    ),
    "people": ("Nombre estimé de personnes que ces appareils représentent.", "personnes"),
    "people_low": ("Bas de l'intervalle autour de `people`.", "personnes"),
    "people_high": ("Haut de l'intervalle autour de `people`.", "personnes"),
    "additive": ("Les lignes d'une même fenêtre peuvent-elles être additionnées ?", ""),
}
"""By name: meaning and unit."""

EXPLAINED: Final = (
    "column / colonne",
    "meaning",
    "sens",
    "unit",
    "unité",
    "values / valeurs",
    "indicators / indicateurs",
)


def explained() -> list[tuple[str, ...]]:
    """One row for each released column, as EXPLAINED heads them."""
    found: dict[str, tuple[Field, list[str]]] = {}
    for indicator in INDICATORS.values():
        for field in indicator.table.fields:
            found.setdefault(field.name, (field, []))[1].append(indicator.name)
    return [_explained(field, names) for field, names in found.values()]


def text_columns(table: pa.Table, cells: PerPart[str]) -> dict[str, list[object]]:
    """The rows by column: instants in ISO 8601 with Z, cells as text, whole numbers without a fraction."""
    return {name: list(cells.of(table)) if name == "cells" else values(table[name]) for name in table.column_names}


def values(column: pa.ChunkedArray) -> list[object]:
    """The values of a column other than `cells`, ready to be written."""
    if pa.types.is_timestamp(column.type):
        # Windows begin on a full minute; a finer unit would be written with a fraction.
        column = pc.strftime(column.cast(pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%SZ")
    elif pa.types.is_floating(column.type) and pc.all(pc.equal(pc.round(column), column)).as_py():
        column = column.cast(pa.int64())
    listed: list[object] = column.to_pylist()
    return listed


def _explained(field: Field, indicators: list[str]) -> tuple[str, ...]:
    meaning, unit = FRENCH[field.name]
    used = "all / tous" if len(indicators) == len(INDICATORS) else ", ".join(indicators)
    return field.name, field.meaning, meaning, field.unit, unit, ", ".join(field.values), used
