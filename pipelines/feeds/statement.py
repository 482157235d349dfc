"""What a build states of itself: a manifest of every file, and a report of everything that was found wrong."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pipelines.feeds.rows import Finding

if TYPE_CHECKING:
    from pipelines.feeds.build import Build, Module

SCHEMA_VERSION: Final = 1


def report(built: "Build") -> list[dict[str, object]]:
    """All findings, those of what the feeds share first, without a feed."""
    of_feeds = [_reported(finding, module.feed.name) for module in built.modules for finding in module.findings]
    return [*(_reported(finding, None) for finding in built.shared), *of_feeds]


def _reported(finding: Finding, feed: str | None) -> dict[str, object]:
    """A finding as everybody may read it: what was found instead stays on the operator's screen."""
    return {
        "module": feed,
        "file": finding.file,
        "line": finding.line,
        "field": finding.field,
        "level": finding.level,
        "expected": finding.expected.as_json(),
    }


def manifest(built: "Build", written: Mapping[str, bytes]) -> dict[str, object]:
    """The town, the instant, each feed with its files, and the files that they share, by digest and size."""
    town = built.chosen.town
    return {
        "schema_version": SCHEMA_VERSION,
        "software": f"hexaflux {version('hexaflux')}",
        "town": {"id": town.id, "name": town.name},
        # As of a release: with [test] k may be too small to hide anybody.
        "test": built.chosen.policy.test,
        "at": built.at.isoformat(timespec="seconds"),
        "modules": [_stated(module, written, town.id) for module in built.modules],
        "files": _digests({path: data for path, data in written.items() if path.count("/") < 2}),
    }


def _stated(module: "Module", written: Mapping[str, bytes], town: str) -> dict[str, object]:
    under = f"{town}/{module.feed.name}/"
    valid_until = module.context.valid_until
    return {
        "name": module.feed.name,
        "title": module.title.as_json(),
        "standard": module.feed.standard,
        "updated": module.context.settings.updated and module.context.settings.updated.isoformat(),
        "valid_until": valid_until and valid_until.isoformat(timespec="seconds"),
        "rows": module.rows,
        "items": len(module.items),
        "refused": module.refused,
        "warnings": sum(finding.level == "warning" for finding in module.findings),
        "files": _digests({path: data for path, data in written.items() if path.startswith(under)}),
    }


def _digests(written: Mapping[str, bytes]) -> list[dict[str, object]]:
    return [
        {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(written.items())
    ]
