"""The body of a POST: the fields in their order, and the photo."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from pipelines.server.refused import Refused
from pipelines.server.reports.photo import LARGEST_BYTES

LARGEST_BODY: Final = LARGEST_BYTES + 256 * 1024
"""A photo, and the fields beside it."""

MEDIA: Final = ("media", "media[]")
"""The field of a photo: that of the draft of GeoReport v2.1, and as forms write a list."""

_MOST_FIELDS: Final = 200
_LARGEST_FIELD: Final = 64 * 1024
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class Form:
    """Fields as they came, and the bytes of a photo, or none."""

    fields: tuple[tuple[str, str], ...]
    photo: bytes

    def get(self, name: str) -> str:
        """The first text of a field, or an empty one."""
        return next((text for key, text in self.fields if key == name), "")


async def read_form(request: Request) -> Form:
    """Read the body; raises Refused for what is no form in UTF-8, or has more than one photo."""
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
    async with request.form(max_files=4, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD) as found:
        for name, value in found.multi_items():
            if not isinstance(value, UploadFile):
                fields.append((name, value))
            elif name in MEDIA and (data := await value.read(LARGEST_BYTES + 1)):
                photos.append(data)
    if len(photos) > 1:
        raise Refused(400, "INVALID_ARGUMENT", "media: one photo is taken")
    return Form(tuple(fields), photos[0] if photos else b"")
