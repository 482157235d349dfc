"""What privacy days begin with: small inputs that are read when a follower begins, and again when they have changed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pipelines.follow.log import Log
from pipelines.inputs import Inputs, check_events, read_inputs
from pipelines.kept_inputs import KeptInputs, Marks, marks_of
from schemas.configuration import Configuration
from schemas.errors import HexafluxError

LOOK_SECONDS: Final = 10.0
"""How often it is looked whether a small input has changed."""

AGAIN_SECONDS: Final = 300.0
"""How often files that were refused are read again as they are: a share may have failed; a register takes long."""


@dataclass
class Terms:
    """The small inputs of a configuration as they are now; what each privacy day began with is kept apart.

    `marks` tell the files that were read. `refused`: why those of now cannot be, '' while they hold; `tried` and
    `tried_at` tell which they were, and when.
    """

    configuration: Configuration
    log: Log
    clock: Callable[[], float] = time.monotonic
    marks: Marks = field(init=False)
    inputs: Inputs = field(init=False)
    looked: float = field(init=False)
    refused: str = field(init=False, default="")
    tried: Marks | None = field(init=False, default=None)
    tried_at: float = field(init=False, default=0.0)

    def read(self) -> None:
        """Read the inputs; raises what `read_inputs` and `check_events` do."""
        self.looked, marks = self.clock(), marks_of(self.configuration)
        found = read_inputs(self.configuration)
        check_events(found)
        self.inputs, self.marks = found, marks

    def keep(self, kept: KeptInputs) -> Inputs:
        """Keep what was read; gives the inputs as those of the copies. Raises InputError where a file has changed."""
        self.inputs = kept.keep(self.inputs, self.marks)
        return self.inputs

    def renewed(self, kept: KeptInputs) -> Inputs | None:
        """The inputs, read and kept again, where a file of them has changed; None where none has.

        Also where they cannot be read: the log says why, the former ones go on holding, and it is tried again.
        """
        now = self.clock()
        if now - self.looked < LOOK_SECONDS:
            return None
        self.looked, before, marks_before = now, self.inputs, self.marks
        try:
            if not self._is_worth_reading(marks_of(self.configuration), now):
                return None
            self.read()
            inputs = self.keep(kept)
        except HexafluxError as error:
            self.inputs, self.marks = before, marks_before
            self._tell(error.message)
            return None
        self.refused, self.tried = "", None
        changed = [name for name in inputs.digests if inputs.digests[name] != before.digests[name]]
        self.log("inputs changed", names=", ".join(sorted(changed)) or "none", holds="for privacy days to come")
        return inputs

    def _is_worth_reading(self, marks: Marks, now: float) -> bool:
        """Whether files are not those that hold, nor those that were refused a short while ago."""
        if marks == self.marks:
            self.refused, self.tried = "", None
            return False
        if marks == self.tried and now - self.tried_at < AGAIN_SECONDS:
            return False
        self.tried, self.tried_at = marks, now
        return True

    def _tell(self, reason: str) -> None:
        """Log once why inputs are refused, however often they are looked at."""
        if reason != self.refused:
            self.refused = reason
            self.log("inputs refused", reason=reason)
