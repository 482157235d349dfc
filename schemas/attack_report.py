"""Where the report of the attack battery stands, which `hexaflux attack` writes and the dashboard shows."""

import os
from pathlib import Path


def attack_report(release: Path) -> Path:
    """The JSON beside a release, since a release holds the files that its manifest lists and nothing else."""
    folder = Path(os.path.abspath(release))
    return folder.with_name(f"{folder.name}.attack.json")
