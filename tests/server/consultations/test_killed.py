"""A server that is killed while people answer leaves roll and box of equal size, and no answer twice or undone."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.closing import open_consultation
from tests.paths import ROOT
from tests.server import made as served
from tests.server.consultations.made import PLAYGROUND, configuration, person, settings
from tests.server.consultations.people import passport
from tests.server.consultations.test_answers import counted, on_roll

SLOW = """
import time
from pipelines.server.consultations import answers
count = answers._count
def slowly(*given, **named):
    print("between", flush=True)
    time.sleep(60)
    count(*given, **named)
answers._count = slowly
"""
KILLS = 6

# Each start of a server takes seconds.
pytestmark = pytest.mark.slow


@pytest.fixture
def opened(answers: Answers, tmp_path: Path) -> Answers:
    open_consultation(answers, settings(tmp_path), PLAYGROUND, 11, test=False)
    return answers


def post(port: int, number: int) -> str:
    """What a server says of the answer of a person; raises OSError or HTTPException where it is gone."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    body = {"mrz": passport(person(number)), "choice": "yes", "district": "north"}
    connection.request(
        "POST", "/consultations/playground/answers", json.dumps(body), {"content-type": "application/json"}
    )
    return str(json.loads(connection.getresponse().read())["status"])


def lost(process: subprocess.Popen[str], port: int) -> None:
    """Ask a server that is killed before it answers; one that answers ends, so that nobody waits for it."""
    with contextlib.suppress(OSError, HTTPException):
        post(port, 1)
        process.kill()


def test_killed_between_roll_and_box_it_leaves_neither(opened: Answers, database: str, tmp_path: Path) -> None:
    config = configuration(tmp_path, database)
    program = SLOW + f"import sys; sys.argv = ['hexaflux', 'serve', {str(config)!r}, '--port', '0']\n"
    process = subprocess.Popen(
        [sys.executable, "-c", program + "from pipelines.cli import main; main()"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        asking = threading.Thread(target=lost, args=(process, port))
        asking.start()
        assert process.stdout.readline() == "between\n"
    finally:
        process.kill()
        process.communicate()
    asking.join()
    assert (on_roll(opened), counted(opened)) == ([], {})
    with served.running(config) as server:
        assert [post(server.port, 1), post(server.port, 1)] == ["counted", "already"]
    assert (len(on_roll(opened)), sum(counted(opened).values())) == (1, 1)


def test_killed_at_many_moments_it_loses_no_answer_that_it_confirmed(
    opened: Answers, database: str, tmp_path: Path
) -> None:
    config = configuration(tmp_path, database)
    chance = random.Random(7)
    confirmed: set[int] = set()
    number = 0
    for _ in range(KILLS):
        with served.running(config) as server:
            killer = threading.Timer(
                chance.uniform(0.05, 1.5), lambda own=server: own.process.send_signal(signal.SIGKILL)
            )
            killer.start()
            until = time.monotonic() + 30
            while time.monotonic() < until:
                number += 1
                try:
                    post(server.port, number)
                except (OSError, HTTPException):
                    break
                confirmed.add(number)
            killer.join()
            server.process.communicate()
        people, box = on_roll(opened), sum(counted(opened).values())
        assert len(people) == box
        keys = settings(tmp_path).held()
        known = {
            each for each in range(1, number + 1) if keys.person(PLAYGROUND, passport(person(each))).nullifier in people
        }
        assert confirmed <= known
        assert box <= number
    assert confirmed
