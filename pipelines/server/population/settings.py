"""`[server.population]` of a configuration."""

from dataclasses import dataclass, field

from schemas.configuration import means
from schemas.server import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Population(ServiceSettings):
    """How much is answered, and where answers may be sent to."""

    geohash_lists: bool = field(default=True, metadata=means("Whether an area may be a list of geohashes."))
    largest_answer: int = field(
        default=200_000, metadata=means("Densities (cells times hours) in an answer; for more, a sink is needed.")
    )
    largest_callback: int = field(
        default=500_000, metadata=means("Densities in an answer that is sent to a sink; more are refused.")
    )
    sinks: tuple[str, ...] = field(
        default=(),
        metadata=means(
            "Sinks inside the network: an answer is sent to an address that is not public only if it is one of these "
            "origins, such as `https://sink.intern:8443`.",
        ),
    )
