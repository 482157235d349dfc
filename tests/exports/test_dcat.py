"""DCAT-AP: a catalogue describes every file of the release in three syntaxes, and the official shapes accept it."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import h3
import pytest
import shapely
from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from anonymization.released import Release
from pipelines.exports.dcat import write
from pipelines.exports.dcat_words import TITLES
from pipelines.exports.publisher import Publisher
from schemas.indicators import INDICATORS
from tests.anonymization.releases import EIGHTS, VENUE
from tests.exports.handmade import DAY, TABLES, release
from tests.exports.schemas import VOCABULARIES, breaches, complained, deprecated
from tests.paths import ROOT

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
DIJON = Publisher("Dijon métropole", "https://data.ville.example/flux", LICENCE)
BASE = "https://data.ville.example/flux/"
SPDX = Namespace("http://spdx.org/rdf/terms#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
SDO_HTTP = Namespace("http://schema.org/")
SYNTAXES = ("ttl", "rdf", "jsonld")


def read(folder: Path, ending: str = "ttl") -> Graph:
    return Graph().parse(folder / f"catalogue.{ending}")


@pytest.fixture(scope="module")
def audited(whole: Release, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release that passes its audit, and what is made of it."""
    folder = tmp_path_factory.mktemp("dcat")
    write(whole, folder, lambda _: None, DIJON)
    return whole.root, folder


@pytest.fixture(scope="module")
def graph(audited: tuple[Path, Path]) -> Graph:
    return read(audited[1])


def test_every_indicator_is_a_dataset_with_a_title_in_both_languages(graph: Graph) -> None:
    catalogue = URIRef(f"{BASE}#catalogue")
    listed = set(graph.objects(catalogue, DCAT.dataset))
    assert {TITLES[name].en for name in INDICATORS} >= {
        str(title) for each in listed for title in graph.objects(each, DCTERMS.title) if title.language == "en"
    }
    for node in (catalogue, *listed):
        for said in (DCTERMS.title, DCTERMS.description):
            assert sorted(text.language for text in graph.objects(node, said)) == ["en", "fr"]
    assert {str(each) for each in listed} == {f"{BASE}{name}/#dataset" for name in _indicators(graph)}
    assert TITLES.keys() == INDICATORS.keys()


def _indicators(graph: Graph) -> set[str]:
    return {str(name).partition("/")[2] for name in graph.objects(None, DCTERMS.identifier)}


def test_every_file_of_the_release_is_a_distribution_with_its_own_hash_and_size(
    audited: tuple[Path, Path], graph: Graph
) -> None:
    root, _ = audited
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("*/date=*/*.parquet")}
    found = {}
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        address = str(graph.value(node, DCAT.accessURL))
        assert graph.value(node, DCAT.downloadURL) == URIRef(address)
        checksum = graph.value(node, SPDX.checksum)
        value = graph.value(checksum, SPDX.checksumValue)
        found[address.removeprefix(BASE)] = (value.lower(), int(graph.value(node, DCAT.byteSize)))
    assert found == {name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()}


def test_a_dataset_says_when_where_by_whom_and_under_which_licence(graph: Graph) -> None:
    for node in graph.subjects(RDF.type, DCAT.Dataset):
        period = graph.value(node, DCTERMS.temporal)
        assert [str(graph.value(period, end)) for end in (DCAT.startDate, DCAT.endDate)] == ["2026-06-20", "2026-06-21"]
        assert graph.value(graph.value(node, DCTERMS.publisher), FOAF.name) == Literal("Dijon métropole")
        assert graph.value(node, DCTERMS.license) == URIRef(LICENCE)
        assert {word.language for word in graph.objects(node, DCAT.keyword)} == {"en", "fr"}
        assert any("au moins 20 titulaires" in text for text in graph.objects(node, DCTERMS.description))
    resolutions = {
        str(each): str(graph.value(each, DCAT.temporalResolution)) for each in graph.subjects(RDF.type, DCAT.Dataset)
    }
    assert resolutions[f"{BASE}presence/#dataset"] == "PT15M"
    assert resolutions[f"{BASE}flows/#dataset"] == "PT1H"
    assert resolutions[f"{BASE}attendance/#dataset"] == "P1D"


def test_a_dataset_was_modified_when_the_last_entry_of_a_day_was_made(audited: tuple[Path, Path], graph: Graph) -> None:
    entries = [json.loads(path.read_bytes()) for path in (audited[0] / "manifest" / "chain").iterdir()]
    last = max(entry["created_at"] for entry in entries if entry["kind"] == "day")
    told = {value.toPython() for value in graph.objects(None, DCTERMS.modified)}
    assert told == {datetime.fromisoformat(last)}


def test_the_territory_is_a_polygon_that_holds_every_cell_as_data_gouv_fr_reads_it(
    handmade: Release, tmp_path: Path
) -> None:
    write(handmade, tmp_path, lambda _: None, DIJON)
    found = read(tmp_path)
    [told] = [
        json.loads(value)
        for value in found.objects(URIRef(f"{BASE}#territory"))
        if isinstance(value, Literal)
        and str(value.datatype) == "https://www.iana.org/assignments/media-types/application/vnd.geo+json"
    ]
    polygon = shapely.geometry.shape(told)
    assert polygon.geom_type == "Polygon"
    corners = [h3.cell_to_boundary(cell) for cell in (*EIGHTS[:3], VENUE)]
    points = [shapely.Point(longitude, latitude) for corner in corners for latitude, longitude in corner]
    assert all(polygon.buffer(1e-5).covers(point) for point in points)
    assert not polygon.covers(shapely.Point(5.04, 47.2))


