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


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    # With 403 there is nothing to authenticate for.
    return {name: value for name, value in headers.items() if name.lower() != "www-authenticate"}
