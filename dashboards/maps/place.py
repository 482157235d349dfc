"""Where people were at one instant: the map, what its colours say, and the same as a table."""

from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import texts
from dashboards.maps import hexmap, legend, parts
from dashboards.maps.area import Area
from dashboards.maps.legend import Legend
from dashboards.maps.mapframe import frame_of
from dashboards.maps.missing import missing
from dashboards.maps.parts import REACHES_OUT, Snapshot, snapshot
from dashboards.texts import Text
from dashboards.view import View

WHERE: Final = Text("Where were they at {time}?", "Où étaient-elles à {time} ?")
MAP_ALT: Final = Text(
    "Map of {zone} at {time}: {parts} published areas; the table below has the same figures",
    "Carte de {zone} à {time} : {parts} secteurs publiés ; le tableau ci-dessous a les mêmes chiffres",
)
DENSITY: Final = Text("People per km², same colours all day", "Personnes par km², mêmes couleurs toute la journée")
NOTHING_NOW: Final = Text("Nothing was published here at this time.", "Rien n’a été publié ici à cette heure.")
AT: Final = Text("at {time}", "à {time}")
POOLED_SHARE: Final = Text("{name}: {share} {means}.", "{name} : {share} {means}.")
COLUMNS: Final = (
    Text("Area", "Secteur"),
    Text("Size", "Taille"),
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    texts.OF_DEVICES,
    texts.OF_DENSITY,
    texts.OF_STATE,
)


def show_map(view: View, moment: datetime) -> pd.DataFrame:
    """Show the published parts around the zone at a local instant; those of the zone as a table of texts."""
    found = snapshot(view, moment)
    time = view.clock(moment)
    st.subheader(view.say(WHERE, time=time), anchor=False)
    if found.parts.empty:
        st.info(view.say(NOTHING_NOW), icon=":material/visibility_off:")
        return table(view, found)
    areas = with_missing(view, found)
    map_column, key_column = st.columns([7, 3])
    with map_column:
        alt = view.say(MAP_ALT, zone=view.zone.name, time=time, parts=len(found.parts))
        drawn = hexmap.picture(areas, view.zone, view.store.zones, found.finest, alt)
        # Declared on every run, as the registry of components is that of the session's server.
        component = st.components.v2.component("hexaflux_map", html=hexmap.BODY, css=hexmap.STYLE, js=hexmap.SCRIPT)
        component(data={"picture": drawn, "pick": False}, key="map")
    with key_column:
        st.html(legend.html(key_of(view, found, areas)))
        st.caption(pooled_share(view, found, moment))
    return table(view, found)


def standing(view: View, moment: datetime) -> str:
    """The map at a local instant as SVG that needs nothing else, with its labels and its key."""
    found = snapshot(view, moment)
    areas = with_missing(view, found)
    return hexmap.standing(areas, key_of(view, found, areas), view.zone, view.store.zones, found.finest)


def with_missing(view: View, found: Snapshot) -> list[Area]:
    """The published areas, upon those that have no figure."""
    return [*missing(view, frame_of(view.zone), found.areas, found.finest), *found.areas]


def key_of(view: View, found: Snapshot, areas: list[Area]) -> Legend:
    """What the colours and the marks of the map of an instant stand for."""
    return legend.density(view, DENSITY, found.bounds, areas)


def pooled_share(view: View, found: Snapshot, moment: datetime) -> str:
    """How many of the people are not in hexagons of their own at an instant, in words; nothing of nobody."""
    if found.pooled_share is None:
        return ""
    name, share = view.say(texts.POOLED_SHARE), view.percent(found.pooled_share)
    means = view.say(texts.POOLED_MEANS, when=view.say(AT, time=view.clock(moment)))
    return view.say(POOLED_SHARE, name=name, share=share, means=means)


def table(view: View, found: Snapshot, around: bool = False) -> pd.DataFrame:
    """The parts that have to do with the zone, as text, the most people first; `around`: then all others in view."""
    own = found.parts if around else found.parts[found.parts["touches"]]
    own = own.sort_values(["touches", "people", "part"], ascending=[False, False, True])
    rows = [
        (
            view.area(row["zone_id"]) + (f" ({view.say(REACHES_OUT)})" if row["touches"] and not row["inside"] else ""),
            parts.size(view, row["hexagons"]),
            view.number(row["people"]),
            view.between(row),
            view.number(row["devices"]),
            parts.density(view, row),
            view.say(row["state"].name),
        )
        for _, row in own.iterrows()
    ]
    area, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[area, *others]).set_index(area)
