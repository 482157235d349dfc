"""The official judges of what platforms read: JSON Schema, Table Schema and SHACL, from beside the repository."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from frictionless import Resource, Schema
from jsonschema import Draft202012Validator
from pyshacl import validate
from rdflib import RDF, SH, Graph
from rdflib.term import Node
from referencing import Registry
from referencing import Resource as Referenced

from tests.paths import shared_conformance


@cache
def model(name: str) -> Draft202012Validator:
    """A Smart Data Model, with formats checked."""
    folder = shared_conformance() / "smart-data-models"
    common = json.loads((folder / "common-schema.json").read_text(encoding="utf-8"))
    schema = json.loads((folder / name / "schema.json").read_text(encoding="utf-8"))
    registry = Registry().with_resource(common["$id"], Referenced.from_contents(common))
    return Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaints(name: str, entity: dict[str, Any]) -> list[str]:
    """What the schema of a model has against an entity."""
    return [error.message for error in model(name).iter_errors(entity)]


def faults(folder: Path, name: str) -> list[tuple[int, str]]:
    """Line and column, or kind, of what the official schema of comptage des mobilités has against `<name>.csv`."""
    path = shared_conformance() / "comptage-mobilites" / f"{name}.schema.json"
    schema = Schema.from_descriptor(json.loads(path.read_text(encoding="utf-8")))
    report = Resource(path=f"{name}.csv", basepath=str(folder), schema=schema).validate()
    assert report.tasks[0].stats["rows"] > 0
    return [(row, field or kind) for row, field, kind in report.flatten(["rowNumber", "fieldName", "type"])]


SHAPES = ("shacl/dcat-ap-SHACL.ttl", "html-shacl/shapes.ttl", "html-shacl/range.ttl", "html-shacl/deprecateduris.ttl")
"""Both official sets of DCAT-AP 3.0.1, that of the ranges, and that of what is deprecated."""
VOCABULARIES = "html-shacl/mdr-vocabularies.shape.ttl"


@cache
def shapes(*names: str) -> Graph:
    """Official shapes by the names of their files."""
    graph = Graph()
    for name in names:
        graph.parse(shared_conformance() / "dcat-ap-3.0.1" / name)
    return graph


def breaches(graph: Graph) -> list[str]:
    """What the shapes have against a catalogue."""
    conforms, _, text = validate(graph, shacl_graph=shapes(*SHAPES), inference="none")
    return [] if conforms else [line for line in str(text).splitlines() if "Message" in line]


def complained(graph: Graph, name: str) -> dict[str, set[str]]:
    """The properties that the shapes of a file complain of, by severity."""
    _, report, _ = validate(graph, shacl_graph=shapes(name), inference="none")
    found: dict[str, set[str]] = {}
    for result in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result):
        severity = str(report.value(result, SH.resultSeverity)).rpartition("#")[2]
        found.setdefault(severity, set()).add(str(report.value(result, SH.resultPath)))
    return found


def deprecated() -> list[tuple[Node, Node]]:
    """Class and property of what the official shapes call deprecated, most of which they refuse of nobody."""
    found = shapes("html-shacl/deprecateduris.ttl")
    return [
        (kind, path)
        for shape, kind in found.subject_objects(SH.targetClass)
        for own in found.objects(shape, SH.property)
        for path in found.objects(own, SH.path)
    ]
