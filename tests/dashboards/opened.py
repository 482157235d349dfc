"""A page as a reader meets it: what stands on it, as text."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import duckdb
import pandas as pd
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboards

APP = Path(dashboards.__file__).parent / "entry" / "dashboard.py"
CHANGE_OF_CLOCKS = "2026-10-24"
"""A privacy day in which the clocks go back."""


@dataclass(frozen=True)
class Opened:
    """A page that has been run."""

    app: AppTest

    @property
    def html(self) -> str:
        """All that is written as HTML."""
        return "\n".join(str(element.proto.body) for element in self.app.get("html"))

    @property
    def text(self) -> str:
        """All that can be read, without tags; no-break spaces are spaces."""
        told = [*self.app.info, *self.app.warning, *self.app.error, *self.app.caption, *self.app.subheader]
        written = [
            re.sub(r"<style>.*?</style>|<[^>]*>", " ", self.html, flags=re.DOTALL),
            *(each.value for each in told),
        ]
        return re.sub(r"[ \u00a0\u202f]+", " ", unescape("\n".join(written)))

    @property
    def tables(self) -> list[pd.DataFrame]:
        """The tables as a reader sees them, with plain spaces, in order."""
        read = [table.value.map(_read).rename(index=_read, columns=_read) for table in self.app.table]
        return [table.rename_axis(index=_read, columns=_read) for table in read]

    @property
    def pictures(self) -> list[str]:
        """The maps as SVG."""
        told = [json.loads(component.proto.json) for component in self.app.get("bidi_component")]
        return [str(each["picture"]) for each in told if "picture" in each]

    @property
    def picture(self) -> str:
        """The only map as SVG."""
        (picture,) = self.pictures
        return picture


def _read(value: object) -> object:
    """A text with plain spaces, and without what keeps its marks from being Markdown."""
    return re.sub(r"[\u00a0\u202f]", " ", re.sub(r"\\(.)", r"\1", value)) if isinstance(value, str) else value


def open_page(release: Path, path: str = "event", **choices: str) -> Opened:
    """Open a page with choices in its address; it must not fail."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update(choices)
    # What Streamlit names a page by; asked for at once, so that no other page is run before it.
    app._page_hash = calc_hash(path)
    app.run()
    assert not app.exception, app.exception
    return Opened(app)


def plain(value: float) -> str:
    """A whole number as the French pages write it, with plain spaces."""
    return f"{value:,.0f}".replace(",", " ")


def asked(release: Path, sql: str) -> list[tuple]:
    """The answer of DuckDB on the released files; `{indicator}` in the question stands for its files."""
    names = {path.name: f"read_parquet('{path}/*/*.parquet')" for path in release.iterdir() if path.name != "manifest"}
    return duckdb.sql(sql.format(**names)).fetchall()


def zone_features(release: Path) -> Iterator[dict]:
    """The properties of each zone."""
    for feature in json.loads((release / "manifest" / "zones.geojson").read_text())["features"]:
        yield feature["properties"]


def within(release: Path, zone_id: str) -> list[str]:
    """A zone and all zones inside it."""
    parents = {zone["zone_id"]: zone["parent"] for zone in zone_features(release)}

    def lines(each: str | None) -> Iterable[str]:
        while each is not None:
            yield each
            each = parents[each]

    return sorted(each for each in parents if zone_id in lines(each))
