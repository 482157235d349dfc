from pathlib import Path
from typing import get_args

import pytest

from pipelines.feeds import dictionary
from pipelines.feeds.feed import Feed, all_feeds
from schemas.feeds import NO_TEXT, Column, Kind, Source, Text


def described(*columns: Column, needed: bool = True, member: str = "") -> str:
    source = Source("source", "A table.", columns, needed, member)
    return dictionary.render([Feed("trees", Text("Trees", "Arbres"), NO_TEXT, "none", 1, (source,), lambda *_: None)])


def test_the_committed_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert dictionary.main(["--check"]) == 0, capsys.readouterr().err


def test_every_feed_and_each_of_its_columns_is_described() -> None:
    text = dictionary.PATH.read_text(encoding="utf-8")
    for feed in all_feeds().values():
        _, _, section = text.partition(f"### `[feeds.{feed.name}]`: {feed.title.en}\n")
        section = section.partition("\n### ")[0]
        for source in feed.sources:
            assert source.meaning in section
            assert [column.name for column in source.columns if f"| `{column.name}` |" not in section] == []


def test_every_kind_of_column_is_explained() -> None:
    assert set(dictionary.KINDS) == set(get_args(Kind))


def test_the_keys_of_the_town_are_there() -> None:
    text = dictionary.render([])
    assert "| `id` | to be written |" in text
    assert "| `enabled` | `true` |" in text
    assert "### `[feeds.town]`" in text


@pytest.mark.parametrize(
    ("column", "limits"),
    [
        (Column("height", "Metres.", "number", low=0, high=120.5), "0 at least; 120.5 at most"),
        (Column("code", "Code.", unique=True, pattern=r"a|b"), r"stands once; form `a\|b`"),
        (
            Column("kinds", "Kinds.", separator=";", choices=("oak", "fir")),
            "several, with `;` between them; `oak`, `fir`",
        ),
        (Column("title", "Title.", shortest=2, longest=9), "2 characters at least; 9 characters at most"),
        (Column("many", "Many.", choices=tuple(map(str, range(31)))), "`28`, `29` and 1 others"),
        (Column("free", "Free."), ""),
    ],
)
def test_the_limits_of_a_column_are_stated(column: Column, limits: str) -> None:
    [line] = [line for line in described(column).splitlines() if line.startswith(f"| `{column.name}` |")]
    assert line.endswith(f"{limits} |")


def test_what_may_be_absent_and_what_stands_in_an_archive_is_said() -> None:
    column = Column("name", "Name.", required=True)
    assert "| `name` | `text` | yes | Name. |  |" in described(column)
    assert "`source` (may be absent): A table." in described(column, needed=False)
    assert "`source`, file `trees.txt` of the folder or archive: A table." in described(column, member="trees.txt")


def test_a_stale_page_is_reported_and_then_written_without_a_change_to_what_people_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "feeds.md"
    monkeypatch.setattr(dictionary, "PATH", page)
    page.write_text("# By hand\n\n" + dictionary.MARK + "old\n", encoding="utf-8")
    assert dictionary.main(["--check"]) == 1
    assert "Hint: run python -m pipelines.feeds.dictionary" in capsys.readouterr().err
    assert dictionary.main([]) == 0
    assert dictionary.main(["--check"]) == 0
    assert page.read_text(encoding="utf-8").startswith("# By hand\n\n" + dictionary.MARK)
    assert "old" not in page.read_text(encoding="utf-8").splitlines()
