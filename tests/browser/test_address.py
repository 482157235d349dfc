"""What a page shows stands in its address, and nothing that an address holds can harm it."""

import pytest

from tests.browser.conftest import Reader
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


def figures(visit: Visit) -> list[str]:
    return visit.page.locator(".hx-figure").all_inner_texts()


def test_an_address_shows_somebody_else_the_same_page(reader: Reader) -> None:
    first = reader().open("/event", event="-", lang="fr")
    begun = figures(first)
    first.choose("Zone", "Lac Kir (lieu)").choose("Jour", "vendredi 19 juin 2026").choose("Langue", "English")
    slider = first.page.get_by_role("slider", name="Time")
    slider.focus()
    slider.press("Home")
    first.settle()
    second = reader(language="fr")
    second.page.goto(first.page.url)
    second.page.wait_for_selector(".hx-foot")
    second.settle()
    assert figures(second) == figures(first) != begun
    assert second.choices == first.choices
    assert second.choices["lang"] == "en"
    assert second.page.get_by_role("slider", name="Time").input_value() == "0"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "-1"},
        {"day": "2031-01-01"},
        {"zone": "x' OR 1=1; DROP TABLE attendance; --"},
        {"lang": "<script>document.title='harmed'</script>"},
        {"t": "25:99"},
        {"event": "None", "base": "../../etc"},
    ],
    ids=["zone", "day", "sql", "script", "time", "event"],
)
def test_what_is_wrong_in_an_address_is_left_out(reader: Reader, wrong: dict[str, str]) -> None:
    # A zone or a day in an address is another one than that of an event.
    event = {} if "event" in wrong else {"event": "-"}
    usual = reader().open("/event", **event)
    visit = reader().open("/event", **event, **wrong)
    assert figures(visit) == figures(usual) != []
    assert usual.choices.items() <= visit.choices.items()
    assert visit.errors == []
    assert visit.page.title() == usual.page.title()
