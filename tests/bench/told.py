"""What a job tells whoever started it: one line of JSON on standard output."""

import json
from dataclasses import asdict, dataclass

from tests.bench.counts import Counted, Summary


@dataclass(frozen=True)
class Told:
    """What was counted; `seconds` where a job takes its own time, for lack of a start that scales."""

    summary: Summary
    seconds: float | None = None


def tell(counted: Counted, seconds: float | None = None) -> None:
    """Print it."""
    print(json.dumps(asdict(Told(counted.summary(), seconds))))


def told(output: str) -> Told:
    """Read it back from the last line of a job's output."""
    return Told(**json.loads(output.strip().splitlines()[-1]))
