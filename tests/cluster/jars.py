"""The jars of a Kafka broker, from Maven Central, kept in the checkout."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.paths import ROOT

KAFKA: Final = "4.3.1"
LOG4J: Final = "2.25.4"

CACHE: Final = ROOT / ".cache"
SECONDS: Final = 900
"""How long Maven may take."""

_DEPENDENCY: Final = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hexaflux</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    {_DEPENDENCY.format("org.apache.kafka", "kafka_2.13", KAFKA)}
    {_DEPENDENCY.format("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J)}
  </dependencies>
</project>
"""


class BrokerError(Exception):
    """A broker cannot be had, or does not do what it should; the text says what to do."""


def java() -> str:
    """The command of Java; raises BrokerError where there is none."""
    return _program("java")


def jars(cache: Path = CACHE) -> Path:
    """The folder of the jars, which are downloaded the first time; raises BrokerError where that is not possible."""
    folder = cache / f"kafka-{KAFKA}-{hashlib.sha256(_POM.encode()).hexdigest()[:8]}"
    if folder.is_dir():
        return folder
    maven = _program("mvn")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=cache) as unfinished:
        _download(maven, Path(unfinished))
        try:
            (Path(unfinished) / "jars").rename(folder)
        except OSError:
            # Another process was quicker.
            if not folder.is_dir():
                raise
    return folder


def _download(maven: str, folder: Path) -> None:
    (folder / "pom.xml").write_text(_POM, encoding="utf-8")
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder / 'jars'}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise BrokerError(f"Maven did not download Kafka {KAFKA} within {SECONDS} s: try again") from None
    if done.returncode or not any(folder.glob(f"jars/kafka_2.13-{KAFKA}.jar")):
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise BrokerError(
            f"Maven could not download Kafka {KAFKA}, exit code {done.returncode}: see that `mvn` reaches Maven "
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
