"""What kills followers and their broker, at moments that chance gives."""

import random
import time
from dataclasses import dataclass, field
from typing import Final

from tests.cluster.broker import Broker
from tests.cluster.following import Following, Phase

CHANCES: Final = {
    Phase.STARTING: 0.1,
    Phase.WAITING: 0.02,
    Phase.READING: 0.2,
    Phase.FOLDING: 0.2,
    Phase.PUBLISHING: 0.3,
    Phase.CLOSING: 0.8,
    Phase.COMMITTING: 0.05,
}
"""How likely a follower that begins a phase is killed there: days are closed rarely."""

FIRST_GUESS: Final = 0.3
"""How many seconds a phase lasts, before one was seen."""

QUIET_SECONDS: Final = 1.5
"""A follower that begins nothing for so long has taken all that is there."""

LONGEST_PHASE: Final = 300.0
LONGEST_OUTAGE: Final = 2.0


@dataclass
class Killer:
    """Kills followers, and the broker, at moments that chance gives; `lasts`: how long each phase lasts, as seen."""

    broker: Broker
    chance: random.Random
    lasts: dict[Phase, float] = field(default_factory=lambda: dict.fromkeys(Phase, FIRST_GUESS))

    def kill(self, following: Following) -> Phase:
        """Kill a follower in a phase that chance chooses, or once it has nothing more to do; the phase it was in."""
        phase = following.phase
        while self.chance.random() >= CHANCES[phase]:
            began = time.monotonic()
            following.next_phase(QUIET_SECONDS if phase is Phase.WAITING else LONGEST_PHASE)
            if following.phase is phase:
                break
            self.lasts[phase] += (time.monotonic() - began - self.lasts[phase]) / 4
            phase = following.phase
        time.sleep(self.chance.uniform(0.0, self.lasts[phase]))
        return following.kill()

    def kill_in_outage(self, following: Following, *, brutal: bool, both: bool) -> Phase:
        """Take the broker from under a follower; kill that while the broker is away, or only when it is back."""
        time.sleep(self.chance.uniform(0.0, LONGEST_OUTAGE))
        (self.broker.kill if brutal else self.broker.stop)()
        time.sleep(self.chance.uniform(0.0, LONGEST_OUTAGE))
        phase = following.kill() if both else None
        self.broker.start()
        return phase or self.kill(following)
