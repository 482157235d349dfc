"""A photo as it may be kept: decoded, turned upright, and written anew with nothing but its pixels."""

import io
import re
import warnings
from typing import Final

from PIL import Image, ImageCms, ImageOps

from schemas.feeds import Text

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""Formats that are taken; Pillow reads no HEIC, and the phones that write it send JPEG when a page asks."""

LARGEST_BYTES: Final = 10 * 1024 * 1024
LARGEST_PIXELS: Final = 50_000_000
"""Of what arrives: a progressive JPEG of 50 megapixels takes up to 400 MB while it is decoded (the project's own)."""

LARGEST_DECODED: Final = 12_000_000
"""Of what is decoded: of a JPEG a part of the pixels, of PNG and WebP all of them, up to 16 bytes each (the project's
own)."""

MOST_SCANS: Final = 40
"""Of a JPEG: each goes over all pixels and may be of a few bytes; encoders write about ten (the project's own)."""

SIDE: Final = 1600
"""The longer side, in pixels, of what is kept (the project's own)."""

_QUALITY: Final = 85
_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""What begins a part of a JPEG, and is not met among its pixels."""


class NoPhoto(Exception):
    """What arrived is no photo that can be kept; the text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def drawn_anew(data: bytes) -> bytes:
    """A photo as JPEG in sRGB, at most 1,600 pixels a side, upright, with no metadata and nothing behind its end.

    Of an animation it is the first picture; what can be seen through becomes white. Raises NoPhoto for more than 10 MiB
    or too many pixels, for another format, and for what ends early or is damaged. It takes up to 400 MB: who calls it
    sees to it that this is once at a time.
    """
    if len(data) > LARGEST_BYTES:
        raise NoPhoto(_TOO_LARGE)
    if data.startswith(b"\xff\xd8") and _scans(data) > MOST_SCANS:
        raise NoPhoto(_UNREADABLE)
    try:
        with warnings.catch_warnings():
            # Pillow only warns of many pixels; they are counted below, before they are decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _kept(image)
    except NoPhoto:
        raise
    except (Image.DecompressionBombError, MemoryError):
        raise NoPhoto(_TOO_MANY) from None
    # A decoder meets hostile bytes in many ways, and each of them means the same.
    except Exception:  # noqa: BLE001
        raise NoPhoto(_UNREADABLE) from None


_MIB, _MEGAPIXELS, _DECODED = LARGEST_BYTES // 1024 // 1024, LARGEST_PIXELS // 1_000_000, LARGEST_DECODED // 1_000_000
_TOO_LARGE: Final = Text(f"media: more than {_MIB} MiB", f"media : plus de {_MIB} Mio")
_TOO_MANY: Final = Text(
    f"media: more than {_MEGAPIXELS} megapixels, or {_DECODED} of PNG or WEBP",
    f"media : plus de {_MEGAPIXELS} mégapixels, ou {_DECODED} en PNG ou WEBP",
)
_UNREADABLE: Final = Text(
    f"media cannot be read: {', '.join(FORMATS)} are taken, whole and undamaged",
    f"media : photo illisible ; {', '.join(FORMATS)} attendu, entier et intact",
)


def _scans(data: bytes) -> int:
    """How many scans a JPEG has before its end."""
    scans, at = 0, 2
    while (found := _MARKER.search(data, at)) is not None and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        # A part says how long it is; its first bytes are skipped even where it lies.
        at = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2]))
    return scans


def _kept(image: Image.Image) -> bytes:
    if image.width * image.height > LARGEST_PIXELS:
        raise NoPhoto(_TOO_MANY)
    image.seek(0)
    # A decoder of JPEG leaves out what it need not decode; those of the other formats decode all.
    image.draft("RGB", _within(image.size))
    if image.width * image.height > LARGEST_DECODED:
        raise NoPhoto(_TOO_MANY)
    image.load()
    # Every further step takes another copy: of the few pixels that are kept.
    small = _shrinkable(image)
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    upright = _plain(ImageOps.exif_transpose(small))
    # A picture of its own has pixels and nothing else: no EXIF, no profile, no comment.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _within(size: tuple[int, int]) -> tuple[int, int]:
    """The size of what is kept of a picture."""
    longer = max(SIDE, *size)
    return max(1, size[0] * SIDE // longer), max(1, size[1] * SIDE // longer)


def _shrinkable(image: Image.Image) -> Image.Image:
    """The picture in a mode whose pixels can be averaged, also with what can be seen through."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image.convert("RGB") if image.mode in ("1", "P") else image


def _plain(image: Image.Image) -> Image.Image:
    """The picture in sRGB and RGB, on white."""
    image = _srgb(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _srgb(image: Image.Image) -> Image.Image:
    """The picture in the colours that its profile means; as it is where it has none that can be used."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return found if found is not None else image
