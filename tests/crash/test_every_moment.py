"""Every state of the disk that a kill can leave while a small day is taken in, followed and closed."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from anonymization.audit import audit
from tests.crash import moments, runs
from tests.crash.runs import Case, case, left
import time
ENGINE = "shards = 2\nworkers = 1"

def watch(album: Path, folder: Path, within: str) -> None:
    moments.before_each_call(moments.copy_to(album, folder), within)

def test_x(tmp_path: Path) -> None:
    given = runs.inputs(tmp_path / "given", 300, 3500, 1)
    t=time.time()
    whole = case(tmp_path / "case", given, ENGINE)
    assert whole.run() == 0
    print(time.time()-t); t=time.time()
    one = case(tmp_path / "one", given, ENGINE)
    album = tmp_path / "album"
    assert one.run(partial(watch, album, one.folder, "run")) == 0, one.told()
    expected = left(whole)
    assert left(one) == expected
    pictures = sorted(album.iterdir())
    print(time.time()-t, len(pictures)); t=time.time()

    def f(p):
        t=time.time()
        c=Case(p)
        before=c.state.get("step"), {d:s["status"] for d,s in c.state.get("days",{}).items()}
        code=c.run()
        if code: print(p.name, before, code, c.told())
        else:
            r = left(c)
            for k in r:
                if r[k]!=expected[k]: print(p.name, before, k, set(map(repr,r[k].items() if isinstance(r[k],dict) else r[k]))^set(map(repr,expected[k].items() if isinstance(r[k],dict) else expected[k])))
            if not audit(c.release, None, True).verdict: print(p.name, before, "AUDIT")
        print(p.name, before, time.time()-t)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(f, pictures))
    print(time.time()-t)
