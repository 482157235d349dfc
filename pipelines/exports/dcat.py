"""DCAT-AP 3.0.1: a catalogue of the release, with a dataset for each indicator and a distribution for each file.

Every node has an address below that of the release, so that the same release gives the same bytes.
"""

import json
from pathlib import Path
from typing import Final

from rdflib import Graph

from anonymization.released import Release
from pipelines.exports.dcat_graph import CONTEXT, Catalogue
from pipelines.exports.dcat_territory import territory
from pipelines.exports.publisher import Publisher
from pipelines.exports.rdf_xml import rdf_xml
from pipelines.progress import Advance

_NO_LICENCE: Final = (
    "No licence is stated: --licence gives the address of one, and portals ask for it.",
    "Aucune licence n'est indiquée : --licence en donne l'adresse, et les portails la demandent.",
)
_NOTES: Final = (
    "The catalogue describes the files of the release itself; they are to stand at the address, as in its folder.",
    "Le catalogue décrit les fichiers de la publication elle-même ; ils doivent se trouver à l'adresse, comme dans son "
    "dossier.",
)


def write(release: Release, folder: Path, advance: Advance, publisher: Publisher) -> list[str]:
    """`catalogue.ttl`, `catalogue.rdf` and `catalogue.jsonld`: the same graph in three syntaxes."""
    graph = Catalogue(release, publisher, territory(release, advance)).graph()
    syntaxes = {"ttl": graph.serialize(format="turtle"), "rdf": rdf_xml(graph, CONTEXT), "jsonld": _json_ld(graph)}
    for ending, text in syntaxes.items():
        (folder / f"catalogue.{ending}").write_text(text.strip() + "\n", encoding="utf-8")
    return [*_NOTES, *publisher.lacks, *(() if publisher.licence else _NO_LICENCE)]


def _json_ld(graph: Graph) -> str:
    """Its nodes by address: rdflib has them in the order of hashes."""
    read = json.loads(graph.serialize(format="json-ld", context=CONTEXT, sort_keys=True))
    read["@graph"].sort(key=lambda node: str(node["@id"]))
    return json.dumps(read, ensure_ascii=False, indent=2)
