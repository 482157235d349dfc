"""Followers as the command begins them, and rounds of a played cluster between theirs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Console

from pipelines.configuration import load
from pipelines.flink.exchange import Exchange
from pipelines.flink.follower import FlinkFollower
from pipelines.follow.command import Watching, begun_follower
from pipelines.follow.display import Display
from pipelines.follow.follower import Follower
from pipelines.follow.terms import Terms
from pipelines.opening import opened
from pipelines.state import Accounting, State
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.flink.played import PlayedCluster
from tests.flink.shelf import Shelf
from tests.follow.delivered import QUIET, TEST, Clock, Place
from tests.oracle.generate import Generated

FIRST, SECOND = "2026-06-12", "2026-06-13"
"""The privacy days of the town."""

PARTITIONS = 3
"""So many partitions hold its events."""

HALF, OVER = 20, 60
"""So many half hours are within the first day, and end it."""

EARLIER = "2026-06-11"
"""The privacy day before these."""


def exchange(of: Place) -> Exchange:
    """What a job hands on through, where the configuration says nothing else."""
    return Exchange(of.folder / "release.work" / "flink")


def publish_in_earnest(to: Place, folder: Path) -> None:
    """Have a place publish no test, but with a register and a signing key that lie in a folder."""
    release = f'[release]\nregister = "{folder / "register.json"}"\nsigning_key = "{folder / "key.pem"}"'
    text = to.config.read_text(encoding="utf-8").replace(TEST, "").replace("[release]", release)
    to.config.write_text(text, encoding="utf-8")


def committed(of: Place) -> State:
    found = WorkingDirectory(of.folder / "release.work").load()
    assert found is not None
    return found


def parquet(of: Place) -> dict[str, bytes]:
    return {str(path.relative_to(of.release)): path.read_bytes() for path in sorted(of.release.rglob("*.parquet"))}


@dataclass(frozen=True)
class Scene:
    """A town, its events in messages and a run over them; a topic and a cluster to follow it with, in a new folder."""

    given: Generated
    messages: dict[int, list[bytes]]
    whole: Place
    shelf: Shelf
    cluster: PlayedCluster
    folder: Path


@dataclass
class Logged:
    """What a follower logs: events, each with what is told of it."""

    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def __call__(self, event: str, **told: object) -> None:
        self.lines.append((event, told))

    def of(self, event: str) -> list[dict[str, object]]:
        return [told for name, told in self.lines if name == event]


@contextmanager
def begun(of: Place, log: Logged | None = None) -> Iterator[tuple[Follower, Terms, Clock]]:
    """A follower that is killed where the context ends; the clock is that of its terms."""
    log, clock = log or Logged(), Clock()
    terms = Terms(load(of.config), log, clock)
    terms.read()
    watching = Watching(QUIET, Display(Console(stderr=True), "UTC", quiet=True), log)
    with opened(terms.configuration) as (working, state):
        yield begun_follower(terms, working, state, watching), terms, clock


@contextmanager
def following(of: Place, cluster: PlayedCluster, log: Logged | None = None) -> Iterator[FlinkFollower]:
    """A follower that has begun its job, or gone on with it, and ends it as the command does."""
    with begun(of, log) as (found, _, _):
        assert isinstance(found, FlinkFollower)
        try:
            found.round()
            yield found
        finally:
            found.end()


def rounds(found: FlinkFollower, cluster: PlayedCluster, count: int = 1) -> None:
    """Have readers take what has arrived, the job take a checkpoint, and the follower publish what is there."""
    for _ in range(count):
        cluster.wake()
        cluster.checkpoint()
        found.round()


ROUNDS = 16


def closing(found: FlinkFollower, cluster: PlayedCluster, day: str = FIRST) -> None:
    """Rounds until a day is closed: two cuts, of each of which readers hear twice."""
    for _ in range(ROUNDS):
        rounds(found, cluster)
        if found.state.days[day].status == "closed":
            return
    raise AssertionError("the day is not closed after so many rounds")


def arrive(shelf: Shelf, messages: Mapping[int, Sequence[bytes]], until: int, since: int = 0) -> None:
    """The messages of a span of half hours arrive in all partitions."""
    for number, values in messages.items():
        shelf.put(number, *values[since:until])


def assert_first_day_as_in(whole: Place, to: Place) -> None:
    for name in INDICATORS:
        assert to.rows(name, date.fromisoformat(FIRST)).equals(whole.rows(name, date.fromisoformat(FIRST))), name
    assert to.rows("presence", date.fromisoformat(FIRST)).num_rows > 100


def late_rows(before: Accounting, after: Accounting) -> int:
    """How many late rows came in between, where all that came are late or rejected, and no row before became so."""
    late = after.late - before.late
    assert after.rows_in - before.rows_in == late + after.all_rejected - before.all_rejected
    assert after.accepted + after.duplicates == before.accepted + before.duplicates
    return late
