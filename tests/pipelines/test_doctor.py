"""What `doctor` says of what only some need."""

from importlib.metadata import PackageNotFoundError

import pytest

from pipelines import doctor


def found(name: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine() if finding.name == name)


def without_flink(package: str) -> str:
    if package == "apache-flink":
        raise PackageNotFoundError(package)
    return "2.3.0"


def test_without_flink_it_says_how_to_have_it_and_that_nothing_else_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", without_flink)
    finding = found("flink")
    assert (finding.found, finding.fine) == ("not installed", True)
    assert finding.remark == 'only for driver = "flink": make flink'


def test_the_version_of_flink_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda _: "2.3.0")
    assert (found("flink").found, found("flink").fine) == ("2.3.0", True)


def test_java_is_for_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    finding = found("java")
    assert (finding.found, finding.fine) == ("not found", True)
    assert "Flink" in finding.remark
