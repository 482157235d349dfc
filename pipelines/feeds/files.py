"""The files of a source: their bytes and their text."""

import codecs
import io
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Final

from schemas.errors import InputError, SystemFailure

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a source: feeds of a town are small, and all of a source is held in memory."""

_DAMAGED: Final = (
    zipfile.BadZipFile,
    NotImplementedError,  # a way to compress that Python does not have
    RuntimeError,  # a password is asked for
    zlib.error,
    lzma.LZMAError,
    OSError,  # of bzip2; the file itself has been read by then
    EOFError,
)
"""What `zipfile` raises of bytes that it cannot read: each way to compress has an error of its own."""


def member_of(path: Path, member: str) -> bytes:
    """A file of a folder or a ZIP archive; raises InputError where it is not there or too large."""
    if path.is_dir():
        return data_of(path / member)
    data = data_of(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(member).file_size > LARGEST:
                raise InputError(f"{path}: {member}: expected at most {LARGEST:,} bytes", "shorten the file")
            return archive.read(member)
    except KeyError:
        raise InputError(f"{path}: expected a file {member} in it, found none", "export the archive again") from None
    except _DAMAGED:
        raise InputError(
            f"{path}: expected a ZIP archive or a folder, found another file or a damaged one",
            "export the archive again",
        ) from None


def as_text(data: bytes, name: str) -> str:
    """The text of bytes in UTF-8, with or without a mark, or in Windows-1252 where they are no UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{name}: expected UTF-8 text, found UTF-16", "save the file as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: expected UTF-8 text, found another encoding at byte {error.start + 1}", "save the file as UTF-8"
        ) from None


def data_of(path: Path, too_large: str = "split the feed, or remove old rows") -> bytes:
    """The bytes of a source; raises InputError where it is not there, or too large, with a hint for that."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(f"{path}: expected at most {LARGEST:,} bytes, found {size:,}", too_large)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"{path}: expected a file, found nothing", "correct the path in [feeds], which is relative to the file"
        ) from None
    except IsADirectoryError:
        raise InputError(f"{path}: expected a file, found a folder", "give the path of the file itself") from None
    except OSError as error:
        raise SystemFailure(f"{path}: cannot be read ({error.strerror})", "see who may read the file") from None
