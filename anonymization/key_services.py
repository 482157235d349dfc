"""Which key service a working directory uses."""

from collections.abc import Sequence
from pathlib import Path

from anonymization.command_keys import CommandKeys
from anonymization.key_service import KeyService
from anonymization.keys import KeyStore


def key_service(directory: Path, test_key: str | None, command: Sequence[str] | None, folder: Path) -> KeyService:
    """What keeps the open day keys of `directory`, the folder `keys` of a working directory.

    That is the program `command`, run in `folder`, where there is one; else files, in memory if possible. Raises
    ValueError for both a `test_key` and a `command`, UsageError for a malformed `test_key`.
    """
    if command and test_key is not None:
        raise ValueError("a test key is not kept by a key service")
    return CommandKeys(directory, tuple(command), folder) if command else KeyStore(directory, test_key, in_memory=True)
