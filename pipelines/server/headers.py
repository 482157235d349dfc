"""The headers of every answer: nothing is guessed, framed, kept or sent on unless a service says otherwise."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
"""A policy that also holds beside the one of a page: a browser obeys both."""
DEFAULTS: Final = {
    "content-security-policy": f"default-src 'none'; form-action 'none'; {ALWAYS}",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Hardened:
    """Gives an answer each header of DEFAULTS that it lacks; HSTS is the proxy's, which knows of TLS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                _harden(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, sent)


def _harden(headers: MutableHeaders) -> None:
    if "content-security-policy" in headers:
        headers.append("content-security-policy", ALWAYS)
    for name, value in DEFAULTS.items():
        headers.setdefault(name, value)
