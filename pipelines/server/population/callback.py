"""Answers that are computed and sent while the client goes on; those that wait are lost when the server ends."""

import http.client
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pipelines.server.population import refusals, sinks

MOST_WAITING: Final = 32
WORKERS: Final = 2
PAUSES: Final = (1.0, 5.0, 25.0)
"""Seconds before a delivery is tried again."""
_FAILED: Final = "The figures could not be read."
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Operation:
    """What is to be computed and sent; `token` is "" for none. Neither sink nor token is ever logged."""

    identifier: str
    answer: Callable[[], bytes] = field(repr=False)
    sink: str = field(repr=False)
    token: str = field(repr=False)
    expires: datetime | None
    correlator: str


class Callbacks:
    """Carries operations out in threads of its own, which begin with the first one."""

    def __init__(self, allowed: Collection[str], now: Callable[[], datetime], pauses: Sequence[float] = PAUSES) -> None:
        self._allowed, self._now, self._pauses = allowed, now, pauses
        self._waiting: queue.Queue[Operation] = queue.Queue(MOST_WAITING)
        self._begun = threading.Lock()

    def submit(self, operation: Operation) -> None:
        """Carry an operation out later; raises Refused where too many wait."""
        try:
            self._waiting.put_nowait(operation)
        except queue.Full:
            raise refusals.BUSY from None
        if self._begun.acquire(blocking=False):
            for _ in range(WORKERS):
                threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            operation = self._waiting.get()
            try:
                outcome = self._deliver(operation, _body(operation))
            except Exception as error:  # noqa: BLE001 - no sink may end the thread that serves the others
                outcome = f"not delivered ({type(error).__name__})"
            _LOG.info("operation %s: %s", operation.identifier, outcome)
            self._waiting.task_done()

    def _deliver(self, operation: Operation, body: bytes) -> str:
        """Send a body, again after a pause where that may help; what came of it, for the log."""
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
        """What came of sending once, and whether to try again."""
        headers = {"content-type": "application/json"}
        headers |= {"authorization": f"Bearer {operation.token}"} if operation.token else {}
        headers |= {"x-correlator": operation.correlator} if operation.correlator else {}
        try:
            status = sinks.post(operation.sink, body, headers, self._allowed)
        except sinks.NotAllowedError:
            return "the sink is inside the network", False
        except (OSError, http.client.HTTPException) as error:
            return f"not delivered ({type(error).__name__})", True
        return f"the sink answered {status}", status == 429 or status >= 500


def _body(operation: Operation) -> bytes:
    try:
        return operation.answer()
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the client waits for an answer
        _LOG.warning("operation %s: not completed (%s)", operation.identifier, type(error).__name__)
        body = {"status": "OPERATION_NOT_COMPLETED", "statusInfo": _FAILED, "timedPopulationDensityData": []}
        return json.dumps(body | {"operationId": operation.identifier}).encode()
