"""A photo as it may be kept: decoded, turned upright, and written anew with nothing but its pixels."""

import io
import warnings
from typing import Final

from PIL import Image, ImageCms, ImageOps

from schemas.feeds import Text

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""Formats that are taken; Pillow reads no HEIC, and the phones that write it send JPEG when a page asks."""

LARGEST_BYTES: Final = 10 * 1024 * 1024
LARGEST_PIXELS: Final = 50_000_000
"""Of what arrives: 50 megapixels take 150 MB while they are decoded (the project's own)."""

SIDE: Final = 1600
"""The longer side, in pixels, of what is kept (the project's own)."""

_QUALITY: Final = 85


class NoPhoto(Exception):
    """What arrived is no photo that can be kept; the text says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def drawn_anew(data: bytes) -> bytes:
    """A photo as JPEG in sRGB, at most 1,600 pixels a side, upright, with no metadata and nothing behind its end.

    Of an animation it is the first picture; what can be seen through becomes white. Raises NoPhoto for more than 10 MiB
    or 50 megapixels, for another format, and for what ends early or is damaged.
    """
    if len(data) > LARGEST_BYTES:
        raise NoPhoto(_TOO_LARGE)
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


_MIB, _MEGAPIXELS = LARGEST_BYTES // 1024 // 1024, LARGEST_PIXELS // 1_000_000
_TOO_LARGE: Final = Text(f"media: more than {_MIB} MiB", f"media : plus de {_MIB} Mio")
_TOO_MANY: Final = Text(f"media: more than {_MEGAPIXELS} megapixels", f"media : plus de {_MEGAPIXELS} mégapixels")
_UNREADABLE: Final = Text(
    f"media cannot be read: {', '.join(FORMATS)} are taken, whole and undamaged",
    f"media : photo illisible ; {', '.join(FORMATS)} attendu, entier et intact",
)


def _kept(image: Image.Image) -> bytes:
    if image.width * image.height > LARGEST_PIXELS:
        raise NoPhoto(_TOO_MANY)
    image.seek(0)
    # A decoder of JPEG leaves out what it need not decode.
    image.draft("RGB", (SIDE, SIDE))
    image.load()
    upright = _plain(ImageOps.exif_transpose(image))
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    # A picture of its own has pixels and nothing else: no EXIF, no profile, no comment.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


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
