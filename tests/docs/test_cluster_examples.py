"""The examples of a cluster agree with one another and with the code; nobody has started them."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.configuration import load
from pipelines.flink.cluster import STOP_SECONDS
from schemas.configuration import Flink
from tests.docs.test_service import options_of
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "examples" / "flink"
PODS = ("jobmanager", "taskmanager", "driver")
SCALING = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def parsed(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def manifests() -> Iterator[dict[str, Any]]:
    for path in sorted((FOLDER / "kubernetes").glob("*.yaml")):
        yield from parsed(f"kubernetes/{path.name}")


def pod(part: str) -> dict[str, Any]:
    found = [each["spec"]["template"] for each in manifests() if "template" in each["spec"]]
    (one,) = [each["spec"] for each in found if each["metadata"]["labels"]["part"] == part]
    return one


def container(part: str) -> dict[str, Any]:
    (one,) = pod(part)["containers"]
    return one


def settings(arguments: list[str] | str) -> dict[str, str]:
    """Flink's options on a command line; what follows `start` is a host to `jobmanager.sh`, unless it is `-D` alone."""
    text = arguments if isinstance(arguments, str) else " ".join(arguments)
    assert not re.search(r"-D\w", text)
    return dict(re.findall(r"-D ([\w.-]+)=(\S+)", text))


def flat(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{before}.{name}" if before else str(name))
    else:
        yield before


def megabytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", size).groups()  # type: ignore[union-attr]
    return int(number) * {"m": 1, "Mi": 1, "g": 1024, "Gi": 1024}[unit]


def test_every_manifest_says_what_it_is() -> None:
    kinds = [each["kind"] for each in manifests()]
    assert sorted(set(kinds)) == ["Deployment", "NetworkPolicy", "PersistentVolumeClaim", "Service", "StatefulSet"]
    assert all(each["apiVersion"] and each["metadata"]["name"] for each in manifests())


@pytest.mark.parametrize("part", PODS)
def test_no_pod_is_root_or_may_become_it(part: str) -> None:
    inside, within = pod(part), container(part)["securityContext"]
    assert inside["securityContext"]["runAsNonRoot"] is True
    assert inside["securityContext"]["runAsUser"] == pod("driver")["securityContext"]["runAsUser"]
    assert inside["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inside["automountServiceAccountToken"] is False
    assert within["allowPrivilegeEscalation"] is False
    assert within["readOnlyRootFilesystem"] is True
    assert within["capabilities"] == {"drop": ["ALL"]}
    assert container(part)["resources"]["limits"]["memory"] == container(part)["resources"]["requests"]["memory"]


@pytest.mark.parametrize("part", PODS)
def test_every_mount_has_its_volume(part: str) -> None:
    volumes = {each["name"]: each for each in pod(part)["volumes"]}
    assert {each["name"] for each in container(part)["volumeMounts"]} == set(volumes)
    claims = {each["metadata"]["name"] for each in manifests() if each["kind"] == "PersistentVolumeClaim"}
    named = {each["persistentVolumeClaim"]["claimName"] for each in volumes.values() if "persistentVolumeClaim" in each}
    assert named <= claims


def test_driver_and_tasks_see_configuration_and_exchange_at_the_same_paths() -> None:
    driver, tasks = (
        {each["name"]: each["mountPath"] for each in container(part)["volumeMounts"]}
        for part in ("driver", "taskmanager")
    )
    assert {name: driver[name] for name in tasks.keys() & driver.keys()} == {
        name: tasks[name] for name in tasks.keys() & driver.keys()
    }
    assert {"configuration", "shared", "token"} <= tasks.keys()
    assert "driver" not in tasks


def test_the_configuration_is_one_and_keeps_what_tasks_need_on_the_shared_volume() -> None:
    configuration = load(FOLDER / "hexaflux.toml")
    flink, release = configuration.engine.flink, configuration.release
    assert configuration.engine.driver == "flink"
    shared = Path("/srv/hexaflux")
    assert flink.exchange is not None
    assert shared in flink.exchange.parents
    assert shared in release.directory.parents
    assert shared / "driver" in release.signing_key.parents
    assert shared / "driver" in release.register.parents
    assert release.key_service is not None
    assert flink.address == "jobmanager:8081"
    assert configuration.engine.shards >= flink.parallelism


def test_there_are_as_many_slots_as_tasks_at_the_same_time() -> None:
    parallelism = load(FOLDER / "hexaflux.toml").engine.flink.parallelism
    (taskmanagers,) = [each for each in manifests() if each["kind"] == "StatefulSet"]
    (flink,) = parsed("config.yaml")
    slots = flink["taskmanager"]["numberOfTaskSlots"]
    assert taskmanagers["spec"]["replicas"] * slots == parallelism
    (compose,) = parsed("compose.yaml")
    assert compose["services"]["taskmanager"]["deploy"]["replicas"] * slots == parallelism


def test_the_policy_opens_the_ports_that_are_fixed_and_no_other() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in manifests() if each["kind"] == "NetworkPolicy"}
    assert set(policies) == {"nobody", *PODS}
    assert policies["nobody"]["podSelector"] == {"matchLabels": {"app": "hexaflux"}}
    assert "ingress" not in policies["nobody"]
    for part in PODS:
        open_to = {port["port"] for rule in policies[part].get("ingress", ()) for port in rule["ports"]}
        assert open_to == {port["containerPort"] for port in container(part).get("ports", ())}
        assert all("podSelector" in each for rule in policies[part].get("ingress", ()) for each in rule["from"])
    fixed = settings(container("taskmanager")["args"])
    names = ("taskmanager.rpc.port", "taskmanager.data.port", "metrics.internal.query-service.port")
    assert {int(fixed[name]) for name in names} == {6121, 6122, 6125}


def test_only_the_driver_may_reach_rest() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in manifests() if each["kind"] == "NetworkPolicy"}
    allowed = [rule for rule in policies["jobmanager"]["ingress"] if {"port": 8081} in rule["ports"]]
    assert [rule["from"] for rule in allowed] == [
        [{"podSelector": {"matchLabels": {"app": "hexaflux", "part": "driver"}}}]
    ]
    (service,) = [each for each in manifests() if each["kind"] == "Service"]
    assert service["spec"]["type"] == "ClusterIP"
    (compose,) = parsed("compose.yaml")
    assert all("ports" not in each for each in compose["services"].values())
    assert compose["networks"]["flink"] == {"internal": True}


