"""Answers that are computed and sent while the client goes on; those that wait are lost when the server ends."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pipelines.server.population import refusals, sinks

MOST_WAITING: Final = 32
MOST_OF_CLIENT: Final = 8
"""Of those that wait, so many may be of one client."""
WORKERS: Final = 2
PAUSES: Final = (1.0, 5.0, 25.0)
"""Seconds before a delivery is tried again."""
_FAILED: Final = "The figures could not be read."


@dataclass(frozen=True)
class Operation:
    """What is to be computed and sent; `token` is "" for none. Neither client nor sink nor token is ever logged."""

    client: str
    identifier: str
    answer: Callable[[], bytes] = field(repr=False)
    sink: str = field(repr=False)
    token: str = field(repr=False)
    expires: datetime | None
    correlator: str


class Callbacks:
    """Carries operations out in threads of its own, which begin with the first one.

    Of one client one at a time is carried out, so that a sink that says nothing holds up no other client.
    """

    def __init__(
        self,
        allowed: Collection[str],
        now: Callable[[], datetime],
        tell: Callable[[Mapping[str, str]], None],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._allowed, self._now, self._tell, self._pauses = allowed, now, tell, pauses
        self._changed = threading.Condition()
        self._waiting: list[Operation] = []
        self._served: set[str] = set()
        self._begun = False

    def submit(self, operation: Operation) -> None:
        """Carry an operation out later; raises Refused where too many wait, of all clients or of this one."""
        with self._changed:
            of_client = sum(each.client == operation.client for each in self._waiting)
            if of_client >= MOST_OF_CLIENT or len(self._waiting) >= MOST_WAITING:
                raise refusals.BUSY
            self._waiting.append(operation)
            self._changed.notify_all()
            begun, self._begun = self._begun, True
        if not begun:
            for _ in range(WORKERS):
                threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            operation = self._next()
            try:
                outcome = self._deliver(operation, self._body(operation))
            except Exception as error:  # noqa: BLE001 - no sink may end the thread that serves the others
                outcome = f"not delivered ({type(error).__name__})"
            if outcome:
                self._say(operation, outcome)
            with self._changed:
                self._served.remove(operation.client)
                self._changed.notify_all()

    def _next(self) -> Operation:
        """The operation that waits longest of the clients of which none is carried out."""
        with self._changed:
            while True:
                free = (at for at, each in enumerate(self._waiting) if each.client not in self._served)
                if (at := next(free, None)) is not None:
                    operation = self._waiting.pop(at)
                    self._served.add(operation.client)
                    return operation
                self._changed.wait()

    def _deliver(self, operation: Operation, body: bytes) -> str:
        """Send a body, again after a pause where that may help; what went wrong, for the log, "" for nothing."""
        outcome = ""
        for pause in (*self._pauses, None):
            if operation.expires is not None and operation.expires <= self._now():
                return "the token has expired"
            outcome, again = self._once(operation, body)
            if not again or pause is None:
                break
            time.sleep(pause)
        return outcome

    def _once(self, operation: Operation, body: bytes) -> tuple[str, bool]:
        """What went wrong in sending once, "" for nothing, and whether to try again."""
        headers = {"content-type": "application/json"}
        headers |= {"authorization": f"Bearer {operation.token}"} if operation.token else {}
        headers |= {"x-correlator": operation.correlator} if operation.correlator else {}
        try:
            status = sinks.post(operation.sink, body, headers, self._allowed)
        except sinks.NotAllowedError:
            return "the sink is inside the network", False
        except (OSError, http.client.HTTPException) as error:
            return f"not delivered ({type(error).__name__})", True
        if 200 <= status < 300:
            return "", False
        return f"the sink answered {status}", status == 429 or status >= 500

    def _body(self, operation: Operation) -> bytes:
        try:
            return operation.answer()
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the client waits for an answer
            self._say(operation, f"not completed ({type(error).__name__})")
            body = {"status": "OPERATION_NOT_COMPLETED", "statusInfo": _FAILED, "timedPopulationDensityData": []}
            return json.dumps(body | {"operationId": operation.identifier}).encode()

    def _say(self, operation: Operation, why: str) -> None:
        self._tell({"event": "callback failed", "operation": operation.identifier, "why": why})
