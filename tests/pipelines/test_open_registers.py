"""The register of an open day is made once, and goes with the key of the day."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from anonymization.key_service import DayKey
from anonymization.keys import PSEUDONYM, KeyStore
from pipelines import ingest
from pipelines.configuration import load
from pipelines.day_register import DayRegister
from pipelines.embedded import run
from pipelines.open_registers import OPEN_REGISTERS, OpenRegisters
from pipelines.progress import Progress
from pipelines.subscribers import Register, register
from tests.cli.command import good_input

DAY, NEXT = date(2026, 6, 12), date(2026, 6, 13)


def of(*subscribers: str) -> Register:
    return register(pa.table({"subscriber_id": list(subscribers)}))


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys", "07" * 32)


def test_the_register_of_a_day_is_made_once(keys: KeyStore) -> None:
    kept, some = OpenRegisters(), of("a", "b")
    first = kept.of(some, keys.create_or_open(DAY))
    assert kept.of(some, keys.open(DAY)) is first
    made = some.for_day(keys.open(DAY).subkey(PSEUDONYM), DAY.year)
    np.testing.assert_array_equal(first.pseudonym, made.pseudonym)


def test_another_day_or_another_register_is_another_register_of_a_day(keys: KeyStore) -> None:
    kept, some = OpenRegisters(), of("a", "b")
    first = kept.of(some, keys.create_or_open(DAY))
    assert set(kept.of(some, keys.create_or_open(NEXT)).pseudonym.tolist()).isdisjoint(first.pseudonym.tolist())
    assert kept.days == {DAY, NEXT}
    assert len(kept.of(of("a", "b", "c"), keys.open(DAY))) == 3


def test_another_key_of_a_day_is_another_register(keys: KeyStore, tmp_path: Path) -> None:
    kept, some = OpenRegisters(), of("a", "b")
    first = kept.of(some, keys.create_or_open(DAY))
    other = KeyStore(tmp_path / "others", "08" * 32).create_or_open(DAY)
    assert set(kept.of(some, other).pseudonym.tolist()).isdisjoint(first.pseudonym.tolist())


def test_a_day_is_forgotten_with_its_key(keys: KeyStore) -> None:
    kept, some = OpenRegisters(), of("a")
    for day in (DAY, NEXT):
        kept.of(some, keys.create_or_open(day))
    kept.keep([NEXT])
    assert kept.days == {NEXT}
    kept.forget(NEXT)
    assert kept.days == frozenset()


def test_a_run_uses_one_register_for_a_day_and_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []

    class Watched(OpenRegisters):
        def of(self, register: Register, key: DayKey) -> DayRegister:
            asked.append(key.day)
            return OPEN_REGISTERS.of(register, key)

    monkeypatch.setattr(ingest, "OPEN_REGISTERS", Watched())
    monkeypatch.setattr(ingest, "FEW", 0)
    run(load(good_input(tmp_path / "town").config), Progress(Console(stderr=True), quiet=True))
    assert asked
    assert OPEN_REGISTERS.days == frozenset()
