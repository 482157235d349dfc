"""Refusals as Open311 has them: an array of errors, each with a code and a description."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from pipelines.server.refused import Refused
from pipelines.server.reports.arriving import Wrong
from pipelines.server.reports.rendering import Tree, answer
from pipelines.server.reports.wording import told
from schemas.dates import Language

KEY: Final = 403
"""Of a key that is missing or wrong (source: GeoReport v2, Errors: always 403)."""


INTERFACE: Final = "/open311/v2/"
_TEXTS: Final[Mapping[int, str]] = {
    408: "Cela a pris trop de temps : réessayez, avec une photo plus petite.\n"
    "This took too long: try again, with a smaller photo.\n",
    413: "C’est trop grand : réessayez avec une photo de 10 Mio au plus.\n"
    "This is too large: try again with a photo of at most 10 MiB.\n",
    503: "Le serveur est occupé : réessayez.\nThe server is busy: try again.\n",
}


class Several(Refused):
    """A refusal for more than one reason."""

    def __init__(self, wrong: Sequence[Wrong], language: Language) -> None:
        super().__init__(wrong[0].status, "INVALID_ARGUMENT", wrong[0].text.en)
        self.wrong = tuple(wrong)
        self.language = language

    def told(self) -> list[tuple[int, str]]:
        """The statuses and what is said of them."""
        return [(each.status, told(each.text, self.language)) for each in self.wrong]


def refusal(refused: Refused, form: str = "xml") -> Response:
    """A refusal in a form; XML is the one that every client of Open311 reads."""
    status = KEY if refused.status == 401 else refused.status
    wrong = refused.told() if isinstance(refused, Several) else [(status, refused.message)]
    errors: Tree = [{"code": code, "description": description} for code, description in wrong]
    response = answer("errors", errors, form, status)
    response.headers.update(_kept(refused.headers))
    return response


def refusal_at(path: str, refused: Refused) -> Response:
    """A refusal before a request has reached its route: in the form of the path, and for people as a text."""
    if not path.startswith(INTERFACE):
        text = _TEXTS.get(refused.status, refused.message)
        return Response(text, refused.status, dict(refused.headers), "text/plain")
    return refusal(refused, "json" if path.endswith("json") else "xml")


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    # With 403 there is nothing to authenticate for.
    return {name: value for name, value in headers.items() if name.lower() != "www-authenticate"}
