"""The people of the simulated truth, and which device each of them is on each privacy day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.attacks.identities import devices_of, subscribers_of_truth
from pipelines.attacks.target import Target

Devices = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Persons:
    """Who is who over the days of a release: `device` int32[persons, days], the device of each day, or -1.

    A person is a subscriber of the truth that the release counts; the lines of one holder are one person. Where
    they stand tells nothing of their identifiers.
    """

    device: Devices

    @property
    def count(self) -> int:
        """How many persons there are."""
        return int(self.device.shape[0])


def persons(target: Target) -> Persons:
    """The persons of the truth with a device on some day; raises InputError where the traces cannot be read."""
    names, source = subscribers_of_truth(target.truth), target.reproduction
    columns = [
        day.places(devices_of(names, key, source.inputs)) for day, key in zip(source.days, source.keys, strict=True)
    ]
    device = np.stack(columns, axis=1)
    return Persons(np.unique(device[(device >= 0).any(axis=1)], axis=0))
