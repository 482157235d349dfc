"""What the server says of itself: a page for people, its health, and its metrics."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Final

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pipelines.server.context import Context
from pipelines.server.service import Service
from pipelines.server.watched import Told
from schemas.feeds import Text
from schemas.server import ServiceSettings
from schemas.typography import set_in_french

_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}"
    "code{overflow-wrap:anywhere}a{color:#005a8f}@media(prefers-color-scheme:dark){a{color:#8ecbff}}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'none'"
_TITLE: Final = Text("What is served here", "Ce qui est servi ici")
_PROGRAMS: Final = Text("For programs: the OpenAPI document", "Pour les programmes : le document OpenAPI")
_OTHER: Final = Text(
    '<a href="/?lang=fr" lang="fr" hreflang="fr">Français</a>',
    '<a href="/?lang=en" lang="en" hreflang="en">English</a>',
)
_AS_TEXT: Final[dict[int | str, dict[str, object]]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


def routes(context: Context, services: Sequence[tuple[Service, ServiceSettings]], told: Told | None) -> APIRouter:
    """`/`, `/health` and, of a server that counts, `/metrics`."""
    router = APIRouter(tags=["server"])

    @router.get("/", operation_id="front", summary="What is served here", response_class=HTMLResponse)
    async def front(request: Request) -> Response:
        context.access.anyone(request)
        headers = {"content-security-policy": _POLICY, "vary": "accept-language"}
        return HTMLResponse(page(context, services, _language(request)), headers=headers)

    @router.get("/health", operation_id="health", summary="Whether the server and its database answer")
    def health() -> dict[str, str]:
        with context.store.reading() as connection:
            connection.execute(select(1))
            return {"status": "ok"}

    if told is not None:

        @router.get(
            "/metrics",
            operation_id="metrics",
            summary="Counts, for Prometheus",
            response_class=Response,
            responses=_AS_TEXT,
        )
        async def metrics() -> Response:
            """Counts of requests by route, for Prometheus."""
            return told.metrics()

    return router


def page(context: Context, services: Sequence[tuple[Service, ServiceSettings]], language: str) -> str:
    """The page in a language: each service with its paths, and a link where there is something for people."""
    town = escape(context.town.name) if context.town else "Hexaflux"
    listed = "".join(f"<li>{_listed(context, service, settings, language)}</li>" for service, settings in services)
    words = {name: _said(text, language) for name, text in (("title", _TITLE), ("programs", _PROGRAMS))}
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{town} – {words["title"]}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<main><h1>{town}</h1><p>{words['title']}</p><ul>{listed}</ul>"
        f'<p><a href="/openapi.json">{words["programs"]}</a></p><p>{_said(_OTHER, language)}</p></main></body></html>'
    )


def _listed(context: Context, service: Service, settings: ServiceSettings, language: str) -> str:
    title = escape(_said(service.title, language))
    paths = ", ".join(f"<code>{escape(path)}</code>" for path in service.paths)
    address = service.page(context, settings)
    return f'<a href="{escape(address)}">{title}</a> ({paths})' if address else f"{title} ({paths})"


def _said(text: Text, language: str) -> str:
    return set_in_french(text.fr) if language == "fr" else text.en


def _language(request: Request) -> str:
    """French, unless English is asked for, or preferred by the browser."""
    asked = request.query_params.get("lang")
    preferred = request.headers.get("accept-language", "").strip().lower()
    return "en" if asked == "en" or (asked != "fr" and preferred.startswith("en")) else "fr"
