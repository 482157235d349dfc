"""RDF/XML in one order: that of rdflib follows the hashes of the process, so that no two files would be alike."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

_RDF: Final = str(RDF)


def rdf_xml(graph: Graph, prefixes: Mapping[str, str]) -> str:
    """The text: subjects by address, and what is said of each in the order in which it was added.

    Every predicate has one of the prefixes; no node is blank.
    """
    named = {"rdf": _RDF, **prefixes}
    opening = "".join(f"\n  xmlns:{prefix}={quoteattr(address)}" for prefix, address in sorted(named.items()))
    nodes = (line for subject in sorted(set(graph.subjects()), key=str) for line in _node(graph, subject, named))
    lines = "\n".join(nodes)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF{opening}>\n{lines}\n</rdf:RDF>\n'


def _node(graph: Graph, subject: Node, named: Mapping[str, str]) -> Iterator[str]:
    yield f"  <rdf:Description rdf:about={quoteattr(str(subject))}>"
    for predicate, value in graph.predicate_objects(subject):
        yield f"    {_said(_short(str(predicate), named), value)}"
    yield "  </rdf:Description>"


def _said(name: str, value: Node) -> str:
    if isinstance(value, URIRef):
        return f"<{name} rdf:resource={quoteattr(str(value))}/>"
    language = value.language if isinstance(value, Literal) else None
    datatype = value.datatype if isinstance(value, Literal) else None
    kind = (
        f" xml:lang={quoteattr(language)}" if language else f" rdf:datatype={quoteattr(datatype)}" if datatype else ""
    )
    return f"<{name}{kind}>{escape(str(value))}</{name}>"


def _short(address: str, named: Mapping[str, str]) -> str:
    """The longest namespace that it begins with, by its prefix, and the rest of it."""
    prefix = max((each for each in named if address.startswith(named[each])), key=lambda each: len(named[each]))
    return f"{prefix}:{address.removeprefix(named[prefix])}"
