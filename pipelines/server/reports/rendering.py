"""A tree as XML or as JSON: by the Spark convention a list holds children of one kind. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, TypeAlias

from starlette.responses import Response

Tree: TypeAlias = "bool | int | float | str | Sequence[Tree] | Mapping[str, Tree] | None"

FORMATS: Final = {"xml": "text/xml", "json": "application/json"}

_CHILD: Final = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
_UNSAID: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say."""


def answer(root: str, tree: Tree, form: str, status: int = 200) -> Response:
    """The answer in a form of FORMATS; `root` is the outermost element of XML."""
    body = xml(root, tree) if form == "xml" else json.dumps(tree, ensure_ascii=False)
    # Starlette adds the charset to text/ only.
    return Response(body.encode(), status, {"content-type": f"{FORMATS[form]}; charset=utf-8"})


def xml(root: str, tree: Tree) -> str:
    """A document of XML."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, tree)}\n'


def _element(name: str, tree: Tree) -> str:
    if tree is None:
        return f"<{name}/>"
    return f"<{name}>{_content(name, tree)}</{name}>"


def _content(name: str, tree: Tree) -> str:
    if isinstance(tree, bool):
        return str(tree).lower()
    if isinstance(tree, str):
        return escape(_UNSAID.sub("\ufffd", tree), quote=False)
    if isinstance(tree, Mapping):
        return "".join(_element(key, value) for key, value in tree.items())
    if isinstance(tree, Sequence):
        return "".join(_element(_CHILD[name], each) for each in tree)
    return str(tree)
