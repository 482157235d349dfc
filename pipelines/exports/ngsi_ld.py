"""NGSI-LD: presence as CrowdFlowObserved and flows as OriginDestinationFlow, two Smart Data Models, as key-values.

A file is a JSON-LD array with one entity in each line, so that it can be read line by line.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from anonymization.released import Release
from pipelines.exports.ngsi_entities import CROWD, FLOW, FLOWS, PRESENCE, Entities
from pipelines.exports.publisher import Publisher
from pipelines.progress import Advance
from schemas.errors import UsageError

READS: Final = (PRESENCE, FLOWS)

_NOTES: Final = (
    "One entity in each line. What is not published has no entity: a missing count is never 0.",
    "Une entité par ligne. Ce qui n'est pas publié n'a pas d'entité : un compte qui manque n'est jamais 0.",
    "peopleCount and flowCount are estimates of people, with the interval in ...CountLow and ...CountHigh.",
    "peopleCount et flowCount sont des estimations de personnes, avec l'intervalle en ...CountLow et ...CountHigh.",
)


def write(release: Release, folder: Path, advance: Advance, publisher: Publisher) -> list[str]:
    """`CrowdFlowObserved_<privacy day>.jsonld` and `OriginDestinationFlow_<privacy day>.jsonld`.

    Raises UsageError for a release that has neither presence nor flows.
    """
    if not any(release.rows(indicator) for indicator in READS):
        raise UsageError(
            f"{release.root}: expected a release with presence or flows, found neither in it",
            "ngsi-ld holds these two; csv, xlsx, geojson and geoparquet hold every indicator",
        )
    made = Entities(release, publisher)
    for indicator, model, entities in ((PRESENCE, CROWD, made.crowds), (FLOWS, FLOW, made.flows)):
        for day, table in release.tables(indicator):
            _write_file(folder / f"{model}_{day.date}.jsonld", entities(day, table))
            advance(table.num_rows)
    return [*_NOTES, *publisher.lacks]


def _write_file(path: Path, entities: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for number, entity in enumerate(entities):
            file.write(f",\n{entity}" if number else f"\n{entity}")
        file.write("\n]\n")
