"""Small inputs that change while a privacy day is open: the day keeps what it began with, the next one has the new."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from anonymization.audit import audit
from anonymization.entries import EVENTS
from anonymization.happenings import Happening, events_json
from anonymization.manifest import read_chain
from anonymization.released import open_release
from pipelines import inputs
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.follow import terms as terms_module
from pipelines.follow.command import Watching, begun_follower, told_of
from pipelines.follow.display import Display
from pipelines.follow.follower import Follower
from pipelines.follow.log import Log, silent
from pipelines.follow.terms import AGAIN_SECONDS, LOOK_SECONDS, Terms
from pipelines.opening import opened
from schemas.errors import HexafluxError, InputError, PrivacyRefusal, SystemFailure, UsageError
from schemas.indicators import INDICATORS
from tests.follow.delivered import QUIET, SMALL, Clock, Place, deliver, in_delay, place, town
from tests.oracle.generate import Generated

FIRST, SECOND, THIRD = date(2026, 6, 12), date(2026, 6, 13), date(2026, 6, 14)
ENDS = 50
"""So many half hours hold the first day and what comes until it is over."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("terms") / "town", days=3, events=60_000)


@pytest.fixture(scope="module")
def deliveries(given: Generated) -> list[pa.Table]:
    return in_delay(given.events, 20)


def own(folder: Path, given: Generated, *sections: str) -> Place:
    """A place with small inputs of its own, which a test may change."""
    found = place(folder, given, *sections)
    for file in SMALL.values():
        shutil.copy(given.directory / file, folder / file)
    text = found.config.read_text(encoding="utf-8").replace(str(given.directory), str(folder))
    found.config.write_text(text, encoding="utf-8")
    return found


