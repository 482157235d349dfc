"""Pictures in a page with others: names that they give to parts of them must not be those of another picture."""

import re
from html import escape
from typing import Final

_ROOT: Final = re.compile(r"<svg\b")
_ID: Final = re.compile(r'\bid="([^"]+)"')
_USED: Final = re.compile(r'(url\(#|href="#)([^")]+)')


def inline(picture: str, name: str, alt: str) -> str:
    """The SVG with `name` before each identifier, and described to those who do not see it."""
    named = _ID.sub(rf'id="{name}-\1"', picture)
    used = _USED.sub(rf"\1{name}-\2", named)
    return _ROOT.sub(f'<svg role="img" aria-label="{escape(alt)}"', used, count=1)
