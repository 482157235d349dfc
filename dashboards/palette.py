"""The colours of the pages, in light and in dark; those that carry meaning are Okabe and Ito's."""

from dataclasses import asdict, dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Paint:
    """The colours of one theme: what is written, what it is written on, and what tells figures apart."""

    ink: str
    text: str
    muted: str
    line: str
    ground: str
    raised: str
    sunk: str
    blue: str
    light_blue: str
    vermillion: str
    orange: str
    green: str
    purple: str
    grey: str
    shared: str
    good: str
    known: str
    bad: str


LIGHT: Final = Paint(
    ink="#14213d",
    text="#1f2937",
    muted="#4a5462",
    line="#c3cad4",
    ground="#ffffff",
    raised="#ffffff",
    sunk="#f1f3f6",
    blue="#0072B2",
    light_blue="#5fa8d3",
    vermillion="#D55E00",
    orange="#E69F00",
    green="#009E73",
    purple="#8F4F86",
    grey="#6B7280",
    shared="#F9E3B4",
    good="#0a5c2b",
    known="#8a5200",
    bad="#a3001b",
)
DARK: Final = Paint(
    ink="#f3f5f9",
    text="#e3e7ee",
    muted="#b3bcc9",
    line="#465063",
    ground="#10151f",
    raised="#181f2c",
    sunk="#232c3b",
    blue="#56B4E9",
    light_blue="#2f6f97",
    vermillion="#ff8a3d",
    orange="#E69F00",
    green="#3fc79a",
    purple="#d79bce",
    grey="#98a2b3",
    shared="#5a4714",
    good="#7ddba0",
    known="#f2c063",
    bad="#ff9aa6",
)
"""Text has at least 4.5:1 on its ground in either, marks at least 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

SHOWN: Final = Paint(**{each.name: f"var(--hx-{each.name.replace('_', '-')})" for each in fields(Paint)})
"""The colours of the theme that is shown, for CSS."""


def variables() -> str:
    """The colours as CSS: `var(--hx-blue)` is that of the theme which is shown."""
    dark = asdict(DARK)
    pairs = (f"--hx-{name.replace('_', '-')}:light-dark({value},{dark[name]})" for name, value in asdict(LIGHT).items())
    return f".stApp{{{';'.join(pairs)}}}"
