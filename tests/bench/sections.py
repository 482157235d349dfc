"""Sections of a page of the documentation, each written by a benchmark of its own."""

import re
from collections.abc import Sequence


def with_section(page: str, title: str, text: str) -> str:
    """The page with a section, `## title` and its text, in the place of an earlier one or at the end."""
    before, found, after = page.partition(f"## {title}\n")
    following = re.search(r"^## ", after, re.MULTILINE)
    rest = after[following.start() :] if found and following else ""
    section = f"## {title}\n\n{text.strip()}\n"
    return before.rstrip("\n") + "\n\n" + section + (f"\n{rest}" if rest else "")


def sections(page: str, titles: Sequence[str]) -> str:
    """Those sections of a page that have these titles, in its order, each after an empty line."""
    found = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    kept = [each.strip() for each in found if each.startswith("## ") and each[3:].split("\n", 1)[0] in titles]
    return "".join(f"\n{each}\n" for each in kept)
