"""How a run of the benchmark on Flink is carried out."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Way:
    """The driver and its numbers; options of Flink; buckets of a stride, 0 for the whole day; whether it is timed."""

    driver: str = "flink"
    shards: int = 32
    parallelism: int = 2
    settings: dict[str, str] = field(default_factory=dict)
    stride: int = 0
    timed: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the command alone does it."""
        return not (self.settings or self.stride or self.timed)

    def toml(self, address: str) -> str:
        """What the configuration says of it."""
        engine = f'\n[engine]\ndriver = "{self.driver}"\nshards = {self.shards}\n'
        return f'{engine}\n[engine.flink]\naddress = "{address}"\nparallelism = {self.parallelism}\n'

    def written(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Way":
        """From JSON."""
        return cls(**json.loads(text))
