"""ZIP archives that are the same bytes for the same content."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def write_zip(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write an archive of named members in the order given, without a clock time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name, _NO_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            # Else the archive would say on which system it was made.
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
