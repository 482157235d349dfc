"""Whatever the rows say, the feed of centres is built, and each of them is published or refused."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.inclusion import mednum, tours
from pipelines.feeds.inclusion.columns import STANDARD
from pipelines.feeds.inclusion.settings import Form
from schemas.feeds import Source
from tests.feeds.centres import CENTRE, MEDNUM, STOP, built, context, errors, written

ODD = st.sampled_from(
    (
        *("", "|", "a|b", "-", "-1", "é\n", "x" * 300, "0", "1e3", "٣", "one", "stop", "2026-06-23", "0001-01-01"),
        *("2999-12-31", "1000-01-01T00:00", "2999-12-31T23:59", "2026-03-29T02:30", "2026-10-25T02:30", "31/02/2021"),
        *("FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=MONTHLY;BYDAY=5SA;INTERVAL=1000"),
        *("FREQ=DAILY;COUNT=1000", "FREQ=DAILY", "Mo 24:00-24:00", "24/7", "8h-24h", "0h-0h", "24h-24h59", "I-i-"),
        *("https://a.example:1/(b)", "Itinérant|Fixe", "Ce lieu n'accueille pas de public", "0" * 14, "90", "-180"),
    )
)


def rows(source: Source, usual: dict[str, str]) -> st.SearchStrategy[list[dict[str, str]]]:
    """Rows that are right but for a few texts; some of them have an identifier of their own."""
    names = [column.name for column in source.columns]
    odd = st.dictionaries(st.sampled_from(names), ODD, max_size=3)
    own = st.sampled_from(({}, {names[0]: "one"}, {names[0]: "two"}))
    return st.lists(st.tuples(own, odd).map(lambda parts: usual | parts[0] | parts[1]), max_size=4)


@pytest.mark.parametrize("form", ["standard", "mednum-bfc"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_row_is_published_or_refused_and_nothing_stops_the_build(form: Form, data: st.DataObject) -> None:
    centres = rows(STANDARD, CENTRE) if form == "standard" else rows(mednum.SOURCE, MEDNUM | {"bfc_id": "one"})
    source, stops = data.draw(centres), data.draw(rows(tours.SOURCE, STOP))
    until = data.draw(st.sampled_from((None, date(2026, 6, 1), date(2027, 12, 31))))
    made_with = context(valid_until=until, updated=date(2026, 6, 1), format=form)

    made, findings = built(made_with, source=source, tours=stops)

    refused = {line for line, _ in errors(tuple(each for each in findings if each.file == "source.csv"))}
    assert len(written(made)) + len(refused) == len(source)
    assert len({item.id for item in made.items}) == len(made.items)
    assert built(made_with, source=source, tours=stops)[0] == made
