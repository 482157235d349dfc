"""That every request counts at the rate of its address: also one that came to no service, and one that fits none."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.server.access import Access
from pipelines.server.refused import Refused

FREE: Final = ("/health", "/metrics")
"""Paths of whoever watches the server: they are answered however often others ask."""


class Counted:
    """Counts a request as its answer begins, unless a service did before; too many get the refusal for their path."""

    def __init__(self, app: ASGIApp, access: Access, refuse: Callable[[str, Refused], Response]) -> None:
        self._app, self._access, self._refuse = app, access, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        refused = False

        async def sent(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and scope["path"] not in FREE:
                try:
                    self._access.anyone(Request(scope))
                except Refused as error:
                    refused = True
                    await self._refuse(scope["path"], error)(scope, receive, send)
            if not refused:
                await send(message)

        await self._app(scope, receive, sent)
