import csv
import io
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from dashboards.answers import written
from dashboards.queries import QUERIES
from dashboards.texts import Language

ROWS = pd.DataFrame(
    {
        "zone_id": ["A", "B|C"],
        "window_start": pd.to_datetime([datetime(2026, 6, 20, 3, tzinfo=UTC)] * 2).tz_convert("Europe/Paris"),
        "people": [33180.0, 20.0],
        "pooled_share": [0.25, np.nan],
        "inside": pd.Series([True, None], dtype=object),
        "cells": [np.array([613044136708145151], np.uint64), np.array([], np.uint64)],
    }
)


def test_json_has_null_for_nothing_utc_for_instants_and_hexagons_by_their_index() -> None:
    found = json.loads(written.answer(ROWS, "json", {"question": "parts"}))
    assert found["question"] == "parts"
    assert list(found["columns"]) == list(ROWS.columns)
    assert found["rows"] == [
        {
            "zone_id": "A",
            "window_start": "2026-06-20T03:00:00Z",
            "people": 33180,
            "pooled_share": 0.25,
            "inside": True,
            "cells": [f"{613044136708145151:x}"],
        },
        {
            "zone_id": "B|C",
            "window_start": "2026-06-20T03:00:00Z",
            "people": 20,
            "pooled_share": None,
            "inside": None,
            "cells": [],
        },
    ]


def test_csv_has_a_line_for_each_row() -> None:
    lines = list(csv.reader(io.StringIO(written.answer(ROWS, "csv", {}))))
    cell = f"{613044136708145151:x}"
    assert lines[0] == list(ROWS.columns)
    assert lines[1:] == [
        ["A", "2026-06-20T03:00:00Z", "33180", "0.25", "true", cell],
        ["B|C", "2026-06-20T03:00:00Z", "20", "", "", ""],
    ]


def test_a_table_has_numbers_to_the_right() -> None:
    assert (
        written.answer(ROWS[["zone_id", "people"]], "table", {}) == "zone_id  people\nA         33180\nB|C          20"
    )


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_an_answer_without_rows_still_names_its_columns(form: written.Format) -> None:
    assert "zone_id" in written.answer(ROWS[:0], form, {})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_list_says_of_every_question_what_it_answers_and_is_asked_with(language: Language) -> None:
    listed = {each["name"]: each for each in json.loads(written.questions("json", language))}
    table, lines = written.questions("table", language), written.questions("csv", language).splitlines()
    assert list(listed) == list(QUERIES)
    assert len(lines) == 1 + len(QUERIES)
    for name, query in QUERIES.items():
        assert listed[name]["answers"] == query.answers.say(language)
        assert query.answers.say(language) in table
        assert list(listed[name]["parameters"]) == [each.name for each in query.parameters]
        assert all(each.means.say(language) in table for each in query.parameters)