def change(path: Path, new: Callable[[bytes], bytes]) -> None:
    """Replace a file in one step, as an operator should."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(new(path.read_bytes()))
    hidden.rename(path)


def aged(of: Place) -> None:
    """Give everybody in the register one class and one home."""
    table = pq.read_table(of.folder / SMALL["subscribers"])
    place_of = table.column_names.index("spc")
    table = table.set_column(place_of, "spc", pa.array(["3"] * table.num_rows))
    pq.write_table(table, of.folder / ".new.parquet")
    (of.folder / ".new.parquet").rename(of.folder / SMALL["subscribers"])


def renamed(of: Place) -> None:
    change(of.folder / SMALL["zones"], lambda data: data.replace(b'"name": "', b'"name": "New ', 1))


def moved(of: Place) -> None:
    """Take a cell away."""
    change(of.folder / SMALL["cells"], lambda data: b"\n".join(data.split(b"\n")[:-3]) + b"\n")


def with_k(of: Place) -> None:
    text = of.config.read_text(encoding="utf-8")
    of.config.write_text(text + "[policy]\nk = 40\n[estimation]\npeople_per_device = 3.0\n", encoding="utf-8")


def everything(of: Place) -> None:
    for some in (aged, renamed, moved, with_k):
        some(of)


def follow(of: Place, number: int, some: Sequence[pa.Table], log: Log = silent) -> None:
    """Take deliveries as the command does, from a new start."""
    for at, events in enumerate(some, number):
        deliver(of, events, f"{at:04d}")
    with begun(of, log=log) as (follower, _):
        while follower.round():
            pass


class begun:
    """A follower as the command begins it, and its terms."""

    def __init__(self, of: Place, clock: Clock | None = None, log: Log = silent) -> None:
        self.terms = Terms(load(of.config), log, clock or Clock())
        self.terms.read()
        self.opened = opened(self.terms.configuration)
        self.watching = Watching(QUIET, Display(Console(stderr=True), "UTC", quiet=True), log)

    def __enter__(self) -> tuple[Follower, Terms]:
        working, state = self.opened.__enter__()
        try:
            return begun_follower(self.terms, working, state, self.watching), self.terms
        except HexafluxError:
            self.opened.__exit__(None, None, None)
            raise

    def __exit__(self, *error: object) -> None:
        self.opened.__exit__(None, None, None)


def load_inputs(of: Place) -> Mapping[str, str]:
    return inputs.read_inputs(load(of.config)).digests


def kept(of: Place) -> list[Path]:
    return sorted((of.folder / "release.work" / "inputs").iterdir())


@pytest.mark.slow
def test_a_day_ends_under_the_inputs_that_it_began_with_and_the_next_has_the_new_ones(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to, old, new = (own(tmp_path / name, given) for name in ("followed", "old", "new"))
    follow(to, 0, deliveries[:20])
    everything(to)
    follow(to, 20, deliveries[20:])
    everything(new)
    for other in (old, new):
        deliver(other, given.events, "all")
        run(load(other.config), QUIET)
    for name in INDICATORS:
        assert to.rows(name, FIRST).equals(old.rows(name, FIRST)), name
        assert to.rows(name, SECOND).equals(new.rows(name, SECOND)), name
    assert not old.rows("presence", SECOND).equals(new.rows("presence", SECOND))
    assert audit(to.release, allow_test=True).verdict
    days = {entry.privacy_day: entry for entry in read_chain(to.release) if entry.kind == "day"}
    assert days["2026-06-12"].body["zones_sha256"] != days["2026-06-13"].body["zones_sha256"]


@pytest.mark.slow
def test_a_day_states_the_events_of_now_in_the_zones_that_it_began_with(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = own(tmp_path / "place", given)
    known, *_, gone = [
        feature["properties"]["zone_id"]
        for feature in json.loads((to.folder / SMALL["zones"]).read_text(encoding="utf-8"))["features"]
    ]
    fair = Happening("Fair", "new", datetime(2026, 6, 5, 16, tzinfo=UTC), datetime(2026, 6, 5, 22, tzinfo=UTC))
    feast = replace(fair, name="Feast", zone_id=known, start=datetime(2026, 6, 12, 16, tzinfo=UTC))
    feast = replace(feast, end=datetime(2026, 6, 12, 22, tzinfo=UTC), previous="Fair")
    follow(to, 0, deliveries[:20])
    change(to.folder / SMALL["zones"], lambda data: data.replace(f'"zone_id": "{gone}"'.encode(), b'"zone_id": "new"'))
    text = to.config.read_text(encoding="utf-8")
    for name, zone_id, day, more in (("Fair", "new", 5, ""), ("Feast", known, 12, 'previous = "Fair"\n')):
        text += f'[[event]]\nname = "{name}"\nzone = "{zone_id}"\n{more}'
        text += f"start = 2026-06-{day:02d}T18:00:00\nend = 2026-06-{day + 1:02d}T00:00:00\n"
    to.config.write_text(text, encoding="utf-8")
    follow(to, 20, deliveries[20:])
    assert open_release(to.release).events() == (fair, feast)
    stated = [each.block("shared").get(EVENTS) for each in read_chain(to.release) if each.privacy_day == str(FIRST)]
    of_first = sha256(events_json([replace(feast, previous=None)])).hexdigest()
    assert list(dict.fromkeys(filter(None, stated))) == [sha256(events_json([])).hexdigest(), of_first]


def test_what_a_closed_day_began_with_is_gone_and_copies_are_for_their_owner(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = own(tmp_path / "place", given)
    follow(to, 0, deliveries[:20])
    (first,) = kept(to)
    assert {path.stat().st_mode & 0o077 for path in [first, *first.rglob("*")]} == {0}
    assert (first / "subscribers" / "subscribers.parquet").read_bytes() == (
        to.folder / SMALL["subscribers"]
    ).read_bytes()
    aged(to)
    follow(to, 20, deliveries[20:30])
    assert len(kept(to)) == 2
    assert first in kept(to)
    follow(to, 30, deliveries[30:ENDS])
    (second,) = kept(to)
    assert second != first


def read_again(_: object) -> None:
    raise AssertionError("what is in memory is read again")


@pytest.mark.slow
def test_a_changed_file_is_noticed_while_the_follower_goes_on(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, new = (own(tmp_path / name, given) for name in ("followed", "new"))
    clock, told = Clock(), list[tuple[str, dict[str, object]]]()
    for number, some in enumerate(deliveries[:20]):
        deliver(to, some, f"{number:04d}")
    with begun(to, clock, lambda event, **facts: told.append((event, facts))) as (follower, terms):
        while follower.round():
            pass
        aged(to)
        monkeypatch.setattr(inputs, "read_inputs", read_again)
        assert terms.renewed(follower.kept) is None
        clock.seconds += LOOK_SECONDS
        renewed = terms.renewed(follower.kept)
        assert renewed is not None
        follower.begin_days_with(renewed)
        assert terms.renewed(follower.kept) is None
        for number, some in enumerate(deliveries[20:], 20):
            deliver(to, some, f"{number:04d}")
        while follower.round():
            pass
    monkeypatch.undo()
    assert ("inputs changed", {"names": "subscribers", "holds": "for privacy days to come"}) in told
    aged(new)
    deliver(new, given.events, "all")
    run(load(new.config), QUIET)
    assert to.rows("presence_by_spc", SECOND).equals(new.rows("presence_by_spc", SECOND))
    assert not to.rows("presence_by_spc", FIRST).equals(new.rows("presence_by_spc", FIRST))


def test_an_input_that_cannot_be_read_is_told_once_and_the_former_holds(given: Generated, tmp_path: Path) -> None:
    to, clock, told = own(tmp_path / "place", given), Clock(), list[str]()
    with begun(to, clock, lambda event, **facts: told.append(f"{event}: {facts.get('reason')}")) as (follower, terms):
        good = terms.inputs
        whole = (to.folder / SMALL["zones"]).read_bytes()
        change(to.folder / SMALL["zones"], lambda data: data[: len(data) // 2])
        for _ in range(3):
            clock.seconds += LOOK_SECONDS
            assert terms.renewed(follower.kept) is None
        assert terms.inputs is good
        (to.folder / SMALL["zones"]).unlink()
        for _ in range(3):
            clock.seconds += LOOK_SECONDS
            assert terms.renewed(follower.kept) is None
        assert len(told) == 2, told
        assert "zones.geojson" in told[0]
        (to.folder / SMALL["zones"]).write_bytes(whole)
        clock.seconds += LOOK_SECONDS
        assert terms.renewed(follower.kept) is not None


def test_refused_inputs_stay_told_until_they_can_be_read_or_are_as_before(given: Generated, tmp_path: Path) -> None:
    to, clock = own(tmp_path / "place", given), Clock()
    zones = to.folder / SMALL["zones"]
    with begun(to, clock) as (follower, terms):
        aside = zones.with_name("aside")
        zones.rename(aside)
        for _ in range(2):
            clock.seconds += LOOK_SECONDS
            assert terms.renewed(follower.kept) is None
            assert terms.refused
            assert told_of(follower, terms).inputs_refused
        aside.rename(zones)
        clock.seconds += LOOK_SECONDS
        assert terms.renewed(follower.kept) is None
        assert not terms.refused
        assert not told_of(follower, terms).inputs_refused


def test_inputs_that_could_not_be_read_for_a_while_are_read_again(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, clock, tries = own(tmp_path / "place", given), Clock(), list[float]()

    def fails(_: object) -> None:
        tries.append(clock.seconds)
        raise InputError("the share does not answer", "wait")

    with begun(to, clock) as (follower, terms):
        renamed(to)
        with monkeypatch.context() as patched:
            patched.setattr(terms_module, "read_inputs", fails)
            clock.seconds += LOOK_SECONDS
            assert terms.renewed(follower.kept) is None
            clock.seconds += LOOK_SECONDS
            assert terms.renewed(follower.kept) is None
            assert (terms.refused, len(tries)) == ("the share does not answer", 1)
        clock.seconds += AGAIN_SECONDS
        assert terms.renewed(follower.kept) is not None
        assert not terms.refused


def test_a_file_that_changes_while_it_is_read_is_not_kept(given: Generated, tmp_path: Path) -> None:
    to = own(tmp_path / "place", given)
    terms = Terms(load(to.config), silent)
    terms.read()
    moved(to)
    with (
        pytest.raises(HexafluxError, match="stay as they are while they are read"),
        opened(terms.configuration) as (
            working,
            state,
        ),
    ):
        begun_follower(terms, working, state, Watching(QUIET, Display(Console(), "UTC", quiet=True), silent))
    assert not [path for path in kept(to) if not path.name.startswith(".")]


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ('[time]\nprivacy_day_starts = "04:00"\n', "time"),
        ('[area]\ntimezone = "UTC"\n', "area"),
        ("[engine]\nshards = 3\n", "shards"),
    ],
)
def test_what_says_where_a_day_ends_does_not_change_while_one_is_open(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, section: str, named: str
) -> None:
    to = own(tmp_path / "place", given)
    follow(to, 0, deliveries[:2])
    text = to.config.read_text(encoding="utf-8")
    to.config.write_text(text + section, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        follow(to, 2, [])
    assert f"expected {named} as when privacy day 2026-06-12 began" in refused.value.message
    assert "end the open days with hexaflux run" in refused.value.hint
    to.config.write_text(text, encoding="utf-8")
    follow(to, 2, deliveries[2:16])
    to.config.write_text(text + section, encoding="utf-8")
    with pytest.raises(PrivacyRefusal, match=f"expected {named} as"):
        follow(to, 16, [])


@pytest.mark.slow
def test_a_run_does_not_end_a_day_that_keeps_other_inputs(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = own(tmp_path / "place", given)
    follow(to, 0, deliveries[:20])
    aged(to)
    with pytest.raises(PrivacyRefusal, match="subscribers changed"):
        run(load(to.config), QUIET)
    follow(to, 20, deliveries[20:21])
    with pytest.raises(UsageError, match="which keep former ones"):
        run(load(to.config), QUIET)
    follow(to, 21, deliveries[21:ENDS])
    run(load(to.config), QUIET)
    state = json.loads((to.folder / "release.work" / "state.json").read_text(encoding="utf-8"))
    assert {day["status"] for day in state["days"].values()} == {"closed"}
    assert not kept(to)


def test_a_day_that_was_begun_without_copies_goes_on_with_those_of_now(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = own(tmp_path / "place", given)
    follow(to, 0, deliveries[:5])
    path = to.folder / "release.work" / "state.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    state["terms"] = state["days"]["2026-06-12"]["terms"] = ""
    path.write_text(json.dumps(state), encoding="utf-8")
    aged(to)
    with pytest.raises(UsageError, match="expected subscribers as when privacy day 2026-06-12 began"):
        follow(to, 5, [])
    shutil.copy2(given.directory / SMALL["subscribers"], to.folder / SMALL["subscribers"])
    state["digests"] = dict(load_inputs(to))
    path.write_text(json.dumps(state), encoding="utf-8")
    follow(to, 5, deliveries[5:6])
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["days"]["2026-06-12"]["terms"] == written["terms"] != ""


def test_copies_that_are_gone_or_are_others_end_the_follower(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = own(tmp_path / "place", given)
    follow(to, 0, deliveries[:20])
    (first,) = kept(to)
    moved(to)
    # A new process reads the copies anew.
    monkeypatch.setattr(inputs, "_READ", {})
    cells = first / "cells" / "cells.csv"
    whole = cells.read_bytes()
    cells.write_bytes(whole[: len(whole) // 2].rpartition(b"\n")[0] + b"\n")
    with pytest.raises(SystemFailure, match="expected what an open privacy day began with"):
        follow(to, 20, deliveries[20:21])
    cells.write_bytes(whole)
    (first / "settings.json").unlink()
    with pytest.raises(SystemFailure, match="expected what an open privacy day began with"):
        follow(to, 21, deliveries[21:22])
