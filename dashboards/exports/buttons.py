"""The button under every page from which its tables and pictures are taken away."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from dashboards import formats
from dashboards.exports import csv, geojson, pictures, xlsx
from dashboards.exports.taken import Origin, Sheet, Taken
from dashboards.texts import Text
from dashboards.view import View

TAKE: Final = Text("Take the figures away", "Emporter les chiffres")
ALL: Final = Text("All tables as one workbook", "Tous les tableaux en un classeur")
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def origin(view: View) -> Origin:
    """Where the figures of a page come from."""
    release, terms = view.store.release, view.day.terms
    period = f"{view.zone.name} · {view.period or formats.long_date(view.day.date, view.language)}"
    return Origin(release.release_id, release.head, view.address(), period, terms.k, view.unit, release.test)


def name_of_files(page: str, view: View, when: str = "") -> str:
    """How the names of files from a page begin: page, zone and day, or `when` where figures are not those of the day.

    `when` has letters, digits and hyphens.
    """
    zone = re.sub(r"[^A-Za-z0-9]+", "-", view.zone.zone_id).strip("-")
    return f"hexaflux-{page}-{zone}-{when or view.day.date.isoformat()}"


def offer(view: View, taken: Taken) -> None:
    """Show the button; what it offers is written when somebody asks for it, and not before."""
    with st.popover(view.say(TAKE), icon=":material/download:"):
        if taken.sheets:
            _button(view.say(ALL), f"{taken.name}.xlsx", _XLSX, partial(xlsx.write, taken, view.language), "xlsx")
        for sheet in taken.sheets:
            _sheet(taken, sheet)
        for picture in taken.pictures:
            name = f"{taken.name}-{picture.name}"
            _button(
                f"SVG · {picture.title}",
                f"{name}.svg",
                "image/svg+xml",
                partial(pictures.svg, picture, taken.origin),
                f"svg-{picture.name}",
            )
            _button(
                f"PNG · {picture.title}",
                f"{name}.png",
                "image/png",
                partial(pictures.png, picture, taken.origin),
                f"png-{picture.name}",
            )


def _sheet(taken: Taken, sheet: Sheet) -> None:
    name = f"{taken.name}-{sheet.name}"
    _button(
        f"CSV · {sheet.title}", f"{name}.csv", "text/csv", partial(csv.write, sheet, taken.origin), f"csv-{sheet.name}"
    )
    if sheet.placed:
        _button(
            f"GeoJSON · {sheet.title}",
            f"{name}.geojson",
            "application/geo+json",
            partial(geojson.write, sheet, taken.origin),
            f"geojson-{sheet.name}",
        )


def _button(label: str, file: str, mime: str, write: Callable[[], bytes], key: str) -> None:
    st.download_button(
        formats.unmarked(label), write, file, mime, key=f"take-{key}", on_click="ignore", width="stretch"
    )
