"""What a configuration is: every section and key, with its default and its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final, Literal

from schemas.errors import UsageError

DRIVERS: Final = ("embedded", "flink")
"""What may carry the work out."""


def means(meaning: str, example: object = None) -> dict[str, object]:
    """Metadata of a key; a key without default has an example."""
    return {"meaning": meaning, "example": example}


@dataclass(frozen=True)
class Kafka:
    """Events from a Kafka topic, in place of files: each message holds events, and each partition is in an order."""

    brokers: str = field(metadata=means("Some brokers of the cluster: `host:port,host:port`.", "localhost:9092"))
    topic: str = field(metadata=means("Name of the topic; all of its partitions are read.", "events"))
    format: str = field(
        metadata=means(
            "What a message is: `json` (an object, or one on each line), `avro` (a record, in Confluent's framing) or "
            "`arrow` (an IPC stream of record batches).",
            "json",
        )
    )
    schemas: Path | None = field(
        default=None,
        metadata=means("Folder with the Avro schemas by their numbers, `<id>.avsc`; needed for `avro`.", "schemas"),
    )
    group: str = field(
        default="hexaflux",
        metadata=means("Consumer group to which the offsets are committed, for monitoring; it decides nothing."),
    )
    client: Mapping[str, str] = field(
        default_factory=dict,
        repr=False,
        metadata=means("Options of librdkafka as texts, such as those of security, in a table of their own."),
    )


@dataclass(frozen=True, kw_only=True)
class Input:
    """What is read: a file, a folder or a glob for each table; the events may come from a Kafka topic."""

    events: Path | None = field(
        default=None,
        metadata=means(
            "Probe events: Parquet, CSV or JSON Lines. Either this or a table `[input.kafka]` has to be written.",
            "events",
        ),
    )
    kafka: Kafka | None = field(
        default=None, metadata=means("A Kafka topic of events: a table `[input.kafka]`; for `follow` only.")
    )
    cells: Path = field(metadata=means("Radio cells with their positions.", "cells.csv"))
    zones: Path = field(metadata=means("Zones to publish: GeoJSON or GeoParquet polygons.", "zones.geojson"))
    subscribers: Path | None = field(
        default=None,
        metadata=means("The operator's register; without it every attribute is `unknown`.", "subscribers.csv"),
    )
    population: Path | None = field(
        default=None,
        metadata=means("Census population by zone, to extrapolate devices to people.", "population.csv"),
    )
    roaming_share: Path | None = field(
        default=None,
        metadata=means("Share of each country's visitors who roam on this network.", "roaming_share.csv"),
    )
    columns: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict,
        metadata=means('Names of columns, one table for each input: `our_name = "their_name"`.'),
    )

    @property
    def files(self) -> Path:
        """Where the files of events are; raises UsageError where events come from a topic."""
        if self.events is None:
            raise UsageError(
                "[input.kafka]: expected files of events in [input] events, found a topic",
                "follow the topic with hexaflux follow; what has an end is published with hexaflux run",
            )
        return self.events


@dataclass(frozen=True)
class Area:
    """Where: the clock, the home country and the lattice of hexagons."""

    timezone: str = field(
        default="Europe/Paris",
        metadata=means("IANA time zone of windows, privacy days and display."),
    )
    domestic_mcc: tuple[int, ...] = field(
        default=(208,), metadata=means("Mobile country codes that count as domestic.")
    )
    base_resolution: int = field(default=9, metadata=means("H3 resolution of the smallest hexagons."))
    coarsest_resolution: int = field(
        default=5, metadata=means("H3 resolution of the largest hexagons in the tree of parts.")
    )
    crossing: str = field(
        default="refuse",
        metadata=means("For zones that cross: `refuse`, or `clip` (the larger keeps the shared cells)."),
    )


@dataclass(frozen=True)
class Time:
    """When: slots, lateness and the privacy day."""

    slot: timedelta = field(
        default=timedelta(minutes=15),
        metadata=means("Length of a slot of `presence`: 5, 10, 15, 20, 30 or 60 minutes."),
    )
    lateness: timedelta = field(
        default=timedelta(minutes=30),
        metadata=means("How long after a window its late events are still accepted (`follow` only)."),
    )
    privacy_day_starts: time = field(
        default=time(5, 0),
        metadata=means("Local time at which a privacy day starts; pseudonyms live one privacy day."),
    )

    @property
    def lateness_us(self) -> int:
        """The lateness in microseconds."""
        return self.lateness // timedelta(microseconds=1)


@dataclass(frozen=True)
class DifferentialPrivacy:
    """The optional mode of differential privacy, which publishes `presence` and `attendance` on a fixed lattice."""

    epsilon: float = field(metadata=means("Most that a privacy day may cost a device; above 0, at most 10.", 2.0))
    budget_epsilon: float = field(
        metadata=means("Most that the days of any 365 in a row may cost a device; a day beyond it is refused.", 80.0)
    )
    delta: float = field(
        default=1e-8, metadata=means("Probability that is left out of account; at most 1e-5, and the same for all.")
    )
    contributions: int = field(
        default=24, metadata=means("Most figures that a device adds to on a privacy day, over all indicators.")
    )
    resolution: int = field(
        default=8, metadata=means("H3 resolution of the hexagons of `presence`; at most `base_resolution`.")
    )


@dataclass(frozen=True)
class PolicySettings:
    """The privacy numbers as written; `anonymization/policy.py` judges them and gives their sources."""

    k: int = field(
        default=20,
        metadata=means("Fewest distinct devices behind a figure; below 11 refused, below 20 flagged."),
    )
    max_share: float = field(
        default=0.8,
        metadata=means("Largest share of one age or socio-professional class in a part that is split."),
    )
    rounding: int = field(
        default=5, metadata=means("Base to which `devices` are rounded; 0 turns it off and is flagged.")
    )
    dp: DifferentialPrivacy | Literal[False] = field(
        default=False, metadata=means("Differential privacy: `false`, or a table `[policy.dp]`.")
    )


@dataclass(frozen=True)
class Estimation:
    """How devices become people."""

    people_per_device: float | None = field(
        default=None,
        metadata=means("How many people each device stands for where the census has nobody's home; else 1.", 4.0),
    )
    confidence: float = field(
        default=0.95, metadata=means("Confidence of the interval from `people_low` to `people_high`.")
    )


@dataclass(frozen=True)
class ReleaseSettings:
    """Where the release, the register of publications and the signing key stand."""

    directory: Path = field(metadata=means("Folder of the release; only publishable files stand in it.", "release"))
    register: Path = field(
        default=Path("publications.jsonl"),
        metadata=means("Register of what was published; an operator points all configurations at one file."),
    )
    signing_key: Path = field(
        default=Path("signing_key.pem"),
        metadata=means("Ed25519 private key that signs the manifest; made when it does not exist."),
    )
    key_service: tuple[str, ...] | None = field(
        default=None,
        metadata=means(
            "Command of a program that keeps the day keys; without it they are files.", ("./vault_keys.py",)
        ),
    )


@dataclass(frozen=True)
class Flink:
    """A cluster of Apache Flink, for `driver = "flink"`; no key of this section changes a figure."""

    address: str = field(
        default="localhost:8081", metadata=means("Where the JobManager answers over REST: `host:port`.")
    )
    parallelism: int = field(default=2, metadata=means("Tasks that work on shards at the same time."))
    readers: int = field(
        default=1,
        metadata=means("Tasks that read a topic, each its share of the partitions; for a release, always the same."),
    )
    checkpoint_every: timedelta = field(
        default=timedelta(minutes=1), metadata=means("How often a checkpoint is taken; so much is read again at most.")
    )
    exchange: Path | None = field(
        default=None,
        metadata=means(
            "Folder that all machines of the cluster reach by this path, as they do `RELEASE.work` and the inputs; "
            "without it one in `RELEASE.work`.",
            "exchange",
        ),
    )
    python: Path | None = field(
        default=None,
        metadata=means(
            "Python of the tasks, with Hexaflux and PyFlink; without it that of the driver.", "venv/bin/python"
        ),
    )


@dataclass(frozen=True)
class Engine:
    """How the work is carried out; no key of this section changes a figure."""

    driver: str = field(
        default="embedded",
        metadata=means("What runs the pipeline: `embedded`, in this process, or `flink`, a cluster."),
    )
    shards: int = field(default=32, metadata=means("Disjoint sets of devices."))
    step_rows: int = field(
        default=3_000_000, metadata=means("Events in one step, or as many as stays are open; bounds the memory.")
    )
    workers: int = field(default=2, metadata=means("Threads that work at the same time."))
    flink: Flink = field(default_factory=Flink, metadata=means("The cluster: a table `[engine.flink]`."))


@dataclass(frozen=True)
class Event:
    """A happening that an organiser asks about."""

    name: str = field(metadata=means("Name of the event, which is published; at most 100 characters.", "festival"))
    zone: str = field(metadata=means("Identifier of the zone where it takes place.", "21231"))
    start: datetime = field(
        metadata=means("When it starts; local time unless an offset is written.", datetime(2026, 6, 20, 18))
    )
    end: datetime = field(
        metadata=means("When it ends; local time unless an offset is written.", datetime(2026, 6, 21, 2))
    )
    previous: str | None = field(
        default=None, metadata=means("Name of an earlier event to compare with.", "festival 2025")
    )


@dataclass(frozen=True)
class Test:
    """Marks a release as a test, which needs `--allow-test` in `audit` and is not registered."""

    __test__ = False  # pytest takes any class of this name for a test case.

    day_key: str | None = field(
        default=None,
        repr=False,
        metadata=means("64 hexadecimal digits from which the day keys are derived, to repeat a run.", "0" * 64),
    )
    allow_small_k: bool = field(default=False, metadata=means("Whether k may be below 11."))


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One configuration file, read and checked; every path is absolute and every instant has its offset."""

    path: Path
    input: Input
    area: Area = field(default_factory=Area)
    time: Time = field(default_factory=Time)
    policy: PolicySettings = field(default_factory=PolicySettings)
    estimation: Estimation = field(default_factory=Estimation)
    release: ReleaseSettings
    engine: Engine = field(default_factory=Engine)
    event: tuple[Event, ...] = ()
    feeds: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict, metadata=means("One table for each civic feed.")
    )
    server: Mapping[str, object] = field(
        default_factory=dict, metadata=means("Keys of the server, and one table for each of its services.")
    )
    test: Test | None = None


SECTIONS: Final[Mapping[str, type]] = {
    "input": Input,
    "input.kafka": Kafka,
    "area": Area,
    "time": Time,
    "policy": PolicySettings,
    "policy.dp": DifferentialPrivacy,
    "estimation": Estimation,
    "release": ReleaseSettings,
    "engine": Engine,
    "engine.flink": Flink,
    "event": Event,
    "test": Test,
}
"""The tables with fixed keys, in the order of the file, by their header."""

DECLARED_ELSEWHERE: Final = ("feeds", "server")
"""Tables whose keys each feed, and each service of the server, declares where it stands."""
