"""What stands in a release directory: every file with its SHA-256, and all that should not be there."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Inventory:
    """Files by path relative to the release, with `/`, and folders likewise; `oddities` are sentences."""

    root: Path
    sha256: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    oddities: list[str] = field(default_factory=list)


def take(release: Path) -> Inventory:
    """The inventory of a release. Nothing but regular files is opened, and no link is followed below the root."""
    inventory = Inventory(release)
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in _entries(inventory, folder):
            path = f"{folder}{entry.name}"
            if entry.is_symlink():
                inventory.oddities.append(f"{path} is a link")
            elif entry.is_dir(follow_symlinks=False):
                inventory.folders.add(path)
                pending.append(f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                _hash(inventory, path)
            else:
                inventory.oddities.append(f"{path} is neither a file nor a folder")
    return inventory


def _entries(inventory: Inventory, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(inventory.root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        inventory.oddities.append(f"{folder or 'the release'} cannot be listed ({error.strerror})")
        return []


def _hash(inventory: Inventory, path: str) -> None:
    try:
        with (inventory.root / path).open("rb") as file:
            inventory.sha256[path] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        inventory.oddities.append(f"{path} cannot be read ({error.strerror})")
