"""The page that residents read: one file in each language, which asks nobody for anything."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.feeds.build import Build


def pages(built: "Build") -> dict[str, bytes]:
    """The pages by file name."""
    return {}
