"""The jars of a Kafka broker and of Beam's job server for Flink, from Maven Central, kept in the checkout."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.paths import ROOT

KAFKA: Final = "4.3.1"
LOG4J: Final = "2.25.4"
FLINK_RUNNER: Final = "2.70.0"
# The latest of its kind that can be had; of what both ask for Maven takes the later.
JOB_SERVICE: Final = "2.65.0"
SLF4J: Final = "2.0.16"

CACHE: Final = ROOT / ".cache"
SECONDS: Final = 900
"""How long Maven may take."""

_ARTIFACT: Final = "<groupId>{}</groupId><artifactId>{}</artifactId>"
_POM: Final = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hexaflux</groupId>
  <artifactId>{name}</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    {dependencies}
  </dependencies>
</project>
"""


@dataclass(frozen=True)
class Wanted:
    """What Maven downloads: `first` is the jar that shows that it is there, `without` what stays out of the others."""

    name: str
    title: str
    version: str
    first: str
    dependencies: tuple[tuple[str, str, str], ...]
    without: tuple[tuple[str, str], ...] = ()

    @property
    def pom(self) -> str:
        """The project that has these dependencies."""
        left_out = "".join(f"<exclusion>{_ARTIFACT.format(*each)}</exclusion>" for each in self.without)
        inside = f"<exclusions>{left_out}</exclusions>" if left_out else ""
        found = [
            f"<dependency>{_ARTIFACT.format(group, name)}<version>{version}</version>{inside}</dependency>"
            for group, name, version in self.dependencies
        ]
        return _POM.format(name=self.name, dependencies="\n    ".join(found))


BROKER: Final = Wanted(
    "kafka",
    "Kafka",
    KAFKA,
    f"kafka_2.13-{KAFKA}.jar",
    (
        ("org.apache.kafka", "kafka_2.13", KAFKA),
        ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J),
    ),
)
_BEAM: Final = "org.apache.beam"
JOB_SERVER: Final = Wanted(
    "beam-on-flink",
    "Beam's runner for Flink",
    FLINK_RUNNER,
    f"beam-runners-flink-1.19-{FLINK_RUNNER}.jar",
    (
        (_BEAM, "beam-runners-flink-1.19", FLINK_RUNNER),
        (_BEAM, "beam-runners-java-job-service", JOB_SERVICE),
        ("org.slf4j", "slf4j-simple", SLF4J),
    ),
    # It has classes of the earlier version within itself, which streams then run into.
    without=((_BEAM, "beam-sdks-java-harness"),),
)


class BrokerError(Exception):
    """A broker or a job server cannot be had, or does not do what it should; the text says what to do."""


def java() -> str:
    """The command of Java; raises BrokerError where there is none."""
    return _program("java")


def jars(cache: Path = CACHE, wanted: Wanted = BROKER) -> Path:
    """The folder of the jars, which are downloaded the first time; raises BrokerError where that is not possible."""
    digest = hashlib.sha256(wanted.pom.encode()).hexdigest()[:8]
    folder = cache / f"{wanted.name}-{wanted.version}-{digest}"
    if folder.is_dir():
        return folder
    maven = _program("mvn")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=cache) as unfinished:
        _download(maven, Path(unfinished), wanted)
        try:
            (Path(unfinished) / "jars").rename(folder)
        except OSError:
            # Another process was quicker.
            if not folder.is_dir():
                raise
    return folder


def _download(maven: str, folder: Path, wanted: Wanted) -> None:
    (folder / "pom.xml").write_text(wanted.pom, encoding="utf-8")
    what = f"{wanted.title} {wanted.version}"
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder / 'jars'}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise BrokerError(f"Maven did not download {what} within {SECONDS} s: try again") from None
    if done.returncode or not (folder / "jars" / wanted.first).is_file():
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise BrokerError(
            f"Maven could not download {what}, exit code {done.returncode}: see that `mvn` reaches Maven "
            f"Central. It said:\n{said}"
        )


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", ""))
    if found is None:
        raise BrokerError(
            f"a Kafka broker or a Flink cluster needs the command `{name}`, which is not on the PATH: install Java 17 "
            "or later and Maven 3.8 or later (Debian: apt-get install openjdk-17-jre-headless maven)"
        )
    return found
