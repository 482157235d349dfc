"""`[server.consultations]`: where keys, the register and publications lie."""

from dataclasses import dataclass, field
from pathlib import Path

from pipelines.server.consultations.nullifiers import Keys
from schemas.configuration import means
from schemas.server import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class ConsultationSettings(ServiceSettings):
    """What the service of consultations is made with."""

    keys: Path = field(
        default=Path("consultations.keys"),
        metadata=means("The folder of the keys, one for each open consultation, and of the logs of their lives."),
    )
    keys_on_disk: bool = field(
        default=False,
        metadata=means(
            "Whether keys are files on the disk, which outlive a restart of the machine, but whose destruction no disk "
            "can prove; else they are in memory where there is memory for it, and a restart ends the consultation."
        ),
    )
    key_service: tuple[str, ...] = field(
        default=(),
        metadata=means("Command of a program that keeps the keys, as `[release] key_service`.", ("./vault_keys.py",)),
    )
    register: Path = field(
        default=Path("consultations.jsonl"),
        metadata=means("The register: no consultation is opened or published twice. Keep it; it only grows."),
    )
    publications: Path = field(
        default=Path("consultations"), metadata=means("The folder in which each closed consultation gets its own.")
    )

    def held(self) -> Keys:
        """What keeps the keys."""
        return Keys(self.keys, self.keys_on_disk, self.key_service)
