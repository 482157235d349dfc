"""The jars of a broker: kept once they are there, and a clear word where they cannot be had."""

from pathlib import Path

import pytest

from tests.cluster.jars import KAFKA, BrokerError, jars, java


def maven(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a command `mvn` in the place of Maven."""
    folder.mkdir(exist_ok=True)
    (folder / "mvn").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_without_maven_or_java_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match=r"`mvn`.*install Java 17 or later and Maven"):
        jars(tmp_path / "cache")
    with pytest.raises(BrokerError, match=r"`java`.*install Java 17 or later and Maven"):
        java()


def test_a_download_that_fails_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven(tmp_path / "bin", "mkdir jars; touch jars/half.jar; echo no route to there; exit 1", monkeypatch)
    with pytest.raises(BrokerError, match=r"exit code 1.*Maven Central[^$]*no route to there"):
        jars(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_download_without_the_broker_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven(tmp_path / "bin", "mkdir jars", monkeypatch)
    with pytest.raises(BrokerError, match="could not download"):
        jars(tmp_path / "cache")


def test_jars_are_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven(tmp_path / "bin", f"mkdir jars && touch jars/kafka_2.13-{KAFKA}.jar", monkeypatch)
    first = jars(tmp_path / "cache")
    assert [path.name for path in first.iterdir()] == [f"kafka_2.13-{KAFKA}.jar"]
    maven(tmp_path / "bin", "exit 1", monkeypatch)
    assert jars(tmp_path / "cache") == first
