"""Verifying a release for the command line: its report, or the draft of an impact assessment filled from it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from anonymization.atomic import write_bytes
from anonymization.audit import audit
from anonymization.dpia import dpia
from anonymization.entries import Language
from anonymization.report import to_html, to_json, to_text
from anonymization.verdict import Report
from schemas.errors import CheckFailed, SystemFailure, UsageError


@dataclass(frozen=True)
class Trust:
    """What an auditor brings: the operator's key, the SHA-256 of an entry seen before, whether tests are accepted."""

    public_key: Path | None = None
    seen: str | None = None
    allow_test: bool = False


def verified(release: Path, trust: Trust) -> Report:
    """The report on a release."""
    return audit(release, trust.public_key, trust.allow_test, trust.seen)


def refuse_inside(release: Path, report: Path) -> None:
    """Raise UsageError for a report that would be written into the release, under whatever name or link."""
    real = Path(os.path.realpath(report))
    # A link is replaced and not followed: where it stands counts as much as where it leads.
    places = (real, Path(os.path.realpath(report.parent)) / report.name)
    folders = {folder for place in places for folder in (place, *place.parents)}
    if any(folder.exists() and folder.samefile(release) for folder in folders):
        raise UsageError(
            f"--report {report}: expected a file outside of the release, found one inside {release}",
            "write the report elsewhere: a release holds the listed files and nothing else",
        )


def told(report: Report, form: str, language: Language) -> str:
    """A report as `text`, `json` or `html`; the last two are in both languages."""
    if form == "json":
        return json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n"
    return to_html(report) if form == "html" else to_text(report, language)


def assessment(release: Path, report: Report, language: Language) -> str:
    """The draft of an impact assessment; raises CheckFailed for a release that does not verify."""
    if not report.verdict:
        wrong = ", ".join(check.name for check in report.checks if not check.passed)
        raise CheckFailed(
            f"{release}: the release does not verify ({wrong})",
            f"hexaflux audit {release} says more; an assessment is filled from a sound release only",
        )
    return dpia(release, language)


def write(text: str, path: Path) -> None:
    """Write a report in one step; raises SystemFailure as the disk does."""
    try:
        write_bytes(path, text.encode())
    except OSError as error:
        message = f"{path}: the report cannot be written ({error.strerror})"
        raise SystemFailure(message, "give a file in a folder that is there and that you may write to") from None
