"""The figures that are watched: what each of them is in words, and which way is better."""

from dataclasses import dataclass
from typing import Final

from pipelines.score.bound import TARGETS, Bound


@dataclass(frozen=True)
class Headline:
    """A figure by its key."""

    key: str
    words: str
    more_is_better: bool = False

    @property
    def target(self) -> Bound | None:
        """What the product aims at, where it has an aim."""
        return next((target for target in TARGETS if target.key == self.key), None)


def _distances(name: str, words: str) -> tuple[Headline, ...]:
    return (
        Headline(f"{name}.distance.weighted", f"{words}: distance of the splits, weighted by people"),
        Headline(f"{name}.distance.median", f"{words}: distance of the splits, median"),
        Headline(f"{name}.coverage.all", f"{words}: truth inside the interval", more_is_better=True),
    )


HEADLINES: Final = (
    Headline("attendance.venue.2000+.median", "attendance of venues of 2,000 visitors or more: median error"),
    Headline("attendance.venue.all.median", "attendance of all venues: median error"),
    Headline("attendance.commune.2000+.median", "attendance of communes of 2,000 visitors or more: median error"),
    Headline("attendance.commune.all.median", "attendance of all communes: median error"),
    Headline("attendance.coverage.all", "attendance: truth inside the interval", more_is_better=True),
    Headline("attendance.single_zone", "attendance published for single zones", more_is_better=True),
    *_distances("dwell", "dwell"),
    *_distances("attendance_by_age", "attendance by age"),
    *_distances("attendance_by_spc", "attendance by class"),
    Headline("attendance_by_category.right", "visitors in the right category", more_is_better=True),
    Headline("attendance_by_origin.right", "visitors with the right origin", more_is_better=True),
    Headline("nights.commune.2000+.median", "nights in communes of 2,000 or more: median error"),
    Headline("nights.coverage.all", "nights: truth inside the interval", more_is_better=True),
    Headline("nights.published", "nights that are published", more_is_better=True),
    Headline("event.error", "festival: error of presence in hours above 1,000 people, mean"),
    Headline("event.peak", "festival: truth at the published peak hour, by the true peak", more_is_better=True),
    Headline("presence.venue.2000+.median", "presence in venues, slots of 2,000 people or more: median error"),
    Headline("presence.commune.2000+.median", "presence in communes, slots of 2,000 people or more: median error"),
    Headline("presence.coverage.all", "presence by zone: truth inside the interval", more_is_better=True),
    Headline("presence.hexagon.misplaced", "presence: people in the wrong hexagon of resolution 8"),
    Headline("presence.hexagon.misplaced_scaled", "the same, at the right number of people in all"),
    Headline("presence.detail.fine", "people published within one hexagon of resolution 8", more_is_better=True),
    *_distances("presence_by_age", "presence by age"),
    *_distances("presence_by_spc", "presence by class"),
    Headline("flows.hour.common_part", "flows by hour: common part", more_is_better=True),
    Headline("flows.day.common_part", "flows by day: common part", more_is_better=True),
    Headline("flows.coverage.all", "flows: truth inside the interval", more_is_better=True),
    Headline("flows.own_row", "flows with a row of their own, of those large enough", more_is_better=True),
)
"""All of them, in the order in which they are told."""