def test_containers_and_pods_are_started_alike() -> None:
    (compose,) = parsed("compose.yaml")
    services = compose["services"]
    assert settings(services["jobmanager"]["command"]) == settings(container("jobmanager")["args"])
    tasks, pods = (
        settings(each) for each in (services["taskmanager"]["command"][-1], container("taskmanager")["args"])
    )
    assert tasks.keys() == pods.keys()
    own = {"taskmanager.host"}
    assert {name: tasks[name] for name in tasks.keys() - own} == {name: pods[name] for name in pods.keys() - own}
    assert services["driver"]["command"] == [*container("driver")["command"], *container("driver")["args"]]
    assert all(each["user"] == "1000:1000" and each["read_only"] for each in services.values())
    assert all(each["ipc"] == "host" for each in services.values())


def test_the_driver_is_called_with_options_that_it_has_and_time_to_end() -> None:
    command, config, *options = container("driver")["args"]
    assert command == "follow"
    assert config == "/etc/hexaflux/hexaflux.toml"
    assert {each for each in options if each.startswith("--")} <= options_of("follow")
    assert pod("driver")["terminationGracePeriodSeconds"] > STOP_SECONDS


def test_a_container_has_memory_for_java_and_for_python() -> None:
    (flink,) = parsed("config.yaml")
    java = {part: megabytes(flink[part]["memory"]["process"]["size"]) for part in ("jobmanager", "taskmanager")}
    limits = {part: megabytes(container(part)["resources"]["limits"]["memory"]) for part in java}
    assert limits["jobmanager"] >= java["jobmanager"]
    assert limits["taskmanager"] >= java["taskmanager"] + 2048 * flink["taskmanager"]["numberOfTaskSlots"]


def test_tasks_have_the_variable_that_turns_compiled_modules_off() -> None:
    values = {each["name"]: each.get("value") for each in container("taskmanager")["env"]}
    assert values["PYFLINK_CYTHON_ENABLED"] == ""
    assert re.search(r"PYFLINK_CYTHON_ENABLED= ", (FOLDER / "Containerfile").read_text(encoding="utf-8"))


def test_the_image_has_all_packages_both_locks_and_the_key_service() -> None:
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    copied = {
        name for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line for name in line.split()
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages | {"requirements.lock", "requirements-flink.lock", "docs/examples/flink/config.yaml"} <= copied
    service = load(FOLDER / "hexaflux.toml").release.key_service
    assert service is not None
    assert service[-1] in copied
    assert "USER 1000" in text


def test_the_settings_of_one_machine_listen_on_loopback() -> None:
    (flink,) = parsed("config.yaml")
    assert {flink["jobmanager"]["bind-host"], flink["taskmanager"]["bind-host"], flink["rest"]["bind-address"]} == {
        "localhost"
    }
    assert flink["web"]["submit"]["enable"] is False
    assert "env.java.opts.all" in set(flat(flink))


def test_the_page_has_every_key_of_the_section_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `?([^`|]+?)`? \|", SCALING, re.MULTILINE))
    assert {each.name for each in fields(Flink)} <= rows.keys()
    assert rows["address"] == Flink().address
    assert (int(rows["parallelism"]), int(rows["readers"])) == (Flink().parallelism, Flink().readers)


def test_every_file_that_the_page_links_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", SCALING)
    assert len(linked) > 8
    assert [each for each in linked if not (ROOT / "docs" / each).exists()] == []
