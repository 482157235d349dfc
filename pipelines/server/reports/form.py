"""The body of a POST: the fields in their order, and the photo."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pipelines.server.access import Access
from pipelines.server.refused import Refused
from pipelines.server.reports.photo import LARGEST_BYTES

LARGEST_BODY: Final = LARGEST_BYTES + 256 * 1024
"""A photo, and the fields beside it."""

MEDIA: Final = ("media", "media[]")
"""The field of a photo: that of the draft of GeoReport v2.1, and as forms write a list."""

_MOST_FIELDS: Final = 200
_LARGEST_FIELD: Final = 64 * 1024
_PIECE: Final = 16 * 1024
"""Bytes that are read before others have their turn: some milliseconds at worst."""
_UTF_8: Final = (b"utf-8", b"utf8")
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class Form:
    """Fields as they came, and the bytes of a photo, or none."""

    fields: tuple[tuple[str, str], ...]
    photo: bytes

    def get(self, name: str) -> str:
        """The first text of a field, or an empty one."""
        return next((text for key, text in self.fields if key == name), "")


def counted_form(access: Access) -> Callable[[Request], Coroutine[object, object, Form]]:
    """What reads the form of a request, which has counted against the rate of its address before: see `read_form`."""

    async def read(request: Request) -> Form:
        access.anyone(request)
        return await read_form(request)

    return read


async def read_form(request: Request) -> Form:
    """Read the body; raises Refused for what is no form in UTF-8, or has more than one photo."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    # Other ways to write may make signs that are no text, and some are no way to write at all.
    if options.get(b"charset", b"utf-8").lower() not in _UTF_8:
        raise Refused(400, "INVALID_ARGUMENT", "the body has to be in UTF-8")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        return await _multipart(request)
    if kind != _URLENCODED:
        raise Refused(400, "INVALID_ARGUMENT", f"the body has to be {_URLENCODED} or {_MULTIPART}")
    body = await _body(request)
    try:
        # Of text and of escapes alike, only UTF-8 is taken.
        found = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        why = f"the body is no form in UTF-8, of {_MOST_FIELDS} fields at most"
        raise Refused(400, "INVALID_ARGUMENT", why) from None
    return Form(tuple(found), b"")


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > _LARGEST_FIELD:
            raise Refused(413, "TOO_LARGE", f"the fields have more than {_LARGEST_FIELD // 1024} KiB")
    return bytes(found)


async def _multipart(request: Request) -> Form:
    fields: list[tuple[str, str]] = []
    photos: list[bytes] = []
    pieces = _pieces(request)
    parser = _Parser(request.headers, pieces, max_files=4, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD)
    try:
        found = await parser.parse()
    except MultiPartException as error:
        raise Refused(400, "INVALID_ARGUMENT", error.message) from None
    for name, value in found.multi_items():
        if not isinstance(value, UploadFile):
            fields.append((name, value))
        elif name in MEDIA and (data := await value.read(LARGEST_BYTES + 1)):
            photos.append(data)
    await found.close()
    if len(photos) > 1:
        raise Refused(400, "INVALID_ARGUMENT", "media: one photo is taken")
    return Form(tuple(fields), photos[0] if photos else b"")


class _Parser(MultiPartParser):
    """A parser that never writes a photo to a disk before its pixels are drawn anew."""

    spool_max_size = LARGEST_BODY


async def _pieces(request: Request) -> AsyncGenerator[bytes, None]:
    """The body in pieces, between which the server does other things: it may be made to take seconds to read."""
    async for body in request.stream():
        for at in range(0, len(body), _PIECE):
            yield body[at : at + _PIECE]
            await asyncio.sleep(0)
