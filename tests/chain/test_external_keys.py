"""A whole run whose keys are with another program: the worked example, which asks a fake of a transit engine."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.key_log import open_keys, problems, read
from tests.anonymization.fake_transit import TOKEN, Engine, Served
from tests.oracle.generate import generate
from tests.paths import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "vault_keys.py"
DAYS = ["2026-06-20", "2026-06-21"]


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served(Engine())
    yield served
    served.shutdown()
    served.server_close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = generate(tmp_path, 150, 3000, 2, date(2026, 6, 20), 3, "dense", cells=40).config
    text = config.read_text(encoding="utf-8").partition("[test]")[0]
    command = json.dumps([sys.executable, os.path.relpath(EXAMPLE, tmp_path)])
    assert "[release]\n" in text
    config.write_text(text.replace("[release]\n", f"[release]\nkey_service = {command}\n"), encoding="utf-8")
    return config


def run(config: Path, served: Served) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("hexaflux"), "run", "--quiet", config],
        env={**os.environ, "VAULT_ADDR": served.address, "VAULT_TOKEN": TOKEN},
        cwd=config.parent / "events",
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def vouched(release: Path) -> list[str]:
    """The checks of what keys have a part in, that pass."""
    passed = [check.name for check in audit(release, None).checks if check.passed]
    return [name for name in ("structure", "chain", "keys") if name in passed]


@pytest.mark.slow
def test_a_run_whose_keys_are_elsewhere_publishes_destroys_them_and_verifies(config: Path, served: Served) -> None:
    engine, folder = served.engine, config.parent
    done = run(config, served)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert engine.keys == {}
    deleted = [asked.rsplit("-", 3)[1:] for asked in engine.asked if asked.startswith("DELETE ")]
    assert sorted("-".join(day) for day in deleted) == DAYS
    assert not any("export" in asked or "backup" in asked for asked in engine.asked)
    lines = read((folder / "release.work" / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    assert open_keys(lines) == {}
    assert {line.service for line in lines} == {"external"}
    for day in DAYS:
        assert [line.event for line in lines if line.day == day] == ["created", "last_used", "destroyed"]
    assert not os.path.lexists(folder / "release.work" / "keys")
    assert vouched(folder / "release") == ["structure", "chain", "keys"]
    again = run(config, served)
    assert (again.returncode, engine.keys) == (0, {})


def test_a_run_that_is_denied_its_keys_says_so_and_shows_no_token(config: Path, served: Served) -> None:
    served.engine.denied = True
    done = run(config, served)
    assert done.returncode == 4
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["Error", "Hint"], done.stderr
    assert "it was denied access" in done.stderr
    assert TOKEN not in done.stderr
    assert not (config.parent / "release").exists()


@pytest.mark.slow
def test_a_run_that_was_denied_in_the_midst_goes_on(config: Path, served: Served) -> None:
    engine = served.engine
    hmac = engine._hmac
    asked: list[str] = []

    def fails(name: str, algorithm: str, body: dict[str, str]) -> tuple[int, dict[str, object] | None]:
        asked.append(name)
        return (503, None) if len(asked) > 12 else hmac(name, algorithm, body)

    engine._hmac = fails  # type: ignore[method-assign,assignment]
    assert run(config, served).returncode == 4
    assert len(engine.keys) == 2
    kept = dict(engine.secrets)
    engine._hmac = hmac  # type: ignore[method-assign]
    done = run(config, served)
    assert done.returncode == 0, done.stderr
    assert engine.keys == {}
    assert len(kept) == 2
    assert vouched(config.parent / "release") == ["structure", "chain", "keys"]


@pytest.mark.parametrize(
    ("shared", "told"),
    [
        ("key_id|", f"the service gave it the key_id of the key of {DAYS[0]}"),
        ("subkey|pseudonym|", f"the bytes that it gave as the sub-key pseudonym of {DAYS[0]}"),
        ("zeros", "the service gave only zeros as its sub-key pseudonym"),
    ],
)
@pytest.mark.slow
def test_a_service_that_gives_two_days_one_key_ends_the_run_before_anything_is_published(
    config: Path, served: Served, shared: str, told: str
) -> None:
    engine = served.engine
    hmac, given = engine._hmac, dict[str, tuple[int, dict[str, object] | None]]()

    def shares(name: str, algorithm: str, body: dict[str, str]) -> tuple[int, dict[str, object] | None]:
        message = base64.b64decode(body["input"]).decode()
        if shared == "zeros" and message.startswith("subkey|"):
            return 200, {"data": {"hmac": f"vault:v1:{base64.b64encode(bytes(32)).decode()}"}}
        if not message.startswith(shared):
            return hmac(name, algorithm, body)
        message = message.replace(DAYS[1], DAYS[0])
        if message not in given or DAYS[0] in name:
            given[message] = hmac(name, algorithm, body)
        return given[message]

    engine._hmac = shares  # type: ignore[method-assign,assignment]
    for _ in range(2):
        failed = run(config, served)
        assert failed.returncode == 4, failed.stderr
        assert [line.partition(":")[0] for line in failed.stderr.splitlines()] == ["Error", "Hint"], failed.stderr
        assert told in failed.stderr
        assert "mend the service" in failed.stderr
        assert not (config.parent / "release").exists()
    engine._hmac = hmac  # type: ignore[method-assign]
    done = run(config, served)
    assert done.returncode == 0, done.stderr
    assert engine.keys == {}
    assert vouched(config.parent / "release") == ["structure", "chain", "keys"]