def test_the_statement_of_the_release_stands_in_the_catalogue_in_both_languages(
    audited: tuple[Path, Path], graph: Graph
) -> None:
    [statement] = graph.subjects(RDF.type, DCTERMS.ProvenanceStatement)
    told = {text.language: str(text) for text in graph.objects(statement, DCTERMS.description)}
    root = audited[0] / "manifest"
    assert told == {name: (root / f"statement.{name}.md").read_text(encoding="utf-8") for name in ("en", "fr")}


def test_three_syntaxes_hold_one_graph_without_blank_nodes(audited: tuple[Path, Path]) -> None:
    graphs = [set(read(audited[1], ending)) for ending in SYNTAXES]
    assert graphs[0] == graphs[1] == graphs[2]
    assert all(isinstance(node, URIRef | Literal) for triple in graphs[0] for node in triple)


def test_a_harvester_that_takes_the_first_title_finds_the_french_one_in_rdf_xml(audited: tuple[Path, Path]) -> None:
    found = read(audited[1], "rdf")
    titles = [found.value(node, DCTERMS.title) for node in found.subjects(RDF.type, DCAT.Dataset)]
    assert {title.language for title in titles} == {"fr"}


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_hashes_of_the_process(audited: tuple[Path, Path], tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from anonymization.released import as_stated; "
        "from pipelines.exports.dcat import write; from pipelines.exports.publisher import Publisher; "
        "write(as_stated(Path(sys.argv[1])), Path(sys.argv[2]), lambda _: None, Publisher(*sys.argv[3:]))"
    )
    arguments = [str(audited[0]), str(tmp_path), DIJON.name, DIJON.address, LICENCE]
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, env=environment)
    for ending in SYNTAXES:
        assert (tmp_path / f"catalogue.{ending}").read_bytes() == (audited[1] / f"catalogue.{ending}").read_bytes()


def test_a_test_release_says_so_in_every_title(tmp_path: Path) -> None:
    write(release(tmp_path / "release", test=True), tmp_path, lambda _: None, DIJON)
    found = read(tmp_path)
    nodes = [*found.subjects(RDF.type, DCAT.Catalog), *found.subjects(RDF.type, DCAT.Dataset)]
    titles = {text.language: text for node in nodes for text in found.objects(node, DCTERMS.title)}
    assert titles["en"].startswith("TEST – ")
    assert titles["fr"].startswith("ESSAI – ")


def test_without_a_licence_none_is_stated_and_the_readme_says_so(handmade: Release, tmp_path: Path) -> None:
    notes = write(handmade, tmp_path, lambda _: None, Publisher())
    assert (None, DCTERMS.license, None) not in read(tmp_path)
    assert any("No licence is stated" in note for note in notes)
    assert any("https://hexaflux.example/, which leads nowhere" in note for note in notes)


def test_the_official_shapes_accept_the_catalogue(graph: Graph) -> None:
    assert len(graph) > 100
    assert breaches(graph) == []


DATASET = URIRef(f"{BASE}presence/#dataset")
DISTRIBUTION = URIRef(f"{BASE}presence/date=2026-10-24/part-0.parquet#distribution")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The catalogue of one indicator and day."""
    folder = tmp_path_factory.mktemp("small")
    write(release(folder / "release", {DAY: {"presence": TABLES["presence"]}}), folder, lambda _: None, DIJON)
    return read(folder)


def test_the_official_shapes_accept_what_is_then_made_wrong(small: Graph) -> None:
    assert breaches(small) == []


@pytest.mark.parametrize(
    ("node", "said", "instead"),
    [
        (URIRef(f"{BASE}#catalogue"), DCTERMS.title, None),
        (URIRef(f"{BASE}#catalogue"), DCTERMS.publisher, None),
        (DATASET, DCTERMS.title, None),
        (DATASET, DCTERMS.description, None),
        (DATASET, DCAT.temporalResolution, Literal("15 minutes", datatype=XSD.string)),
        (DATASET, DCAT.theme, Literal("society")),
        (DISTRIBUTION, DCAT.accessURL, None),
        (DISTRIBUTION, DCAT.byteSize, Literal("large")),
        (URIRef(f"{BASE}#publisher"), FOAF.name, None),
    ],
)
def test_the_official_shapes_refuse_what_is_wrong(
    small: Graph, node: URIRef, said: URIRef, instead: Node | None
) -> None:
    assert (node, said, None) in small
    wrong = Graph()
    for triple in small:
        wrong.add(triple)
    wrong.remove((node, said, None))
    if instead is not None:
        wrong.add((node, said, instead))
    assert breaches(wrong)


def test_nothing_is_used_that_the_official_shapes_call_deprecated(small: Graph) -> None:
    named = deprecated()
    assert (DCTERMS.PeriodOfTime, SDO_HTTP.endDate) in named
    used = {(kind, path) for node, path, _ in small for kind in small.objects(node, RDF.type)}
    assert (DCTERMS.PeriodOfTime, DCAT.endDate) in used
    assert used.isdisjoint(named)


def test_the_shapes_refuse_a_status_of_a_list_that_was_replaced(small: Graph) -> None:
    status = URIRef("http://purl.org/adms/status/Completed")
    label = Literal("Completed", lang="en")
    concept = Graph().add((status, RDF.type, SKOS.Concept)).add((status, SKOS.prefLabel, label))
    assert breaches(small + concept) == []
    assert breaches(small + concept.add((DISTRIBUTION, ADMS.status, status)))


def test_the_shapes_of_vocabularies_refuse_the_namespace_of_spdx_and_nothing_else(small: Graph) -> None:
    # They want https, where SPDX and the other shapes have http: docs/exports.md says so.
    assert complained(small, VOCABULARIES) == {
        "Violation": {str(SPDX.algorithm)},
        "Warning": {str(DCTERMS.publisher), str(DCTERMS.spatial), str(DCAT.themeTaxonomy)},
    }
