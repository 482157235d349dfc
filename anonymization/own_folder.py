"""The folder of a person's own in which programs keep what may be forgotten."""

import os
from pathlib import Path


def usual_folder() -> Path | None:
    """The folder, made if need be, which nobody else may read; None where there can be none."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hexaflux" / "dashboard"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid():
            return None
        folder.chmod(0o700)
    except (OSError, RuntimeError):
        return None
    return folder
