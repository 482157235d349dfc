"""What a follower forgets, so that its state is as small after years as after a month. Pure.

Nothing is forgotten that could change a figure: events of days that are closed are late, however they come again.
"""

from collections.abc import Collection
from dataclasses import replace
from itertools import takewhile
from typing import Final

from pipelines.follow.inbox import partition_of
from pipelines.state import State

KEPT_DAYS: Final = 31
"""So many closed days are told of one by one; those before them are only counted."""


def without_old_days(state: State) -> State:
    """The state with its last closed days alone; that those before them are closed is told by one date."""
    closed = list(takewhile(lambda day: state.days[day].status == "closed", state.days))
    old = closed[:-KEPT_DAYS]
    if not old:
        return state
    days = {day: known for day, known in state.days.items() if day not in old}
    return replace(state, days=days, closed_before=min(days), left_out=state.left_out + len(old))


def without_gone_files(state: State, there: Collection[str], day_start: int, lateness: int) -> State:
    """The state without the names of files that are no longer there, and of which no open day has an event.

    Also without their partitions, as far as these make no event late that lies after `day_start`, in microseconds: the
    beginning of the day that the watermark is in.
    """
    named = {*there}.union(*(known.facts.files for known in state.days.values() if known.status != "closed"))
    folders = {partition_of(file) for file in named}
    partitions = {
        name: known
        for name, known in state.partitions.items()
        if name in folders or known.high is None or known.high - lateness > day_start
    }
    return replace(
        state,
        inputs={file: mark for file, mark in state.inputs.items() if file in named},
        fragments=tuple(name for name in state.fragments if name.rpartition("#")[0] in named),
        partitions=partitions,
    )
