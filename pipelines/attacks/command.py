"""`hexaflux attack`: read what is attacked, attack it, and tell what was found."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from anonymization.entries import Language
from anonymization.manifest import read_chain
from pipelines.attacks.battery import attack
from pipelines.attacks.report.attacked import Attacked
from pipelines.attacks.report.page import to_html
from pipelines.attacks.report.text import to_text
from pipelines.attacks.report.values import to_json
from pipelines.attacks.sources import read_target
from pipelines.progress import Progress
from pipelines.verifying import write
from schemas.attack_report import attack_report


def run(release: Path, truth: Path, config: Path | None, seed: int, progress: Progress) -> Attacked:
    """Carry out the battery; whatever fails in an attack ends it.

    Raises UsageError for a release that is no test or that nothing reproduces, InputError for what cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="hexaflux-attack-") as scratch:
        target = read_target(release, truth, config, Path(scratch), progress)
        report = attack(replace(target, seed=seed), progress)
    last = read_chain(release)[-1]
    return Attacked(str(last.body["release_id"]), last.sha256, seed, report)


def told(attacked: Attacked, form: str, language: Language) -> str:
    """What was found as `text`, `json` or `html`; the last two are in both languages."""
    if form == "json":
        return json.dumps(to_json(attacked), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return to_html(attacked) if form == "html" else to_text(attacked, language)


def keep(attacked: Attacked, release: Path) -> Path:
    """Write what was found beside the release, for the dashboard; raises SystemFailure as the disk does."""
    path = attack_report(release)
    write(told(attacked, "json", "en"), path)
    return path
