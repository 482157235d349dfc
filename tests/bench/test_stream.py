"""The benchmark of follow mode, in small."""

from pathlib import Path

import pytest

from tests.bench import stream
from tests.bench.backlogs import Backlog
from tests.bench.measured import Measured
from tests.bench.steady import Load
from tests.bench.stream import INBOX_RATE, Asked, Found, lines, measured, section, targets

ASKED = Asked(("arrow", "json", "avro", "inbox"), Load(20_000, 0.1, 1_000), backlog=10_000, inbox_devices=500)


def test_what_was_not_measured_is_not_told() -> None:
    assert list(lines(ASKED, Found())) == []
    assert list(targets(ASKED, Found())) == []


@pytest.mark.parametrize(("seconds", "code"), [(0.9, 0), (1.1, 1)])
def test_a_target_that_is_missed_is_a_failure(seconds: float, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Measured(seconds, seconds, 1 << 30, "")
    inbox = Backlog(round(INBOX_RATE), seconds, seconds, rounds=1, slots=1, run=run)
    monkeypatch.setattr(stream, "measured", lambda *_: Found(inbox=inbox))
    monkeypatch.setattr("sys.argv", ["stream", "--only", "inbox"])
    assert stream.main() == code


@pytest.mark.soak
def test_every_part_takes_all_that_was_sent(tmp_path: Path) -> None:
    found = measured(tmp_path, ASKED, print)
    assert found.arrow is not None
    assert found.arrow.taken == found.arrow.sent > 120_000
    assert found.arrow.late
    assert found.arrow.producer > 0
    assert found.arrow.broker > 0
    for part in (found.json, found.avro, found.inbox):
        assert part is not None
        assert part.rows > 9_000
        assert part.slots > 0
    assert len(list(targets(ASKED, found))) == 4
    assert "nothing lost" in section(ASKED, found)
