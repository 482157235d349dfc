"""The page of the method: what the words mean, what figures cannot tell, what is never shown, and for whom it works."""

from collections.abc import Sequence
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, formats, slots, tables
from dashboards.baseline import MOST_DAYS
from dashboards.definitions import COMPARED, COUNTED, NOISED, NOT_NOISED, NOT_ROUNDED, PROTECTED, ROUNDED, Definition
from dashboards.page import Page
from dashboards.states import STATES
from dashboards.texts import Text
from dashboards.view import View

MINUTE: Final = 60_000_000
"""Microseconds."""

WHAT: Final = Text("What is counted", "Ce qui est compté")
COMPARISON: Final = Text("What is compared", "Ce qui est comparé")
PROTECTION: Final = Text("How people are protected", "Comment les personnes sont protégées")
LOOKS: Final = Text("Where there is no plain figure", "Là où il n’y a pas de chiffre simple")
LIMITS: Final = Text("What the figures cannot tell", "Ce que les chiffres ne peuvent pas dire")
MISSING: Final = Text("What the pages do not have", "Ce que les pages n’ont pas")
NEVER: Final = Text("What is never shown", "Ce qui n’est jamais montré")
ACCESS: Final = Text("Accessibility", "Accessibilité")
GLOSSARY: Final = Text("Words in both languages", "Les mots dans les deux langues")
SOURCES: Final = Text("Sources", "Sources")
NUMBERS_OF: Final = Text(
    "The numbers here are those of {day}: a release may change them from one day to the next.",
    "Les nombres donnés ici sont ceux du {day} : une publication peut les changer d’un jour à l’autre.",
)

CANNOT: Final = (
    Text(
        "Only one operator’s customers, and visitors on its network, are seen. Where customers differ from others of "
        "the same municipality and age, so do figures; no interval covers that.",
        "Seuls les clients d’un opérateur, et les visiteurs sur son réseau, sont vus. Là où les clients diffèrent des "
        "autres habitants de même commune et de même âge, les chiffres aussi ; aucun intervalle ne couvre cela.",
    ),
    Text(
        "Positions are estimated from radio cells. They can be wrong by hundreds of metres, in the country by "
        "kilometres: a small place beside a busy one gets a share of its people.",
        "Les positions sont estimées d’après les cellules radio. Elles peuvent être fausses de centaines de mètres, à "
        "la campagne de kilomètres : un petit lieu près d’un lieu fréquenté reçoit une part de ses gens.",
    ),
    Text(
        "The first two hours of a day and the small hours are lower bounds: phones are switched off, and nothing links "
        "two days.",
        "Les deux premières heures d’un jour et le cœur de la nuit sont des minimums : des téléphones sont éteints, et "
        "rien ne relie deux jours.",
    ),
    Text(
        "Age, occupation and home are those that the operator’s register states of the holder of the line, who may not "
        "be the one who carries the phone.",
        "L’âge, la profession et le domicile sont ceux du titulaire de la ligne, qui n’est pas toujours celui qui "
        "porte le téléphone.",
    ),
    Text(
        "People over several days are not counted as different people: only days of presence are.",
        "Les personnes différentes sur plusieurs jours ne sont pas comptées : seules le sont les journées de présence.",
    ),
    Text(
        "Figures have been compared with simulated towns, and not with real counts.",
        "Les chiffres ont été comparés à des villes simulées, et non à des comptages réels.",
    ),
)

LACKING: Final = (
    Text(
        "how many people live in a zone, beside those who came: a release holds no census",
        "combien de personnes habitent une zone, à côté de celles qui sont venues : une publication ne contient pas de "
        "recensement",
    ),
    Text(
        "the median stay by hour of arrival: where hours or bands are merged, it is not known",
        "la durée médiane selon l’heure d’arrivée : là où des heures ou des tranches sont réunies, elle est inconnue",
    ),
    Text(
        "flows as a Sankey diagram: they are a map, a matrix and a table",
        "les flux en diagramme de Sankey : ils sont une carte, une matrice et un tableau",
    ),
)

NOT_SHOWN: Final = (
    Text(
        "a person, a phone or a line, or an identifier of one",
        "une personne, un téléphone ou une ligne, ni un identifiant",
    ),
    Text(
        "a path of anybody over the day, or from one day to the next",
        "le parcours de quelqu’un, dans la journée ou d’un jour à l’autre",
    ),
    Text("a figure of fewer than {k} {unit}", "un chiffre de moins de {k} {unit}"),
    Text("whether a place that is counted with others was empty", "si un lieu compté avec d’autres était vide"),
    Text(
        "a sensitive place (hospital, place of worship) by time, age or origin",
        "un lieu sensible (hôpital, lieu de culte) par heure, âge ou origine",
    ),
    Text(
        "people who objected: they are dropped before counting",
        "les personnes qui s’y opposent : elles sont écartées avant tout comptage",
    ),
)

