"""The list of MedNum Bourgogne-Franche-Comté: its columns, and each row in those of the standard."""

from datetime import date, datetime
from typing import Final

from pipelines.feeds.checking import shown
from pipelines.feeds.inclusion import half_days
from pipelines.feeds.inclusion.checks import UNKNOWN_PIVOT
from pipelines.feeds.inclusion.communes import Communes
from pipelines.feeds.inclusion.mednum_codes import Answer, coded
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.rows import Finding, Row
from schemas.feeds import Column, Source, Text

COLLECTED_BY: Final = "MedNum Bourgogne-Franche-Comté"
DASH: Final = "-"
SOURCE: Final = Source(
    "source",
    "The places, in the columns of MedNum Bourgogne-Franche-Comté (format mednum-bfc).",
    (
        Column("bfc_id", "Identifier.", required=True, unique=True),
        Column("mise_a_jour", "When the row was last checked, as in 05/03/2021.", pattern=r"\d\d/\d\d/\d{4}"),
        Column("lon", "Longitude, degrees, WGS 84.", "number", low=-180, high=180),
        Column("lat", "Latitude, degrees, WGS 84.", "number", low=-90, high=90),
        Column("adresse", "Number and street.", required=True),
        Column("code_postal", "Postal code.", required=True),
        Column("ville", "Commune.", required=True),
        Column("nom_structure", "Name of the place.", required=True),
        Column("url_lieu", "Web page."),
        Column("code_typo", "Kinds of place: M, I, T, O, F, TL."),
        Column("code_label", "Labels: APTIC, CTL, FTL, MSAP, MFS, NMM, DM, RIN."),
        Column("code_accomp", "Help: A, L, RDV, G, R."),
        *half_days.COLUMNS,
    ),
)
FIELDS: Final = {
    "id": "bfc_id",
    "nom": "nom_structure",
    "commune": "ville",
    "latitude": "lat",
    "longitude": "lon",
    "site_web": "url_lieu",
    "date_maj": "mise_a_jour",
}
"""The column that each of the standard comes from, where its name is another one."""


def texts(row: Row, spot: Spot, communes: Communes, updated: date | None) -> Answer:
    """A row in the columns of the standard; `updated` stands for a date that is missing."""
    found: dict[str, str] = {
        "id": str(row["bfc_id"]),
        "pivot": UNKNOWN_PIVOT,
        "nom": str(row["nom_structure"]),
        "code_postal": str(row["code_postal"]),
        "latitude": _number(row["lat"]),
        "longitude": _number(row["lon"]),
        "source": COLLECTED_BY,
    }
    wrong: list[Finding] = []
    answers = (
        _commune(row, spot, communes),
        _address(row, spot),
        _page(row, spot),
        _checked(row, spot, updated),
        coded(row, spot),
        _hours(row, spot),
    )
    for more, findings in answers:
        found |= more
        wrong += findings
    return found, wrong


def _commune(row: Row, spot: Spot, communes: Communes) -> Answer:
    written = str(row["ville"])
    commune = communes.named(written)
    if commune is None:
        latitude, longitude = row["lat"], row["lon"]
        if isinstance(latitude, float) and isinstance(longitude, float):
            commune = communes.resembling(written, latitude, longitude)
        if commune is None:
            expected = Text("a commune of the file of communes", "une commune du fichier des communes")
            return {"commune": written}, [spot.warning("ville", expected, shown(written))] if communes.by_code else []
        expected = Text(
            "the name of a commune; that of the commune of the point was taken",
            "le nom d’une commune\u202f; celui de la commune du point a été pris",
        )
    else:
        expected = Text(
            "the official spelling of the commune, which was taken",
            "l’orthographe officielle de la commune, qui a été prise",
        )
    found = {"commune": commune.name, "code_insee": commune.code}
    # Capitals alone are no mistake: all communes of the list are written in them.
    same = written.upper() == commune.name.upper()
    return found, [] if same else [spot.warning("ville", expected, shown(written))]


def _address(row: Row, spot: Spot) -> Answer:
    written = str(row["adresse"])
    single = " ".join(written.split())
    expected = Text("single spaces, which were written", "des espaces simples, qui ont été écrits")
    return {"adresse": single}, [] if single == written else [spot.warning("adresse", expected, shown(written))]


def _page(row: Row, spot: Spot) -> Answer:
    written = str(row["url_lieu"] or "")
    if not written or "://" in written:
        return {"site_web": written}, []
    expected = Text(
        "an address that begins with http:// or https://; http:// was put before it",
        "une adresse qui commence par http:// ou https://\u202f; http:// a été mis devant",
    )
    return {"site_web": f"http://{written}"}, [spot.warning("url_lieu", expected, shown(written))]


def _checked(row: Row, spot: Spot, updated: date | None) -> Answer:
    written = str(row["mise_a_jour"] or "")
    if written:
        try:
            return {"date_maj": datetime.strptime(written, "%d/%m/%Y").date().isoformat()}, []
        except ValueError:
            expected = Text("a date such as 05/03/2021", "une date, par exemple 05/03/2021")
            return {}, [spot.error("mise_a_jour", expected, shown(written))]
    if updated is None:
        expected = Text(
            "a date; updated in [feeds.inclusion] may stand for those that are missing",
            "une date\u202f; updated dans [feeds.inclusion] peut remplacer celles qui manquent",
        )
        return {}, [spot.error("mise_a_jour", expected)]
    expected = Text("a date; that of the whole list was taken", "une date\u202f; celle de toute la liste a été prise")
    return {"date_maj": updated.isoformat()}, [spot.warning("mise_a_jour", expected)]


def _hours(row: Row, spot: Spot) -> Answer:
    cells = {column.name: str(row[column.name] or "") for column in half_days.COLUMNS}
    try:
        text = half_days.hours(cells)
    except half_days.OutOfOrder as error:
        expected = Text(
            "an end after the beginning, and an afternoon after the morning",
            "une fin après le début, et un après-midi après le matin",
        )
        return {}, [spot.error(error.column, expected, shown(cells[error.column]))]
    expected = Text(
        "mornings that begin before noon, and afternoons that do not",
        "des matins qui commencent avant midi, et des après-midis qui commencent à midi ou plus tard",
    )
    wrong = [spot.warning(column, expected, shown(cells[column])) for column in half_days.misplaced(cells)]
    return {"horaires": text}, wrong


def _number(value: object) -> str:
    return repr(value) if isinstance(value, float) else ""
