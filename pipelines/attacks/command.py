"""`hexaflux attack`: read what is attacked, attack it, and tell what was found."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from anonymization.entries import DAY, Entry, Json, Language
from anonymization.manifest import read_chain
from anonymization.policy import policy_of
from anonymization.records import Software
from pipelines.attacks.battery import attack
from pipelines.attacks.report.attacked import Attacked, Conditions
from pipelines.attacks.report.page import to_html
from pipelines.attacks.report.text import to_text
from pipelines.attacks.report.values import to_json
from pipelines.attacks.sources import read_target
from pipelines.progress import Progress
from pipelines.software import software
from pipelines.verifying import write
from schemas.attack_report import attack_report


def run(release: Path, truth: Path, config: Path | None, seed: int, progress: Progress) -> Attacked:
    """Carry out the battery; whatever fails in an attack ends it.

    Raises UsageError for a release that is no test or that nothing reproduces, InputError for what cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="hexaflux-attack-") as scratch:
        target = read_target(release, truth, config, Path(scratch), progress)
        entries = read_chain(release)
        last, day = entries[-1], [each for each in entries if each.kind == DAY][-1]
        found = conditions(day, software())
        report = attack(replace(target, seed=seed), progress)
    return Attacked(str(last.body["release_id"]), last.sha256, seed, found, report)


def conditions(day: Entry, ours: Software) -> Conditions:
    """What the entry of a release's last privacy day states, and the software that attacks it."""
    policy, made = policy_of(day.block("policy"), test=True), day.block("software")
    return Conditions(
        k=policy.k,
        rounding=policy.rounding,
        rounding_hours=policy.rounding_hours,
        slot_minutes=int(str(day.block("time")["slot_minutes"])),
        made_by=_named(made["version"], made["commit"]),
        attacked_by=_named(ours.version, ours.commit),
    )


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


def _named(version: Json, commit: Json) -> str:
    """Software by its version, and by its commit where that is known."""
    return f"Hexaflux {version}" + (f" ({str(commit)[:12]})" if commit else "")