ACCESSIBLE: Final = (
    Text(
        "Every chart and map has a text alternative and the same figures as a table below it, which the keyboard "
        "reaches. Colour is never the only sign: pools are hatched, silent cells striped, missing data dotted.",
        "Chaque graphique et chaque carte a un texte de remplacement et les mêmes chiffres en tableau, que le clavier "
        "atteint. La couleur n’est jamais le seul signe : hachures, rayures et points disent les états.",
    ),
    Text(
        "The interactive map is not accessible to the keyboard and to screen readers. The way round: its accessible "
        "version, whose areas are walked through with the arrow keys, the list of areas beside it, and the table.",
        "La carte interactive n’est pas accessible au clavier ni aux lecteurs d’écran. À la place : sa version "
        "accessible, dont on parcourt les secteurs avec les flèches, la liste des secteurs à côté, et le tableau.",
    ),
    Text(
        "Colours of charts and maps can be told apart by most people who are colour-blind (Okabe-Ito, ColorBrewer); "
        "text is meant to have a contrast of 4.5 to 1, in light and in dark.",
        "Les couleurs des graphiques et des cartes se distinguent pour la plupart des daltoniens (Okabe-Ito, "
        "ColorBrewer) ; le texte vise un contraste de 4,5 pour 1, en clair comme en sombre.",
    ),
    Text(
        "Pages are checked by machine, in a browser. No person who uses a screen reader has tested them, and no "
        "complete RGAA audit was made: conformity is not claimed.",
        "Les pages sont vérifiées par machine, dans un navigateur. Aucune personne utilisant un lecteur d’écran ne les "
        "a testées, et aucun audit RGAA complet n’a été fait : la conformité n’est pas revendiquée.",
    ),
)

CITED: Final = (
    Text(
        "This release: its manifest, and its statement in words (page “Privacy & audit”)",
        "Cette publication : son manifeste, et son énoncé en mots (page « Confidentialité & audit »)",
    ),
    Text("Hexagons: H3, a grid of the Earth (h3geo.org)", "Hexagones : H3, une grille de la Terre (h3geo.org)"),
    Text("Age and groups: INSEE, PCS 2020, level 1", "Âge et catégories : INSEE, PCS 2020, niveau 1"),
    Text(
        "Positions: Tennekes and Gootzen, Bayesian location estimation of mobile devices, 2021",
        "Positions : Tennekes et Gootzen, Bayesian location estimation of mobile devices, 2021",
    ),
    Text("Everything exactly: docs/method.md of Hexaflux", "Tout, exactement : docs/method.md de Hexaflux"),
)

COLUMNS: Final = (Text("Français", "Français"), Text("English", "English"))


def render(view: View) -> None:
    """Show the page."""
    st.caption(view.say(NUMBERS_OF, day=formats.long_date(view.day.date, view.language)))
    _define(view, WHAT, COUNTED)
    _define(view, COMPARISON, COMPARED)
    _define(view, PROTECTION, _protected(view))
    st.subheader(view.say(LOOKS), anchor=False)
    said = [state.explained(view.language) for state in STATES]
    st.html(cards.key([(state.look, text) for state, text in zip(STATES, said, strict=True)], " "))
    for title, lines in ((LIMITS, CANNOT), (MISSING, LACKING), (NEVER, NOT_SHOWN), (ACCESS, ACCESSIBLE)):
        _list(view, title, lines)
    st.subheader(view.say(GLOSSARY), anchor=False)
    tables.show(glossary(view))
    _list(view, SOURCES, CITED)


def glossary(view: View) -> pd.DataFrame:
    """The defined words, and the names of the states, in both languages."""
    words = [each.word for each in (*COUNTED, *COMPARED, *_protected(view))] + [state.name for state in STATES]
    french, english = (column.en for column in COLUMNS)
    return pd.DataFrame([(word.fr, word.en) for word in words], columns=[french, english]).set_index(french)


def numbers(view: View) -> dict[str, object]:
    """The numbers of the day that definitions speak of, beside those that every text may."""
    terms = view.day.terms
    return {
        "slot": terms.slot // MINUTE,
        "start": view.clock(slots.starts(view.day)[0]),
        "rounding": terms.rounding,
        "share": view.percent(terms.max_share),
        "days": MOST_DAYS,
    }


def _protected(view: View) -> tuple[Definition, ...]:
    """What protects the figures of the day."""
    terms = view.day.terms
    return (*PROTECTED, ROUNDED if terms.rounding else NOT_ROUNDED, NOISED if terms.dp else NOT_NOISED)


def _define(view: View, title: Text, definitions: Sequence[Definition]) -> None:
    st.subheader(view.say(title), anchor=False)
    known = numbers(view)
    said = "".join(
        f"<dt>{escape(view.say(each.word))}</dt><dd>{escape(view.say(each.meaning, **known))}</dd>"
        for each in definitions
    )
    st.html(f'{STYLE}<dl class="hx-words">{said}</dl>')


def _list(view: View, title: Text, lines: Sequence[Text]) -> None:
    st.subheader(view.say(title), anchor=False)
    st.html(f'<ul class="hx-list">{"".join(f"<li>{escape(view.say(line))}</li>" for line in lines)}</ul>')


STYLE: Final = """<style>
.stApp dl.hx-words {display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.6rem 1.4rem;margin:.2rem 0 1rem;padding:0;
  max-width:62rem}
.hx-words dt {font-weight:650;color:var(--hx-ink)}
.hx-words dd {margin:0;color:var(--hx-text)}
.stApp ul.hx-list {max-width:62rem;color:var(--hx-text);padding-left:1.2rem}
.hx-list li {margin:.3rem 0}
@media (max-width: 40rem) { .stApp dl.hx-words {grid-template-columns:1fr;gap:.1rem} .hx-words dd {margin-bottom:.7rem} }
</style>"""

PAGE = Page("method", Text("Method", "Méthode"), ":material/menu_book:", 9, render, frozenset())
