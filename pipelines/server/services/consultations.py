"""Consultations: one answer for each person, who is told from others by a document and not known by it."""

from pipelines.server.consultations.routes import routes
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import TABLES
from pipelines.server.service import Service
from schemas.feeds import Text

SERVICE = Service(
    name="consultations",
    title=Text("Consultations", "Consultations"),
    paths=("/consultations/",),
    routes=routes,
    settings=ConsultationSettings,
    tables=TABLES,
    page=lambda *_: "/consultations/",
    # How many answers have come, as it goes, tells single answers by its differences.
    uncounted=True,
)
