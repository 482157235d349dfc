"""What every job needs beside the events: the small inputs, the key of the one day, and its slots."""

import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from anonymization.keys import DayKey, KeyStore
from pipelines.arrays import Ints
from pipelines.configuration import load
from pipelines.fold import Step
from pipelines.inputs import Inputs, read_inputs
from pipelines.stays import HOLD, MISSING
from schemas.configuration import Configuration
from tests.bench.events import DAY_START


@dataclass(frozen=True)
class Setting:
    """A configuration read; its [test] day_key gives every job the same pseudonyms and the same draw."""

    inputs: Inputs
    key: DayKey

    @property
    def configuration(self) -> Configuration:
        return self.inputs.configuration

    @property
    def files(self) -> list[Path]:
        """The events files, in order."""
        return sorted(self.configuration.input.files.glob("*.parquet"))

    @cached_property
    def slots(self) -> Ints:
        """The edges of the day's slots."""
        return self.inputs.calendar.slots(self.key.day)

    @property
    def half_hours(self) -> npt.NDArray[np.int32]:
        """The slots that stand for the hours."""
        return self.inputs.calendar.half_hour_slot(self.key.day)

    @property
    def whole_day(self) -> Step:
        """The day in one step."""
        return Step(
            watermark=int(self.slots[-1]),
            edges=self.slots,
            measured=0,
            half_hours=self.half_hours,
            hold=HOLD,
            missing=MISSING,
            hexagons=self.inputs.footprint.hexagons.size,
            domestic_mcc=self.configuration.area.domestic_mcc,
            last=True,
        )


def read_setting(config: Path) -> Setting:
    """Read a configuration that `events.write` wrote, and what it names."""
    configuration = load(config)
    assert configuration.test is not None
    day: date = DAY_START.astype("datetime64[D]").item()
    with tempfile.TemporaryDirectory() as folder:
        key = KeyStore(Path(folder) / "keys", configuration.test.day_key).create_or_open(day)
    return Setting(read_inputs(configuration), key)
