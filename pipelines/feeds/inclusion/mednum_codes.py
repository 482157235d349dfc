"""The codes of MedNum Bourgogne-Franche-Comté, and what they are in the standard."""

from collections.abc import Mapping
from typing import Final

from pipelines.feeds.checking import shown
from pipelines.feeds.inclusion import lists
from pipelines.feeds.inclusion.columns import SEPARATOR
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.rows import Finding, Row
from schemas.feeds import Text

_KINDS: Final = {
    "M": "Lieu de médiation publique",
    "I": "Lieu d’information et d’accès aux droits",
    "T": "Lieu de travail et de collaboration",
    "O": "Lieu de formation",
    "F": "Lieu de médiation et de fabrication",
    "TL": "Tiers-lieu",
}
_LABELS: Final = {
    "APTIC": "APTIC",
    "CTL": "Charte régionale des tiers-lieux",
    "FTL": "France Tiers-Lieux",
    "MSAP": "Maison de services au public",
    "MFS": "France Services",
    "NMM": "Nièvre médiation numérique",
    "DM": "Réseau Dijon métropole",
    "RIN": "Réseau inclusion numérique Chalon-Louhans",
}
_SUPPORT: Final = {
    "A": "En autonomie",
    "L": "Accompagnement individuel",
    "RDV": "Accompagnement individuel",
    "G": "Dans un atelier collectif",
    "R": "Atelier de réparation informatique",
}
Answer = tuple[dict[str, str], list[Finding]]
"""Texts by column of the standard, and what is wrong in those that they come from."""


def coded(row: Row, spot: Spot) -> Answer:
    """What the codes say; no kind of place nor repairs are in the standard's lists, so the summary names them."""
    kinds, wrong = _codes(row, spot, "code_typo", _KINDS)
    labels, more = _codes(row, spot, "code_label", _LABELS)
    support, others = _codes(row, spot, "code_accomp", _SUPPORT)
    shown = [*(_KINDS[code] for code in kinds), *(_SUPPORT["R"] for code in support if code == "R")]
    found = {
        "presentation_resume": ". ".join(shown) + "." if shown else "",
        "typologie": _joined(["TIERS_LIEUX"] * ("TL" in kinds) + ["MSAP"] * ("MSAP" in labels)),
        "dispositif_programmes_nationaux": "France Services" if "MFS" in labels else "",
        "autres_formations_labels": _joined([_LABELS[code] for code in labels if code != "MFS"]),
        "modalites_accompagnement": _joined([_SUPPORT[code] for code in support if _SUPPORT[code] in lists.SUPPORT]),
    }
    return found, [*wrong, *more, *others]


def _codes(row: Row, spot: Spot, column: str, known: Mapping[str, str]) -> tuple[list[str], list[Finding]]:
    written = [code.strip() for code in str(row[column] or "").split("-") if code.strip()]
    listed = ", ".join(known)
    expected = Text(f"one of {listed}", f"un code parmi {listed}")
    wrong = [spot.warning(column, expected, shown(code)) for code in written if code not in known]
    return [code.upper() for code in written if code.upper() in known], wrong


def _joined(values: list[str]) -> str:
    return SEPARATOR.join(dict.fromkeys(values))
