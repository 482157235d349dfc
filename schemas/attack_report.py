"""The report of the battery, which `hexaflux attack` writes and the dashboard shows: its verdicts and its place."""

import os
from pathlib import Path
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["held", "known shortfall", "broken", "not attacked"]
"""What became of a release under an attack; a known shortfall is beyond a level, as far as a decision states it."""

Verdict: TypeAlias = Outcome | Literal["no evidence"]
"""The same of an attack; one that does not break a weak release is no evidence."""


Evidence: TypeAlias = Literal["shown", "untested", "check"]
"""What weak releases say of a level: that it can be missed, nothing, or that it is a test of the attack itself."""


def attack_report(release: Path) -> Path:
    """The JSON beside a release, since a release holds the files that its manifest lists and nothing else."""
    folder = Path(os.path.abspath(release))
    return folder.with_name(f"{folder.name}.attack.json")
