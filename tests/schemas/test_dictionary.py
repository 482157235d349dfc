from dataclasses import fields
from pathlib import Path

import pytest

from schemas import dictionary
from schemas.configuration import SECTIONS
from schemas.indicators import INDICATORS
from schemas.tables import INPUTS, INTERNAL


def test_the_committed_dictionary_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert dictionary.main(["--check"]) == 0, capsys.readouterr().err


def test_every_table_and_column_is_explained() -> None:
    text = dictionary.render()
    for table in (INPUTS | INTERNAL).values():
        assert f"### `{table.name}` ({table.sensitivity.value})" in text
        assert all(f"| `{name}` |" in text for name in table.names)


def test_every_indicator_and_its_questions_are_there() -> None:
    text = dictionary.render()
    assert all(i.question_en in text and i.question_fr in text for i in INDICATORS.values())


def test_every_key_is_there_with_its_meaning() -> None:
    text = dictionary.render()
    keys = [key for section in SECTIONS.values() for key in fields(section)]
    assert all(f"| `{key.name}` |" in text and key.metadata["meaning"] in text for key in keys)


def test_a_key_shows_its_default() -> None:
    text = dictionary.render()
    assert '| `slot` | `"15min"` |' in text
    assert "| `cells` | to be written |" in text
    assert "| `day_key` | none |" in text


def test_every_row_of_a_table_has_the_columns_of_its_header() -> None:
    width = 0
    for line in dictionary.render().splitlines():
        bars = line.replace("\\|", "").count("|")
        assert not line.startswith("|") or width in (0, bars), line
        width = bars if line.startswith("|") else 0


def test_a_stale_dictionary_is_reported_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dictionary, "PATH", tmp_path / "data-dictionary.md")
    assert dictionary.main(["--check"]) == 1
    assert "Hint: run python -m schemas.dictionary" in capsys.readouterr().err
    assert dictionary.main([]) == 0
    assert dictionary.main(["--check"]) == 0
