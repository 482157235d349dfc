"""What the schema of the standard lacks: SIRET, age, and what residents need."""

from datetime import date, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.feeds.siret import LA_POSTE, is_siret
from tests.feeds.centres import CENTRE, PARIS, built, context, errors, warnings, written


@pytest.mark.parametrize(
    ("pivot", "postal", "accepted"),
    [
        ("W212000000", "21000", True),
        ("35600000049837", "21000", True),
        ("1234567890", "98800", True),
        ("1234567890", "21000", False),
    ],
)
def test_a_pivot_is_a_siret_an_rna_number_or_overseas_a_ridet(pivot: str, postal: str, accepted: bool) -> None:
    _, findings = built(context(), source=[CENTRE | {"pivot": pivot, "code_postal": postal}])

    assert (errors(findings) == []) == accepted


def test_fourteen_zeros_stand_for_an_unknown_siret_and_are_told() -> None:
    made, findings = built(context(), source=[CENTRE | {"pivot": "0" * 14}])

    assert written(made)[0]["pivot"] == "0" * 14
    assert len(warnings(findings, "pivot")) == 1


@settings(deadline=None)
@given(st.integers(0, 10**13 - 1), st.integers(0, 13), st.integers(1, 9))
def test_any_siret_with_one_digit_changed_is_refused(head: int, place: int, change: int) -> None:
    right = next(text for text in (f"{head:013}{digit}" for digit in range(10)) if is_siret(text))
    digit = str((int(right[place]) + change) % 10)
    changed = right[:place] + digit + right[place + 1 :]
    # Offices of La Poste follow another rule, by which a change of 5 is not seen.
    assume(not right.startswith(LA_POSTE) and not changed.startswith(LA_POSTE))

    _, findings = built(context(), source=[CENTRE | {"pivot": changed}])

    assert errors(findings) == [(2, "pivot")]


@pytest.mark.parametrize(("checked", "stale"), [("2025-06-21", False), ("2025-06-20", False), ("2025-06-19", True)])
def test_a_centre_is_out_of_date_after_twelve_months_and_not_at_twelve(checked: str, stale: bool) -> None:
    made, findings = built(context(), source=[CENTRE | {"date_maj": checked}])

    (fact,) = [value.fr for label, value in made.items[0].facts if label.en == "Checked on"]
    assert warnings(findings, "date_maj") == (["a check on 2025-06-20 or later"] if stale else [])
    assert ("à confirmer" in fact) == stale
    assert made.items[0].updated == date.fromisoformat(checked)


@pytest.mark.parametrize(("checked", "stale"), [("2026-02-28", False), ("2026-02-27", True)])
def test_a_month_before_the_last_of_march_is_the_last_of_february(checked: str, stale: bool) -> None:
    at = datetime(2026, 3, 31, tzinfo=PARIS)

    _, findings = built(context(at, stale_after_months=1), source=[CENTRE | {"date_maj": checked}])

    assert bool(warnings(findings, "date_maj")) == stale


@pytest.mark.parametrize(("checked", "told"), [("2026-06-20", 0), ("2026-06-21", 1)])
def test_a_check_in_the_future_is_told(checked: str, told: int) -> None:
    _, findings = built(context(), source=[CENTRE | {"date_maj": checked}])

    assert len(warnings(findings, "date_maj")) == told


def test_a_centre_without_services_or_hours_is_published_and_told() -> None:
    made, findings = built(context(), source=[CENTRE | {"services": "", "horaires": ""}])

    assert made.items[0].hours == ""
    assert (len(warnings(findings, "services")), len(warnings(findings, "horaires"))) == (1, 1)
