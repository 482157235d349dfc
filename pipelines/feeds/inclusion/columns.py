"""The 32 columns of the standard, v1.0.2, and the rules that its schema has for them or lacks."""

import re
from typing import Final

from pipelines.feeds.inclusion import lists
from pipelines.feeds.rows import Row
from schemas.feeds import Column, Source

SEPARATOR: Final = "|"
_ADDRESS: Final = r"[0-9A-Za-zÀ-ÖØ-öø-ÿœŒŸ\-,()°.&:+–|;'’/\s]+"
"""What the reference library of the national map accepts as a street."""


def _several(name: str, meaning: str, choices: tuple[str, ...]) -> Column:
    return Column(name, meaning, choices=choices, separator=SEPARATOR)


COLUMNS: Final = (
    Column("id", "Identifier of the place, unique in the file.", required=True, unique=True),
    Column(
        "pivot",
        "SIRET with a right check digit, or RNA, or overseas RIDET; 14 zeros stand for an unknown one.",
        required=True,
        pattern=r"[a-zA-Z0-9]{9,14}",
    ),
    Column("nom", "Name of the place.", required=True),
    Column("commune", "Commune.", required=True, pattern=r"[A-Za-z0-9À-ÖØ-öø-ÿœŒŸ\-'’\s]+"),
    Column("code_postal", "Postal code.", required=True, pattern=r"[0-9]{5}"),
    Column("code_insee", "INSEE code of the commune.", pattern=r"([013-9][0-9]|2[AB1-9])[0-9]{3}"),
    Column("adresse", "Number and street.", required=True, pattern=_ADDRESS),
    Column("complement_adresse", "Floor, entrance, place within the building."),
    Column("latitude", "Latitude, degrees, WGS 84; with a longitude or not at all.", "number", low=-90, high=90),
    Column("longitude", "Longitude, degrees, WGS 84; with a latitude or not at all.", "number", low=-180, high=180),
    _several("typologie", "Kinds of structure, codes of data.inclusion.", lists.KINDS),
    Column(
        "telephone",
        "Telephone, in the international form and without spaces.",
        "phone",
        pattern=r"\+(33|590|594|262|596|269|687|689|508|681)([1-9][0-9]{8}|[0-9]{6})",
    ),
    Column("courriels", "E-mail addresses of the place.", "email", separator=SEPARATOR),
    Column("site_web", "Web pages.", "url", separator=SEPARATOR),
    Column("horaires", "Opening hours in an ordinary week.", "hours"),
    Column("presentation_resume", "What the place is, in short.", longest=280),
    Column("presentation_detail", "What the place is."),
    Column("source", "Who collected the data."),
    _several("itinerance", "Whether the place is itinerant.", (lists.ITINERANT, lists.FIXED)),
    Column("structure_parente", "Network or body that it belongs to."),
    Column("date_maj", "When the row was last known to be right.", "date", required=True),
    _several("services", "What help there is.", tuple(lists.SERVICES)),
    _several("publics_specifiquement_adresses", "For whom in particular.", tuple(lists.FOR_WHOM)),
    _several("prise_en_charge_specifique", "Needs that are catered for.", tuple(lists.NEEDS)),
    _several("frais_a_charge", "What it costs.", tuple(lists.COST)),
    _several("dispositif_programmes_nationaux", "National programmes.", lists.PROGRAMMES),
    _several("formations_labels", "Training and labels of the list.", lists.LABELS),
    Column("autres_formations_labels", "Other training and labels."),
    _several("modalites_acces", "How to come by it.", tuple(lists.ACCESS)),
    _several("modalites_accompagnement", "In which form the help is given.", tuple(lists.SUPPORT)),
    Column("fiche_acces_libre", "Page about accessibility on Acceslibre.", "url"),
    Column("prise_rdv", "Page for appointments.", "url"),
)
PAGES: Final = ("fiche_acces_libre", "prise_rdv")
"""Columns whose addresses the reference library of the national map judges; a place with one that it cannot read is
lost to it as a whole."""
_READ: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(/[A-Za-z0-9+~,%@/._-]*)?(\?[A-Za-z0-9+=&;%@._-]*)?(#[A-Za-z0-9.!/_]*)?"
)
STANDARD: Final = Source("source", "The centres, in the columns of the standard.", COLUMNS)


def tidied(row: Row) -> Row:
    """A row without spaces around the separators of its lists: the schema takes none."""
    several = [column for column in COLUMNS if column.separator and row[column.name]]
    return row | {column.name: SEPARATOR.join(pieces(row, column.name)) for column in several}


def unreadable(row: Row) -> tuple[str, ...]:
    """The columns with an address that the reference library of the national map cannot read."""
    return tuple(name for name in PAGES if row[name] and not _READ.fullmatch(str(row[name])))


def pieces(row: Row, column: str) -> tuple[str, ...]:
    """The values of a column that may have several."""
    return tuple(piece.strip() for piece in str(row[column] or "").split(SEPARATOR) if piece.strip())
