"""Where people were at one instant: the map, what its colours say, and the same as a table."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, queries
from dashboards.formats import unmarked
from dashboards.hexmap import BODY, SCRIPT, STYLE, hexagons, picture
from dashboards.mapframe import RAMP, frame_of, steps
from dashboards.texts import Text
from dashboards.view import View

WHERE: Final = Text("Where were they at {time}?", "Où étaient-elles à {time} ?")
MAP_ALT: Final = Text(
    "Map of {zone} at {time}: {parts} published areas; the table below has the same figures",
    "Carte de {zone} à {time} : {parts} secteurs publiés ; le tableau ci-dessous a les mêmes chiffres",
)
DENSITY: Final = Text("People per km², same colours all day", "Personnes par km², mêmes couleurs toute la journée")
UNDER: Final = Text("under {high}", "moins de {high}")
FROM: Final = Text("{low} and over", "{low} et plus")
RANGE: Final = Text("{low} to {high}", "{low} à {high}")
POOLED: Final = Text(
    "Hatched: one figure for several hexagons. The people may be anywhere in them.",
    "Hachuré : un seul chiffre pour plusieurs hexagones. Les personnes peuvent être partout dedans.",
)
GREY_AREA: Final = Text(
    "Grey: out of reach of the network, or nothing published at this time.",
    "Gris : hors d’atteinte du réseau, ou rien de publié à cette heure.",
)
OUTLINE: Final = Text("The zone", "La zone")
HEXAGON: Final = Text("1 hexagon", "1 hexagone")
HEXAGONS: Final = Text("{count} hexagons together", "{count} hexagones ensemble")
PER_KM2: Final = Text("{density} per km² over {area} km²", "{density} par km² sur {area} km²")
PEOPLE: Final = Text("{people} people ({between})", "{people} personnes ({between})")
REACHES_OUT: Final = Text("reaches beyond the zone", "dépasse la zone")
NOTHING_NOW: Final = Text("Nothing was published here at this time.", "Rien n’a été publié ici à cette heure.")
COLUMNS: Final = (
    Text("Area", "Secteur"),
    Text("Size", "Taille"),
    Text("People", "Personnes"),
    Text("Interval", "Intervalle"),
    Text("Devices", "Appareils"),
    Text("People per km²", "Personnes par km²"),
)


def show_map(view: View, moment: datetime) -> pd.DataFrame:
    """Show the published parts around the zone at a local instant; those of the zone as a table of texts."""
    frame = frame_of(view.zone)
    corners = {"west": frame.west, "south": frame.south, "east": frame.east, "north": frame.north}
    parts = view.ask(queries.PARTS, at=moment.astimezone(UTC).isoformat(), **corners)
    greatest = view.store.ask(queries.GREATEST_DENSITY, day=view.day.date.isoformat(), **corners)["density"].max()
    bounds = steps(float(greatest) if pd.notna(greatest) else 1.0)
    finest = int(view.store.ask(queries.FINEST)["resolution"].max())
    time = view.clock(moment)
    st.subheader(view.say(WHERE, time=time), anchor=False)
    if parts.empty:
        st.info(view.say(NOTHING_NOW), icon=":material/visibility_off:")
        return _table(view, parts, finest)
    map_column, key_column = st.columns([7, 3])
    with map_column:
        tips = [_tip(view, row, finest) for _, row in parts.iterrows()]
        alt = view.say(MAP_ALT, zone=view.zone.name, time=time, parts=len(parts))
        drawn = picture(parts, tips, bounds, view.zone, view.store.zones, finest, alt)
        # Declared on every run, as the registry of components is that of the session's server.
        component = st.components.v2.component("hexaflux_map", html=BODY, css=STYLE, js=SCRIPT)
        component(data={"picture": drawn}, key="map")
    with key_column:
        st.html(_key(view, bounds))
    return _table(view, parts, finest)


def _tip(view: View, row: pd.Series, finest: int) -> str:
    """What is said of a part that is pointed at."""
    lines = [
        view.area(row["zone_id"]),
        view.say(PEOPLE, people=view.number(row["people"]), between=view.between(row)),
        view.say(PER_KM2, density=_density(view, row), area=view.number(row["km2"], 1)),
        _size(view, row, finest),
    ]
    if row["touches"] and not row["inside"]:
        lines.append(view.say(REACHES_OUT))
    return "\n".join(lines)


def _size(view: View, row: pd.Series, finest: int) -> str:
    count = hexagons(row["cells"], finest)
    return view.say(HEXAGON) if count == 1 else view.say(HEXAGONS, count=view.number(count))


def _density(view: View, row: pd.Series) -> str:
    density = row["people"] / row["km2"]
    return view.number(density, 0 if density >= 10 else 1)


def _key(view: View, bounds: list[float]) -> str:
    """What the colours and the hatching stand for, the most people first."""
    written = [view.number(bound, 0 if bound >= 1 else 1) for bound in bounds]
    said = [
        view.say(UNDER, high=written[0]),
        *(view.say(RANGE, low=low, high=high) for low, high in pairwise(written)),
        view.say(FROM, low=written[-1]),
    ]
    colours = list(zip(RAMP, said, strict=False))[::-1]
    others = [
        (cards.HATCHED, view.say(POOLED)),
        ("#f4f5f7;outline:1px solid #9aa3af", view.say(GREY_AREA)),
        (f"none;outline:3px solid {cards.VERMILLION}", view.say(OUTLINE)),
    ]
    return cards.key(colours, view.say(DENSITY)) + cards.key(others, " ")


def _table(view: View, parts: pd.DataFrame, finest: int) -> pd.DataFrame:
    """The parts that have to do with the zone, as text, the most people first."""
    own = parts[parts["touches"]].sort_values(["people", "part"], ascending=[False, True])
    rows = [
        (
            unmarked(view.area(row["zone_id"])) + ("" if row["inside"] else f" ({view.say(REACHES_OUT)})"),
            _size(view, row, finest),
            view.number(row["people"]),
            view.between(row),
            view.number(row["devices"]),
            _density(view, row),
        )
        for _, row in own.iterrows()
    ]
    area, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[area, *others]).set_index(area)
