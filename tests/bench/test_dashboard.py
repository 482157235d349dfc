from dataclasses import asdict
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.released import as_stated
from dashboards.queries import QUERIES
from tests.anonymization.releases import publish, whole_draft
from tests.bench import dashboard_store
from tests.bench.dashboard import Found, lines, targets
from tests.bench.dashboard_pages import Pages, Waited
from tests.bench.many_days import many_days


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repeated")
    return many_days(publish(folder / "source", whole_draft()), folder / "releases", 5)


def test_the_days_of_a_release_over_and_over_again_verify(repeated: Path) -> None:
    assert [check.message for check in audit(repeated).checks if not check.passed] == []
    assert [day.date.isoformat() for day in as_stated(repeated).days] == [f"2026-06-{day}" for day in range(20, 25)]


def test_every_question_has_a_line_in_the_table(repeated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard_store, "ROUNDS", 2)
    text = "\n".join(lines(Found(0.5, asdict(dashboard_store.measured(repeated)), (1.0, 0.1), None)))
    assert all(f"| {name} | " in text for name in QUERIES)
    assert "rows of 5 days" in text


@pytest.mark.parametrize(("figure", "megabytes", "missed"), [(2.5, 600.0, []), (2.51, 600.1, ["figure", "memory"])])
def test_a_target_is_met_up_to_its_limit_and_missed_beyond_it(
    figure: float, megabytes: float, missed: list[str]
) -> None:
    pages = Pages(1.0, 1.0, Waited(1.0, figure), {}, Waited(0.5, 1.0), Waited(0.5, 2.0), megabytes)
    found = Found(0.5, {"queries": {"one": {"most": 100.0}, "other": {"most": 3.0}}}, None, pages)
    told = [target for target in targets(found) if not target.met]
    assert [word in str(target) for word, target in zip(missed, told, strict=True)] == [True] * len(missed)
    assert all(str(target).startswith("MISSED: ") for target in told)
    assert "met: p95 of the slowest question, one, 100.00 ms, at most 100 ms" in map(str, targets(found))


def test_nothing_is_told_as_met_that_was_not_measured() -> None:
    assert list(targets(Found(0.5, None, (1.0, 0.1), None))) == []
