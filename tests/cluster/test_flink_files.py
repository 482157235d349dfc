"""What a cluster of Flink is started with: a clear word where it is not there, or is another one."""

import importlib.util
import json
import zipfile
from pathlib import Path

import pytest

from tests.cluster.flink_errors import FlinkError
from tests.cluster.flink_files import environment, home, opened, write_configuration
from tests.cluster.flink_loopback import CLASS, write_class

pytestmark = pytest.mark.cluster


def test_without_flink_the_error_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FlinkError, match="run `make flink`"):
        home()


def test_another_class_is_refused_as_nobody_knows_where_it_listens(tmp_path: Path) -> None:
    jar = tmp_path / "flink-python-2.4.0.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr(CLASS, b"another")
    with pytest.raises(FlinkError, match=r"flink-python-2\.4\.0\.jar holds another"):
        write_class(jar, tmp_path / "classes")
    assert not (tmp_path / "classes").exists()


def test_settings_that_are_given_win(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    write_configuration(
        tmp_path, [20_001, 20_002, 20_003], 3, {"heartbeat.timeout": "7 s", "state.backend.type": "rocksdb"}
    )
    lines = (tmp_path / "conf" / "config.yaml").read_text(encoding="utf-8").splitlines()
    found = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}
    assert (found["heartbeat.timeout"], found["state.backend.type"]) == ("7 s", "rocksdb")
    assert (found["rest.port"], found["taskmanager.numberOfTaskSlots"]) == ("20002", "3")
    assert found["env.java.opts.all"].split() == opened(home()) != []


def test_python_code_comes_from_the_places_that_are_given(tmp_path: Path) -> None:
    found = environment(tmp_path, [tmp_path / "changed", tmp_path])
    assert found["PYTHONPATH"] == f"{tmp_path}/changed:{tmp_path}"
    assert found["PYFLINK_CYTHON_ENABLED"] == ""
