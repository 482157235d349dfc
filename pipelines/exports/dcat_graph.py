"""The graph of a catalogue: the properties of DCAT-AP 3.0.1 that a release can fill from its manifest."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urldefrag

import shapely
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from anonymization.entries import STATEMENTS
from anonymization.released import Day, Release
from pipelines.exports.dcat_words import ABOUT, CATALOGUE, THEMES, TITLES, described, keywords
from pipelines.exports.geojson import shape_text
from pipelines.exports.publisher import Publisher
from schemas.feeds import Text
from schemas.indicators import INDICATORS, Indicator
from schemas.typography import set_in_french

SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
GEO: Final = Namespace("http://www.opengis.net/ont/geosparql#")
EU: Final = Namespace("http://publications.europa.eu/resource/authority/")
GEOJSON: Final = URIRef("https://www.iana.org/assignments/media-types/application/vnd.geo+json")
"""The type by which data.gouv.fr knows a polygon (source: `spatial_from_rdf` of its harvester)."""
CONTEXT: Final = {
    **{"dcat": str(DCAT), "dct": str(DCTERMS), "foaf": str(FOAF), "geo": str(GEO)},
    **{"rdfs": str(RDFS), "skos": str(SKOS), "spdx": str(SPDX), "xsd": str(XSD)},
}
"""The prefixes of every syntax."""

_PARQUET: Final = URIRef("https://www.iana.org/assignments/media-types/application/vnd.apache.parquet")
_MINUTE: Final = 60_000_000


class Catalogue:
    """Makes the graph of a release; `around` is a polygon that holds all its figures, empty where there are none."""

    def __init__(self, release: Release, publisher: Publisher, around: shapely.Polygon) -> None:
        self._release, self._publisher, self._around = release, publisher, around
        self._graph = Graph(bind_namespaces="core")
        for prefix, namespace in CONTEXT.items():
            self._graph.bind(prefix, namespace)

    def graph(self) -> Graph:
        """The catalogue with all that it names; every node has an address, none is blank."""
        catalogue = self._node("#catalogue", DCAT.Catalog)
        self._resource(catalogue, CATALOGUE, ABOUT, self._release.days)
        for code, language in (("ENG", Text("English", "anglais")), ("FRA", Text("French", "français"))):
            self._add(catalogue, DCTERMS.language, self._listed("language", code, DCTERMS.LinguisticSystem, language))
        for indicator in self._release.indicators:
            self._add(catalogue, DCAT.dataset, self._dataset(INDICATORS[indicator]))
        return self._graph

    def _dataset(self, indicator: Indicator) -> URIRef:
        node = self._node(f"{indicator.name}/#dataset", DCAT.Dataset)
        days = [day for day in self._release.days if day.rows(indicator.name)]
        question = Text(indicator.question_en, indicator.question_fr)
        self._resource(node, TITLES[indicator.name], question, days)
        self._add(node, DCTERMS.identifier, Literal(f"{self._release.release_id}/{indicator.name}"))
        self._add(node, DCAT.temporalResolution, Literal(_resolution(indicator, days[-1]), datatype=XSD.duration))
        for keyword in keywords(indicator.population):
            self._say(node, DCAT.keyword, keyword)
        code, name = THEMES[indicator.population]
        self._add(node, DCAT.theme, self._listed("data-theme", code, SKOS.Concept, name))
        self._add(node, DCTERMS.provenance, self._statement())
        for day in days:
            for path, record in day.files_of(indicator.name).items():
                self._add(node, DCAT.distribution, self._distribution(indicator, day, path, record.sha256))
        return node

    def _distribution(self, indicator: Indicator, day: Day, path: str, sha256: str) -> URIRef:
        node = self._node(f"{path}#distribution", DCAT.Distribution)
        title = TITLES[indicator.name]
        self._say(node, DCTERMS.title, Text(f"{title.en}, {day.date} (Parquet)", f"{title.fr}, {day.date} (Parquet)"))
        for address in (DCAT.accessURL, DCAT.downloadURL):
            self._add(node, address, URIRef(self._publisher.at(path)))
        self._licence(node)
        parquet = self._listed("file-type", "PARQUET", DCTERMS.MediaTypeOrExtent, Text.same("Parquet"))
        self._add(node, DCTERMS.format, parquet)
        self._add(node, DCAT.mediaType, self._typed(_PARQUET, DCTERMS.MediaType))
        self._add(
            node, DCAT.byteSize, Literal((self._release.root / path).stat().st_size, datatype=XSD.nonNegativeInteger)
        )
        checksum = self._node(f"{path}#checksum", SPDX.Checksum)
        algorithm = self._typed(SPDX.checksumAlgorithm_sha256, SPDX.ChecksumAlgorithm)
        self._add(checksum, SPDX.algorithm, algorithm)
        self._add(checksum, SPDX.checksumValue, Literal(sha256, datatype=XSD.hexBinary, normalize=False))
        self._add(node, SPDX.checksum, checksum)
        return node

    def _resource(self, node: URIRef, title: Text, question: Text, days: Iterable[Day]) -> None:
        """What a catalogue and a dataset have alike."""
        told = list(days)
        test = self._release.test
        self._say(node, DCTERMS.title, Text(f"TEST – {title.en}", f"ESSAI – {title.fr}") if test else title)
        self._say(node, DCTERMS.description, described(question, told, test))
        publisher = self._typed(self._address("#publisher"), FOAF.Agent)
        self._add(publisher, FOAF.name, Literal(self._publisher.name))
        self._add(node, DCTERMS.publisher, publisher)
        self._licence(node)
        modified = max(day.published for day in told)
        self._add(node, DCTERMS.modified, Literal(modified, datatype=XSD.dateTime))
        self._add(node, DCTERMS.temporal, self._period(node, told))
        if not self._around.is_empty:
            self._add(node, DCTERMS.spatial, self._territory())

    def _period(self, node: URIRef, days: list[Day]) -> URIRef:
        """Of the privacy days: both ends are in it."""
        period = self._typed(URIRef(f"{urldefrag(node).url}#period"), DCTERMS.PeriodOfTime)
        self._add(period, DCAT.startDate, Literal(days[0].date))
        self._add(period, DCAT.endDate, Literal(days[-1].date))
        return period

    def _territory(self) -> URIRef:
        """The box as DCAT-AP has it, and the polygon as data.gouv.fr reads it."""
        # No locn:geometry: of the two official sets of shapes one wants a literal there, the other a node.
        place = self._node("#territory", DCTERMS.Location)
        self._add(place, DCAT.bbox, Literal(shapely.box(*self._around.bounds).wkt, datatype=GEO.wktLiteral))
        self._add(place, GEO.asGeoJSON, Literal(shape_text(self._around), datatype=GEOJSON))
        return place

    def _statement(self) -> URIRef:
        """What was done to the figures, in the words of the release."""
        node = self._node("#statement", DCTERMS.ProvenanceStatement)
        texts = self._release.statements()
        for language, path in reversed(STATEMENTS.items()):
            text = texts[path.rpartition("/")[2]].decode()
            self._add(node, RDFS.label, Literal(text.partition("\n")[0].lstrip("# "), lang=language))
            self._add(node, DCTERMS.description, Literal(text, lang=language))
            self._add(node, RDFS.seeAlso, URIRef(self._publisher.at(path)))
        return node

    def _licence(self, node: URIRef) -> None:
        if self._publisher.licence:
            licence = self._typed(URIRef(self._publisher.licence), DCTERMS.LicenseDocument)
            self._add(node, DCTERMS.license, licence)

    def _listed(self, scheme: str, code: str, kind: URIRef, name: Text) -> URIRef:
        """A value of one of the lists of the European Union, of which the graph says enough to be read alone."""
        node = self._typed(EU[f"{scheme}/{code}"], kind)
        self._add(node, SKOS.inScheme, EU[scheme])
        self._say(node, SKOS.prefLabel, name)
        return node

    def _say(self, node: URIRef, what: URIRef, text: Text) -> None:
        # French first: the harvester of data.gouv.fr takes the first title that it meets.
        self._add(node, what, Literal(set_in_french(text.fr), lang="fr"))
        self._add(node, what, Literal(text.en, lang="en"))

    def _node(self, path: str, kind: URIRef) -> URIRef:
        return self._typed(self._address(path), kind)

    def _address(self, path: str) -> URIRef:
        before, mark, fragment = path.partition("#")
        return URIRef(f"{self._publisher.at(before)}{mark}{fragment}")

    def _typed(self, node: URIRef, kind: URIRef) -> URIRef:
        self._add(node, RDF.type, kind)
        return node

    def _add(self, node: URIRef, what: URIRef, value: URIRef | Literal) -> None:
        self._graph.add((node, what, value))


def _resolution(indicator: Indicator, day: Day) -> str:
    """The length of its windows, as ISO 8601 writes it."""
    lengths = {"slot": f"PT{day.terms.slot // _MINUTE}M", "hour": "PT1H", "day": "P1D"}
    return lengths[indicator.window]
