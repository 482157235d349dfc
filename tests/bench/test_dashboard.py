from dataclasses import asdict
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.released import as_stated
from dashboards.queries import QUERIES
from tests.anonymization.releases import publish, whole_draft
from tests.bench import dashboard_store
from tests.bench.dashboard import Found, lines
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
