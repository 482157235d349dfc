"""Signal Réseau: reports of network faults, by Open311 GeoReport v2 and on pages."""

from fastapi import APIRouter

from pipelines.server.context import Context
from pipelines.server.reports.desk import opened
from pipelines.server.reports.form import LARGEST_BODY
from pipelines.server.reports.interface import interface
from pipelines.server.reports.pages.resident import resident_pages
from pipelines.server.reports.pages.route import Pages, style_route
from pipelines.server.reports.pages.service import service_pages
from pipelines.server.reports.refusing import refusal_at
from pipelines.server.reports.settings import ReportsSettings
from pipelines.server.reports.tables import METADATA
from pipelines.server.service import Service
from schemas.feeds import Text
from schemas.server import ServiceSettings


def routes(context: Context, settings: ServiceSettings) -> APIRouter:
    """`/open311/v2` for programs, `/open311` for people; raises UsageError or SystemFailure."""
    if not isinstance(settings, ReportsSettings):
        raise TypeError("expected the settings of reports")
    pages = Pages(opened(context, settings))
    router = APIRouter()
    router.include_router(interface(pages.desk))
    router.include_router(style_route(pages))
    if settings.public:
        router.include_router(resident_pages(pages))
    router.include_router(service_pages(pages))
    return router


def page(context: Context, settings: ServiceSettings) -> str:
    """The page of residents where they may report, else that of the technical services."""
    return "/open311/report" if isinstance(settings, ReportsSettings) and settings.public else "/open311/"


SERVICE = Service(
    name="reports",
    title=Text("Network faults", "Signal Réseau"),
    paths=("/open311/",),
    routes=routes,
    settings=ReportsSettings,
    tables=METADATA,
    refusal=refusal_at,
    largest_body=LARGEST_BODY,
    page=page,
)
