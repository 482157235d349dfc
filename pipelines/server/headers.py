"""The headers of every answer: nothing is guessed, framed, kept or sent on unless a service says otherwise."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
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


class Echoing:
    """Gives back the headers of a request that its path echoes, with every answer: also with one of no route.

    `echoed` gives for a path the names, each with the regular expression that its value has to have.
    """

    def __init__(self, app: ASGIApp, echoed: Callable[[str], Mapping[str, str]]) -> None:
        self._app, self._echoed = app, echoed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        given, forms = Headers(scope=scope), self._echoed(scope["path"])
        back = {name: given[name] for name, form in forms.items() if re.fullmatch(form, given.get(name, "\n"))}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(back)
            await send(message)

        await self._app(scope, receive, sent)


def _harden(headers: MutableHeaders) -> None:
    if "content-security-policy" in headers:
        headers.append("content-security-policy", ALWAYS)
    for name, value in DEFAULTS.items():
        headers.setdefault(name, value)
