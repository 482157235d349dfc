"""Nothing of a photo is kept but its pixels."""

import io
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from pipelines.server.reports import photo
from pipelines.server.reports.photo import LARGEST_BYTES, SIDE, NoPhoto, drawn_anew
from tests.server.reports.made import picture

SECRET = b"Canary-21000-Dijon"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def whole(data: bytes) -> bool:
    """Whether the bytes are one JPEG with a header of JFIF, tables, pixels, and nothing else."""
    at, seen = 2, set()
    while data[at + 1] != 0xDA:
        seen.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return data[:2] == b"\xff\xd8" and seen <= {0xE0, 0xDB, 0xC0, 0xC4} and data.find(b"\xff\xd9") == len(data) - 2


def told_everything() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (47.0, 19.0, 17.76)
    exif.get_ifd(0x8769)[0x9286] = SECRET
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    return picture(exif=exif, comment=SECRET, xmp=xmp) + SECRET


def test_exif_with_its_place_xmp_comments_and_what_stands_behind_the_end_are_gone() -> None:
    before = told_everything()
    assert before.count(SECRET) == 5
    assert opened(before).getexif().get_ifd(0x8825)
    after = drawn_anew(before)
    assert SECRET not in after
    assert dict(opened(after).getexif()) == {}
    assert whole(after)
    assert not whole(before)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_become_jpeg_without_what_they_said(kind: str) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    before = picture(kind=kind, pnginfo=text) if kind == "PNG" else picture(kind=kind, xmp=SECRET)
    assert SECRET in before
    assert whole(drawn_anew(before))
    assert SECRET not in drawn_anew(before)


def test_a_photo_that_was_held_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(drawn_anew(picture((40, 30), exif=exif))).size == (30, 40)


def test_a_profile_of_colours_is_applied_and_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    after = drawn_anew(picture(icc_profile=profile))
    assert "icc_profile" not in opened(after).info
    assert opened(after).getpixel((5, 5))[0] > 240
    assert whole(drawn_anew(picture(icc_profile=SECRET)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "1", "L"])
def test_what_can_be_seen_through_is_white_and_every_mode_is_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8), 0).save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
    found = opened(drawn_anew(out.getvalue())).convert("L").getpixel((3, 3))
    assert (found > 250) == (mode in ("RGBA", "LA", "P"))


def test_of_an_animation_the_first_picture_is_kept() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    assert opened(drawn_anew(out.getvalue())).getpixel((3, 3))[0] > 240


@pytest.mark.parametrize(("size", "kept"), [((SIDE, 9), (SIDE, 9)), ((SIDE * 2, 100), (SIDE, 50)), ((1, 1), (1, 1))])
def test_a_photo_is_made_as_small_as_a_page_needs(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert opened(drawn_anew(picture(size))).size == kept


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 99)))
    parts = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
             for kind, data in (*chunks, (b"IEND", b""))]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("size", [(50_001, 1_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_of_pixels_is_not_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(NoPhoto, match=r"megapixels|cannot be read"):
        drawn_anew(bomb(*size))


def test_the_limit_of_pixels_is_the_last_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "LARGEST_PIXELS", 1200)
    assert drawn_anew(picture((40, 30)))
    with pytest.raises(NoPhoto, match="megapixels"):
        drawn_anew(picture((1201, 1)))


@pytest.mark.parametrize("size", [(3465, 3464), (12_001, 1_000)])
def test_a_picture_that_is_decoded_whole_has_at_most_12_megapixels(size: tuple[int, int]) -> None:
    with pytest.raises(NoPhoto, match="12 of PNG or WEBP"):
        drawn_anew(bomb(*size))


@pytest.mark.parametrize(("size", "kept"), [((4000, 3000), (SIDE, 1200)), ((31_250, 400), (SIDE, 20))])
def test_of_a_large_jpeg_only_what_is_needed_is_decoded(
    size: tuple[int, int], kept: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo, "LARGEST_DECODED", 3_000_000)
    before = picture(size)
    assert opened(before).size == size
    assert opened(drawn_anew(before)).size == kept


def scans(count: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    whole = picture(progressive=True, exif=b"Exif\0\0" + picture())
    parts = whole[:-2].split(b"\xff\xda")
    return b"\xff\xda".join(parts) + (b"\xff\xda" + parts[-1]) * (count - 10) + b"\xff\xd9"


def test_a_jpeg_of_more_scans_than_any_encoder_writes_is_not_decoded() -> None:
    # What stands behind the end, such as a film, may look like anything.
    assert drawn_anew(scans(photo.MOST_SCANS) + b"\xff\xda" * 999)
    with pytest.raises(NoPhoto, match="cannot be read"):
        drawn_anew(scans(photo.MOST_SCANS + 1))


WORST = """
import io, resource, sys
from PIL import Image
from pipelines.server.reports.photo import drawn_anew

mode, width, height, kind, options = eval(sys.argv[1])
made = io.BytesIO()
Image.new(mode, (width, height), 7).save(made, kind, **options)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
drawn_anew(made.getvalue())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "width", "height", "kind", "options"),
    [
        ("RGBA", 3464, 3464, "PNG", {}),
        ("P", 3464, 3464, "PNG", {"transparency": 7}),
        ("RGBA", 3464, 3464, "WEBP", {"lossless": True, "method": 0}),
        ("CMYK", 7071, 7071, "JPEG", {"progressive": True, "subsampling": 0}),
        ("RGB", 31_250, 1_600, "JPEG", {}),
    ],
)
def test_no_photo_takes_more_than_400_mib(
    mode: str, width: int, height: int, kind: str, options: dict[str, object]
) -> None:
    given = repr((mode, width, height, kind, options))
    done = subprocess.run([sys.executable, "-c", WORST, given], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 400


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        picture()[:-20],
        picture((400, 300))[:700],
        picture()[:3],
        picture(kind="PNG")[:-30],
        picture(kind="TIFF"),
        picture(kind="BMP"),
        b"BM" + picture(),
    ],
)
def test_what_is_no_whole_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NoPhoto, match="cannot be read"):
        drawn_anew(data)


def test_the_largest_photo_is_the_last_that_is_taken() -> None:
    whole = picture()
    assert drawn_anew(whole + b"\0" * (LARGEST_BYTES - len(whole)))
    with pytest.raises(NoPhoto, match="10 MiB"):
        drawn_anew(whole + b"\0" * (LARGEST_BYTES - len(whole) + 1))


def test_a_file_that_is_a_photo_and_a_page_at_once_is_only_a_photo() -> None:
    page = b"<html><script>alert(1)</script></html>"
    after = drawn_anew(picture(comment=page) + page + b"PK\x03\x04")
    assert b"<" not in after.replace(b"\xff", b"")[-60:]
    assert page not in after
    assert b"PK\x03\x04" not in after
