"""Names come from other people's files: none makes a page ask for anything, wherever it is shown."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest

from anonymization.happenings import events_json, read_events
from dashboards.page import all_pages
from tests.anonymization.releases import publish
from tests.browser.conftest import Reader
from tests.browser.served import served
from tests.dashboards.festival import SECOND, festival_draft
from tests.dashboards.town_feeds import Json, both, write_feeds

pytestmark = pytest.mark.browser

HOST: Final = "evil.invalid"
AT: Final = {"latitude": 47.32, "longitude": 5.04}
FIRST, *OTHERS = (page.path for page in all_pages())
NAMED: Final = {"event": "-", "zone": "21231", "day": SECOND.isoformat()}
"""A zone and a day by hand; the first pages begin with an event."""


def image(what: str) -> str:
    """A name that is an image in Markdown, of a host that must never be asked."""
    return f"![x](http://{HOST}/{what}.png)"


def _named(documents: dict[str, Json]) -> None:
    """Give all that the feeds show such names."""
    for name, document in documents.items():
        document["title"] = both(image(name))
        for number, item in enumerate(document["items"]):
            what = image(f"{name}{number}")
            item |= {"title": both(what), "text": both(what), "category": both(what), "place": {"address": what} | AT}
            item["facts"] = [{"label": both(what), "value": both(what)}]


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard of a release whose zones and events all have such names, as have the feeds beside it."""
    draft, folder = festival_draft(), tmp_path_factory.mktemp("named")
    for feature in draft.zones["features"]:
        feature["properties"]["name"] = image(feature["properties"]["zone_id"])
    events = read_events(draft.events)
    names = {event.name: image(f"event{number}") for number, event in enumerate(events)}
    named = [
        replace(event, name=names[event.name], previous=event.previous and names[event.previous]) for event in events
    ]
    release = publish(folder / "release", replace(draft, events=events_json(named)))
    write_feeds(folder / "feeds", _named)
    with served(release, folder / "cache") as address:
        yield address
    shutil.rmtree(folder)


@pytest.mark.parametrize("choices", [{}, NAMED], ids=["event", "zone"])
@pytest.mark.parametrize("path", ["", *OTHERS], ids=[FIRST, *OTHERS])
def test_no_name_makes_a_page_ask_another_host(
    reader: Reader, listening: str, path: str, choices: dict[str, str]
) -> None:
    visit = reader(listening).open(f"/{path}", lang="en", **choices)
    visit.page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach((each) => each.click())")
    visit.settle()
    assert visit.page.locator("summary").count() == visit.page.locator("details[open]").count() > 0
    assert HOST in visit.text or path in ("method", "audit")
    assert visit.hosts == {listening.removeprefix("http://")}
    # The address that such a name spells out is a link, which asks for nothing by itself.
    assert visit.page.locator(f"[src*='{HOST}']").count() == 0
