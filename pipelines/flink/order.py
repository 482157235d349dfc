"""The order for a job: all that the process which submits it has to know, in a file of the exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from anonymization.atomic import write_bytes
from pipelines.flink.work import Task
from pipelines.sources.fragment import Fragment


@dataclass(frozen=True)
class Order:
    """A bounded job over `fragments`, whose dead letters are of `step`; without them a job that follows a topic.

    `settings`: options of Flink by their names.
    """

    name: str
    address: str
    task: Task
    parallelism: int
    readers: int = 1
    step: int = 0
    fragments: tuple[Fragment, ...] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Order":
        """An order from its file."""
        return _ADAPTER.validate_json(path.read_bytes())

    def write(self, path: Path) -> None:
        """Write the order to a file."""
        write_bytes(path, _ADAPTER.dump_json(self), 0o600)


_ADAPTER = TypeAdapter(Order)
