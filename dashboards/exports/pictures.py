"""A picture to take away, framed by its title and by where it comes from."""

import re
from html import escape
from textwrap import wrap
from typing import Final

import vl_convert

from dashboards.exports.taken import Origin, Picture
from dashboards.palette import LIGHT

SCALE: Final = 2.0
_MARGIN, _TITLE, _LINE = 24, 44, 17
_LETTERS_PER_PIXEL: Final = 1 / 6.2
_ROOT: Final = re.compile(r"<svg\b[^>]*>")
_SIZE: Final = re.compile(r'viewBox="([-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+))"')
_STYLE: Final = "font-family:'Source Sans','DejaVu Sans',sans-serif"


def svg(picture: Picture, origin: Origin) -> bytes:
    """The picture as SVG; raises ValueError where what was drawn states no size."""
    return _framed(picture, origin).encode()


def png(picture: Picture, origin: Origin) -> bytes:
    """The picture as PNG, twice as many pixels as the SVG has units."""
    drawn: bytes = vl_convert.svg_to_png(_framed(picture, origin), scale=SCALE)
    return drawn


def _framed(picture: Picture, origin: Origin) -> str:
    inner = picture.svg()
    root = _ROOT.search(inner)
    found = _SIZE.search(root[0]) if root else None
    if root is None or found is None:
        raise ValueError("a picture without a viewBox")
    width, height = float(found[2]), float(found[3])
    stated = _stated(origin, width)
    whole = height + _TITLE + _LINE * (len(stated) + 1)
    lines = "".join(
        f'<text x="{_MARGIN}" y="{_TITLE + height + _LINE * (number + 1)}" font-size="11" fill="{LIGHT.muted}" '
        f'style="{_STYLE}">{escape(line)}</text>'
        for number, line in enumerate(stated)
    )
    box = f'<svg x="{_MARGIN}" y="{_TITLE}" width="{width}" height="{height}" viewBox="{found[1]}">'
    placed = box + inner[root.end() :]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width + 2 * _MARGIN} {whole}" width="{width + 2 * _MARGIN}" height="{whole}">'
        f"<title>{escape(picture.title)}</title>"
        f'<rect width="100%" height="100%" fill="{LIGHT.ground}"/>'
        f'<text x="{_MARGIN}" y="28" font-size="17" font-weight="600" fill="{LIGHT.ink}" style="{_STYLE}">'
        f"{escape(picture.title)}</text>{placed}{lines}</svg>"
    )


def _stated(origin: Origin, width: float) -> list[str]:
    """Where it comes from, as lines that fit."""
    letters = max(40, int(width * _LETTERS_PER_PIXEL))
    said = f"{origin.period} · k = {origin.k} {origin.unit} · {origin.release_id} · {origin.head[:12]}"
    return [line for text in (said, origin.address) for line in wrap(text, letters)]
