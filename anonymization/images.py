"""Images: in which classes of an outer zone a device of a class of an inner zone can be.

All that is needed is how classes are made: who visits a zone visits the one around it, for at least as long, arrives
there no later, and spends the night there where it spends it inside. A home inside the inner zone is one inside the
outer zone; another home may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.vocabulary import AGE_BANDS, ARRIVAL_HOURS, DWELL_BANDS, FOREIGN, SPC, VISITOR_CATEGORIES

Ints = npt.NDArray[np.int64]

RESIDENT_DAY: Final = "resident by day"
RESIDENT_NIGHT: Final = "resident by night"
STAYS: Final = (RESIDENT_DAY, RESIDENT_NIGHT, *VISITOR_CATEGORIES[1:])
"""Categories, residents by whether they spent the night: what `attendance_by_category` and `nights` tell apart."""

NIGHTS: Final = frozenset({RESIDENT_NIGHT, "tourist", "foreign tourist"})
"""Of these, the ones who spent the night in the zone."""

GROUPS: Final = ("resident", "other domestic", FOREIGN)
"""What several attributes tell apart alike."""


@dataclass(frozen=True)
class Image:
    """`classes` in their order; `of` int64[classes]: the image of each as bits, the first class lowest."""

    classes: tuple[str, ...]
    of: Ints

    @property
    def whole(self) -> int:
        """All classes, as bits."""
        return (1 << len(self.classes)) - 1

    def of_sets(self) -> Ints:
        """int64[2 ** classes]: the image of each set of classes, given as bits."""
        found = np.zeros(1, np.int64)
        for image in self.of.tolist():
            found = np.concatenate([found, found | image])
        return found


def _same(classes: Sequence[str]) -> Image:
    """A device is in the same class in both zones."""
    return Image(tuple(classes), np.left_shift(1, np.arange(len(classes), dtype=np.int64)))


def _among(images: dict[str, tuple[str, ...]]) -> Image:
    names = tuple(images)
    return Image(names, np.array([sum(1 << names.index(to) for to in images[name]) for name in names], np.int64))


AGE: Final = _same((*AGE_BANDS, FOREIGN))
SPC_GROUPS: Final = _same((*SPC, FOREIGN))
DWELL: Final = _among({band: DWELL_BANDS[at:] for at, band in enumerate(DWELL_BANDS)})


def _stay(others: tuple[bool, bool]) -> Image:
    """The image of categories; `others`: whether other domestic devices can be residents around, and whether others."""
    by_night = (RESIDENT_NIGHT,) * others[0] + ("tourist",) * others[1]
    by_day = (RESIDENT_DAY,) * others[0] + ("excursionist",) * others[1]
    return _among(
        {
            RESIDENT_DAY: (RESIDENT_DAY, RESIDENT_NIGHT),
            RESIDENT_NIGHT: (RESIDENT_NIGHT,),
            "excursionist": (*by_day, *by_night),
            "tourist": by_night,
            "foreign excursionist": ("foreign excursionist", "foreign tourist"),
            "foreign tourist": ("foreign tourist",),
        }
    )


STAY: Final = _stay((True, True))
STAY_OF: Final = {(some, rest): _stay((some, rest)) for some in (True, False) for rest in (True, False) if some or rest}
"""By whether other domestic devices of the inner zone can be residents of the outer one, and whether others."""

GROUP: Final = _among({GROUPS[0]: GROUPS[:1], GROUPS[1]: GROUPS[:2], FOREIGN: (FOREIGN,)})


def hour_ranks(first_hour: int) -> Ints:
    """int64[24]: the place of each clock hour in a privacy day that begins in `first_hour`."""
    return (np.arange(len(ARRIVAL_HOURS), dtype=np.int64) - first_hour) % len(ARRIVAL_HOURS)
