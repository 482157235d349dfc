"""What privacy days begin with: small inputs that are read when a follower begins, and again when they have changed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pipelines.follow.log import Log
from pipelines.inputs import Inputs, read_inputs
from pipelines.kept_inputs import KeptInputs, Marks, marks_of
from schemas.configuration import Configuration
from schemas.errors import HexafluxError

LOOK_SECONDS: Final = 10.0
"""How often it is looked whether a small input has changed."""


@dataclass
class Terms:
    """The small inputs of a configuration as they are now; what each privacy day began with is kept apart.

    `marks` tell the files that were looked at last, whether they could be read or not.
    """

    configuration: Configuration
    log: Log
    clock: Callable[[], float] = time.monotonic
    marks: Marks = field(init=False)
    inputs: Inputs = field(init=False)
    looked: float = field(init=False)
    refused: str = field(init=False, default="")

    def read(self) -> None:
        """Read the inputs; raises what `read_inputs` does."""
        self.looked, self.marks = self.clock(), marks_of(self.configuration)
        self.inputs = read_inputs(self.configuration)

    def keep(self, kept: KeptInputs) -> Inputs:
        """Keep what was read; gives the inputs as those of the copies. Raises InputError where a file has changed."""
        self.inputs = kept.keep(self.inputs, self.marks)
        return self.inputs

    def renewed(self, kept: KeptInputs) -> Inputs | None:
        """The inputs, read and kept again, where a file of them has changed; None where none has.

        Also where they cannot be read: the log says why, and the former ones go on holding.
        """
        if self.clock() - self.looked < LOOK_SECONDS:
            return None
        before = self.inputs
        try:
            self.looked = self.clock()
            if marks_of(self.configuration) == self.marks:
                return None
            self.read()
            inputs = self.keep(kept)
        except HexafluxError as error:
            self.inputs = before
            self._tell(error.message)
            return None
        self.refused = ""
        changed = [name for name in inputs.digests if inputs.digests[name] != before.digests[name]]
        self.log("inputs changed", names=", ".join(sorted(changed)) or "none", holds="for privacy days to come")
        return inputs

    def _tell(self, reason: str) -> None:
        """Log once why inputs are refused, however often they are looked at."""
        if reason != self.refused:
            self.refused = reason
            self.log("inputs refused", reason=reason)
