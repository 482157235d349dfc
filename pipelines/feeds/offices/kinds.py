"""Kinds of services in the directory, grouped as residents look for them."""

from collections.abc import Mapping
from typing import Final

from schemas.feeds import Text

OTHER: Final = Text("Other services", "Autres services")
_TOWN: Final = Text("Town halls and local authorities", "Mairies et collectivités")
_HELP: Final = Text("Help with formalities", "Aide aux démarches")
_STATE: Final = Text("State services", "Services de l’État")
_TAX: Final = Text("Taxes", "Impôts")
_WORK: Final = Text("Work", "Emploi")
_SOCIAL: Final = Text("Social security and family", "Sécurité sociale et famille")
_LAW: Final = Text("Justice and law", "Justice et droit")
_SAFETY: Final = Text("Police and gendarmerie", "Police et gendarmerie")
_HOMES: Final = Text("Housing", "Logement")

_KINDS: Final[Mapping[str, Text]] = {
    "mairie": _TOWN,
    "mairie_com": _TOWN,
    "epci": _TOWN,
    "cg": _TOWN,
    "cr": _TOWN,
    "msap": _HELP,
    "point_justice": _LAW,
    "prefecture": _STATE,
    "sous_pref": _STATE,
    "ddt": _STATE,
    "rectorat": _STATE,
    "sip": _TAX,
    "sie": _TAX,
    "tresorerie": _TAX,
    "pole_emploi": _WORK,
    "france_travail": _WORK,
    "mission_locale": _WORK,
    "caf": _SOCIAL,
    "cpam": _SOCIAL,
    "carsat": _SOCIAL,
    "msa": _SOCIAL,
    "ccas": _SOCIAL,
    "ti": _LAW,
    "tgi": _LAW,
    "commissariat_police": _SAFETY,
    "gendarmerie": _SAFETY,
    "adil": _HOMES,
}


def kind(code: str) -> Text:
    """What a `type_service_local` stands under; a code that is not known is another service."""
    return _KINDS.get(code, OTHER)
