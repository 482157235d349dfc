"""The official OpenAPI document and feature file, where they stand beside the repository."""

import re
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.paths import shared_conformance

VERSION = "1.0.0-rc.1"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; the test is skipped without it."""
    path = shared_conformance() / "camara-population-density" / VERSION / "population-density-data.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@cache
def tags() -> tuple[str, ...]:
    """The tags of the scenarios, in order, without what all begin with."""
    path = shared_conformance() / "camara-population-density" / VERSION / "population-density-data.feature"
    return tuple(re.findall(r"^\s*@population_density_data_(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def complies(body: object, name: str) -> None:
    """See that a body is as a schema of the document says; a discriminator is followed."""
    _validator(name).validate(body)
    for interval in body.get("timedPopulationDensityData", []) if isinstance(body, dict) else []:
        for cell in interval["cellPopulationDensityData"]:
            if cell["dataType"] == "DENSITY_ESTIMATION":
                _validator("DensityEstimation").validate(cell)


@cache
def _validator(name: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:official", Resource(document(), DRAFT202012))
    reference = {"$ref": f"urn:official#/components/schemas/{name}"}
    return Draft202012Validator(reference, registry=registry, format_checker=FormatChecker())
