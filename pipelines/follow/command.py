"""`hexaflux follow`: the loop around a follower, from its start to a signal that ends it."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from types import FrameType
from typing import Final

from pipelines.allocator import keep_freed_memory
from pipelines.embedded import Outcome
from pipelines.flink.follower import FlinkFollower
from pipelines.follow.display import Display
from pipelines.follow.files import FileFollower
from pipelines.follow.follower import Follower
from pipelines.follow.log import Log
from pipelines.follow.metrics import served
from pipelines.follow.terms import Terms
from pipelines.follow.told import Told, coarse
from pipelines.follow.topic import TopicFollower
from pipelines.inputs import Inputs
from pipelines.kept_inputs import KeptInputs
from pipelines.opening import opened
from pipelines.progress import Progress
from pipelines.refusals import changed_terms, driven, followed
from pipelines.sources.kafka import Topic
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import UsageError


@dataclass(frozen=True)
class Watching:
    """How people watch a follower."""

    progress: Progress
    display: Display
    log: Log


POLL_SECONDS: Final = 1.0
"""How long a follower waits for a delivery before it looks again."""


def follow(
    configuration: Configuration, watching: Watching, stop: threading.Event, metrics_port: int | None = None
) -> Outcome:
    """Take events as they arrive, until `stop` is set: then the round that is begun is finished.

    Goes on where an earlier follower, or a run, was stopped. `metrics_port`: where to serve metrics, if at all.
    """
    keep_freed_memory()
    if configuration.input.kafka is None:
        _see_that_it_is_an_inbox(configuration)
        _see_that_one_machine_follows_it(configuration)
    terms = Terms(configuration, watching.log)
    terms.read()
    with opened(configuration) as (working, begun):
        follower = begun_follower(terms, working, begun, watching)
        before, changed = follower.state, changed_terms(begun, terms.inputs.digests) if begun else []
        watching.log("started", release=str(configuration.release.directory), changed=", ".join(changed) or None)
        metrics = nullcontext() if metrics_port is None else served(lambda: told_of(follower, terms), metrics_port)
        try:
            with metrics, watching.display.opened():
                _take_rounds(follower, terms, watching, stop)
        finally:
            follower.end()
        watching.log("stopped", rows=coarse(follower.state.accounting.rows_in, follower.k))
    told = [f"{name} changed: it holds for privacy days to come" for name in changed]
    return Outcome(follower.state, (*terms.inputs.warnings, *told), follower.state != before)


def begun_follower(terms: Terms, working: WorkingDirectory, begun: State | None, watching: Watching) -> Follower:
    """A follower that goes on from a state, or begins in a working directory that holds nothing else."""
    configuration = terms.configuration
    if begun is None:
        working.clear(working.key_service(configuration))
    else:
        begun = driven(begun, configuration.engine.driver, configuration.path)
        begun = followed(begun, terms.inputs.digests, configuration.path)
    inputs = terms.keep(KeptInputs(working.kept_inputs))
    follower = follower_of(inputs, working, watching.progress, watching.log)
    if begun is not None:
        follower.go_on(begun)
    follower.begin_days_with(inputs)
    working.sweep(follower.state)
    return follower


def told_of(follower: Follower, terms: Terms) -> Told:
    """What a follower tells, and its terms."""
    return replace(follower.told, inputs_refused=bool(terms.refused))


def _take_rounds(follower: Follower, terms: Terms, watching: Watching, stop: threading.Event) -> None:
    while not stop.is_set():
        if inputs := terms.renewed(follower.kept):
            follower.begin_days_with(inputs)
        arrived = follower.round()
        watching.display.show(told_of(follower, terms))
        if not arrived:
            stop.wait(POLL_SECONDS)


@contextmanager
def ended_by_signals() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C and by SIGTERM."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, end)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def follower_of(
    inputs: Inputs,
    working: WorkingDirectory,
    progress: Progress,
    log: Log,
    clock: Callable[[], float] = time.monotonic,
) -> Follower:
    """A follower of the events that a configuration names."""
    settings = inputs.configuration.input
    if inputs.configuration.engine.driver == "flink":
        return FlinkFollower(inputs, working, progress, log, clock)
    if settings.kafka is None:
        return FileFollower(inputs, working, progress, log, clock)
    topic = Topic(settings.kafka, lambda trouble: log("broker", trouble=trouble))
    return TopicFollower(inputs, working, progress, log, clock, topic)


def _see_that_one_machine_follows_it(configuration: Configuration) -> None:
    if configuration.engine.driver == "flink":
        raise UsageError(
            f'{configuration.path}: expected a topic in [input.kafka] to follow with driver = "flink", got an inbox',
            'write driver = "embedded": an inbox is followed on one machine; a cluster follows a topic',
        )


def _see_that_it_is_an_inbox(configuration: Configuration) -> None:
    path = configuration.input.files
    if not path.is_dir():
        raise UsageError(
            f"{configuration.path}: [input] events: expected a folder into which files are moved, got {path}",
            "name the folder, which may be empty; a file or a glob is published with hexaflux run",
        )
