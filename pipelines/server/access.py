"""Who may ask what: a client proves itself by its API key, or by a token that it got for its secret."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request


@dataclass(frozen=True)
class Client:
    """A program that was let in: its name, and the scopes that it was given, such as `population-density-data:read`."""

    name: str
    scopes: frozenset[str]


class Access(Protocol):
    """How a service asks whether a request may be carried out, which counts it against the client's rate.

    A request that no service asks about is counted by its address, unless its path is for whoever watches the server.
    """

    def needs(self, request: Request, scope: str, key: str = "") -> Client:
        """The client of a request that has the scope; `key` is an API key that came in the body (Open311).

        Raises Refused: 401 for no proof or a wrong one, 403 for a scope that was not given, 429 for too many requests.
        """
        ...

    def anyone(self, request: Request) -> None:
        """Count a request that needs no proof; raises Refused with 429 for too many of one address.

        A request that was counted already is not counted again.
        """
        ...

    def address(self, request: Request) -> bytes:
        """What tells the address of a request from others until the server ends: a hash, the same for a household."""
        ...
