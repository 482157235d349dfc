"""The keys of [feeds.inclusion]."""

import json
from pathlib import Path

import pytest

from pipelines.feeds import build, settings
from pipelines.feeds.feed import all_feeds
from schemas.errors import InputError, UsageError
from tests.feeds.centres import AT, MEDNUM
from tests.feeds.test_inclusion_mednum import SQUARE

TOWN = '[feeds.town]\nid = "dijon"\nname = "Dijon"\n[feeds.inclusion]\nsource = "list.csv"\n'
COMMUNES = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"insee_com": "21231", "nom": "Dijon"},
                "geometry": {"type": "Polygon", "coordinates": SQUARE},
            }
        ],
    }
)


def made(folder: Path, keys: str, communes: str = COMMUNES) -> build.Module:
    """The feed of one row of MedNum BFC with some keys."""
    (folder / "list.csv").write_text(f"{','.join(MEDNUM)}\n{','.join(MEDNUM.values())}\n", encoding="utf-8")
    (folder / "communes.geojson").write_text(communes, encoding="utf-8")
    (folder / "town.toml").write_text(TOWN + keys, encoding="utf-8")
    return build.build(settings.load(folder / "town.toml", all_feeds()), AT, lambda _: None).modules[0]


def test_the_format_says_which_columns_are_read(tmp_path: Path) -> None:
    module = made(tmp_path, 'format = "mednum-bfc"\n')

    assert [item.id for item in module.items] == ["bfc_1"]


def test_the_columns_of_another_format_are_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"list.csv: expected a column id, found .*bfc_id"):
        made(tmp_path, "")


def test_communes_are_compared_with_and_no_rows_of_the_feed(tmp_path: Path) -> None:
    module = made(tmp_path, 'format = "mednum-bfc"\ncommunes = "communes.geojson"\n')

    assert module.rows == 1
    assert b",21231," in module.files["lieux.csv"]


def test_communes_that_are_no_geojson_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"communes.geojson: expected GeoJSON features"):
        made(tmp_path, 'format = "mednum-bfc"\ncommunes = "communes.geojson"\n', communes="[]")


@pytest.mark.parametrize("months", [1, 240])
def test_months_may_be_from_1_to_240(tmp_path: Path, months: int) -> None:
    assert made(tmp_path, f'format = "mednum-bfc"\nstale_after_months = {months}\n').items


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('format = "xls"', "inclusion format: expected 'standard' or 'mednum-bfc', found \"xls\""),
        ("stale_after_months = 0", "inclusion stale_after_months: expected greater than or equal to 1, found 0"),
        ("stale_after_months = 241", "inclusion stale_after_months: expected less than or equal to 240, found 241"),
        ('stale_after_months = "12"', "inclusion stale_after_months: expected a whole number"),
        ("stale_months = 12", "stale_after_months"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_its_name(tmp_path: Path, keys: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        made(tmp_path, keys + "\n")

    assert told in error.value.told()
