"""How every chart is dressed: numbers as the language writes them, colours of the theme, nothing of a network."""

from typing import Final

import altair as alt
import vl_convert

from dashboards.palette import Paint
from dashboards.texts import Language
from schemas.typography import NARROW_SPACE, NO_BREAK_SPACE

Chart = alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart | alt.FacetChart
FONT: Final = "Source Sans, DejaVu Sans, sans-serif"


def dressed(chart: Chart, language: Language, paint: Paint) -> Chart:
    """A chart in the reader's language and theme, on a ground that lets the page's own through."""
    found: Chart = chart.configure(
        # A chart is one picture, with a text and a table beside it: its marks would speak English, or have no name.
        mark=alt.MarkConfig(aria=False),
        locale=_locale(language),
        font=FONT,
        background="transparent",
        axis=alt.AxisConfig(
            labelColor=paint.muted,
            titleColor=paint.text,
            gridColor=paint.line,
            gridOpacity=0.5,
            domainColor=paint.line,
            tickColor=paint.line,
        ),
        # Streamlit moves the first label of rows towards their middle.
        axisBand=alt.AxisConfig(labelFlush=False),
        legend=alt.LegendConfig(labelColor=paint.text, titleColor=paint.text),
        header=alt.HeaderConfig(labelColor=paint.text, titleColor=paint.text),
        title=alt.TitleConfig(color=paint.ink),
        view=alt.ViewConfig(stroke=None),
    )
    return found


def svg(chart: Chart, width: int, height: int, *, fit: bool = False) -> str:
    """A chart as a picture, drawn without a browser; its size is that of the plot, or with `fit` of the whole."""
    sized = chart.properties(width=width, height=height)
    if fit:
        sized = sized.properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
    drawn: str = vl_convert.vegalite_to_svg(sized.to_json())
    return drawn


def percent_axis(language: Language) -> str:
    """How Vega labels shares of one: in whole per cent, as the language writes them."""
    space = NO_BREAK_SPACE if language == "fr" else ""
    return f"round(datum.value * 100) + '{space}%'"


def _locale(language: Language) -> alt.Locale:
    """Numbers of the axes as the language writes them."""
    decimal, thousands = (",", NARROW_SPACE) if language == "fr" else (".", ",")
    return alt.Locale(number=alt.NumberLocale(decimal=decimal, thousands=thousands, grouping=[3], currency=["", ""]))
