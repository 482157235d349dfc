"""Names in a table are shown as they are, whatever Markdown would make of them."""

import pandas as pd

from dashboards import tables

IMAGE = "![x](http://evil.invalid/1.png)"
PLAIN = r"\!\[x\]\(http\://evil\.invalid/1\.png\)"


def test_no_text_of_a_table_is_markdown_wherever_it_stands() -> None:
    frame = pd.DataFrame({IMAGE: [IMAGE, 1]}, index=pd.Index([IMAGE, "Dijon"], name=IMAGE)).rename_axis(columns=IMAGE)
    shown = tables.plain(frame)
    assert (shown.index.name, shown.columns.name, list(shown.columns)) == (PLAIN, PLAIN, [PLAIN])
    assert (list(shown.index), list(shown[PLAIN])) == ([PLAIN, "Dijon"], [PLAIN, 1])
    assert list(frame.columns) == [IMAGE]
