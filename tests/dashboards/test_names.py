"""Names that are images in Markdown stay text on the pages that show the most of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from anonymization.happenings import events_json
from tests.anonymization.releases import publish
from tests.dashboards.festival import SECOND, festival_draft
from tests.dashboards.opened import open_page


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose zones all have such names."""
    draft = replace(festival_draft(), events=events_json([]))
    for feature in draft.zones["features"]:
        feature["properties"]["name"] = "![x](http://evil.invalid/1.png)"
    return publish(tmp_path_factory.mktemp("named") / "release", draft)


@pytest.mark.parametrize("page", ["flows", "compare", "profiles"])
def test_no_name_of_a_zone_is_markdown(named: Path, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(named))
    app = open_page(named, page, zone="21231", day=SECOND.isoformat(), lang="en").app
    told = [*app.info, *app.warning, *app.error, *app.caption, *app.subheader, *app.markdown]
    tables = [table.value.reset_index().to_csv() for table in app.table]
    said = "\n".join([*(str(each.value) for each in told), *tables])
    assert "![x]" not in said
    assert r"\!\[x\]" in said
