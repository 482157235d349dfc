"""What the report says in plain words: what is hidden and why, how it was counted, how anybody verifies it."""

from collections.abc import Iterator
from html import escape
from typing import Final

from dashboards import queries
from dashboards.exports.taken import Origin
from dashboards.happening import figures, summary
from dashboards.happening.course import Course
from dashboards.texts import Text
from dashboards.view import View

HIDDEN: Final = Text("What is hidden, and why", "Ce qui est masqué, et pourquoi")
POOLED: Final = Text(
    "Nothing is published of fewer than {k} {unit}: smaller places and classes are counted together with neighbours, "
    "so that nobody can be found. Of the people counted here during this time, {share} are in such joint areas (pooled "
    "share). Nobody is lost, and what is hidden is not zero.",
    "Rien n’est publié sur moins de {k} {unit} : les lieux et les classes plus petits sont comptés avec des voisins, "
    "pour que personne ne puisse être retrouvé. Parmi les personnes comptées ici pendant ce temps, {share} sont dans "
    "de tels secteurs communs (part regroupée). Personne n’est perdu, et ce qui est masqué n’est pas zéro.",
)
POOLED_NOTHING: Final = Text(
    "Nothing is published of fewer than {k} {unit}: smaller places and classes are counted together with neighbours, "
    "so that nobody can be found. Presence by slot is not published here. What is hidden is not zero.",
    "Rien n’est publié sur moins de {k} {unit} : les lieux et les classes plus petits sont comptés avec des voisins, "
    "pour que personne ne puisse être retrouvé. La présence par créneau n’est pas publiée ici. Ce qui est masqué "
    "n’est pas zéro.",
)
GAPS: Final = Text(
    "In {slots} the zone has no figure of its own; averages are those of the others.",
    "Dans {slots} la zone n’a pas de chiffre propre ; les moyennes sont celles des autres.",
)
SILENT: Final = Text(
    "In {slots} a radio cell was silent or out: people may be missing.",
    "Dans {slots} une cellule radio était muette ou en panne : des personnes peuvent manquer.",
)
UNCOVERED: Final = Text(
    "{share} of the hexagons of the zone are out of reach of the network.",
    "{share} des hexagones de la zone sont hors d’atteinte du réseau.",
)
COUNTED: Final = Text("How it was counted, and what it cannot tell", "Comment on a compté, et ce que cela ne dit pas")
HOW: Final = Text(
    "Counted are the signals that mobile phones exchange with the antennas of one operator, without what is said or "
    "written, and without names. Devices become people by the operator’s share of the population. A phone is placed by "
    "the reach of its antenna, to some hundred metres. Those who came stayed at least 15 minutes.",
    "On compte les signaux que les téléphones échangent avec les antennes d’un opérateur, sans ce qui est dit ou "
    "écrit, et sans les noms. Les appareils deviennent des personnes d’après la part de l’opérateur dans la "
    "population. Un téléphone est situé par la portée de son antenne, à quelques centaines de mètres. Venir, c’est "
    "rester 15 minutes.",
)
LIMITS: Final = Text(
    "The intervals cover chance and rounding, not a wrong share of the operator, nor a bias of the positions. Two "
    "figures whose intervals overlap do not differ for sure. People without a phone are counted by those like them. "
    "The first two hours of a day and the small hours are lower bounds. How many different people came between two "
    "hours, or over several days, is not published.",
    "Les intervalles couvrent le hasard et l’arrondi, ni une part d’opérateur fausse, ni un biais des positions. Deux "
    "chiffres dont les intervalles se recouvrent ne diffèrent pas à coup sûr. Ceux qui n’ont pas de téléphone sont "
    "comptés d’après leurs semblables. Les deux premières heures d’un jour et le cœur de la nuit sont des minimums. Le "
    "nombre de personnes différentes entre deux heures, ou sur plusieurs jours, n’est pas publié.",
)
VERIFY: Final = Text("How anybody verifies it", "Comment chacun peut le vérifier")
HOW_TO: Final = Text(
    "With a copy of the release, and without raw data, this command verifies its signatures and all of its rules:",
    "Avec une copie de la publication, sans données brutes, cette commande en vérifie les signatures et toutes les "
    "règles :",
)
HEAD: Final = Text("The last entry of its manifest must be", "La dernière entrée de son manifeste doit être")
ADDRESS: Final = Text(
    "Where the dashboard of this release runs, this address shows the same figures again:",
    "Là où tourne le tableau de bord de cette publication, cette adresse montre à nouveau ces chiffres :",
)


def sections(view: View, course: Course, origin: Origin) -> Iterator[str]:
    """The sections, as HTML."""
    yield _section(view.say(HIDDEN), [escape(" ".join(hidden(view, course)))])
    yield _section(view.say(COUNTED), [escape(view.say(HOW)), escape(view.say(LIMITS))])
    command = f"hexaflux audit {view.store.release.root.name or 'RELEASE'}{' --allow-test' if origin.test else ''}"
    verify = [
        f"{escape(view.say(HOW_TO))} <code>{escape(command)}</code>",
        f"{escape(view.say(HEAD))} <code>{escape(origin.head)}</code>",
        f"{escape(view.say(ADDRESS))} <code>{escape(origin.address)}</code>",
    ]
    yield _section(view.say(VERIFY), verify)


def hidden(view: View, course: Course) -> Iterator[str]:
    """What is hidden or missing, in sentences."""
    share = None if view.zone.sensitive else summary.pooled_share(view, course)
    yield view.say(POOLED_NOTHING) if share is None else view.say(POOLED, share=view.percent(share))
    found = figures.told(course.during)
    if share is not None and found.missing:
        yield view.say(GAPS, slots=view.slots(found.missing, found.all))
    if found.degraded:
        yield view.say(SILENT, slots=view.slots(found.degraded, found.all))
    covered = view.store.ask(queries.COVERAGE, zone=view.zone.zone_id)["covered"]
    if len(covered) and not covered.all():
        yield view.say(UNCOVERED, share=view.percent(1 - float(covered.mean())))


def _section(title: str, paragraphs: list[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(f'<p>{each}</p>' for each in paragraphs)}</section>"
