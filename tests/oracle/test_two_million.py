"""Two million events of every style, through the whole chain in several steps, against the SQL oracle."""

from datetime import date
from pathlib import Path

import pytest

from schemas.configuration import Engine
from tests.oracle.chain import Asked, assert_agrees, run_chain
from tests.oracle.generate import generate


@pytest.mark.slow
def test_the_exact_counts_of_two_million_events_are_those_of_the_oracle(tmp_path: Path) -> None:
    lot = generate(tmp_path, 40_000, 2_330_000, 2, date(2026, 3, 28), 12, "mixed", cells=400)
    chain = run_chain(lot, engine=Engine(step_rows=600_000))
    assert chain.accounting.rows_in > 2_000_000
    assert_agrees(chain, Asked(lot, chain))
