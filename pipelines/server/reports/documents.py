"""What Open311 answers, as trees of lists and tables; `rendering` writes them as XML or JSON. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.server.reports.catalogue import Attribute, Catalogue, ServiceType
from pipelines.server.reports.rendering import Tree
from pipelines.server.reports.report import Report
from pipelines.server.reports.settings import ReportsSettings
from pipelines.server.reports.w3c import written
from pipelines.server.reports.wording import told
from schemas.dates import Language
from schemas.feeds import Text

SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"

_ASK: Final = Text("Ask for an API key: {}", "Demander une clé d’API : {}")
_NOTICE: Final = Text(
    "It should be mended within {} hours. Text and photo are published only once they have been read.",
    "La réparation est attendue sous {} heures. Texte et photo ne sont publiés qu’après lecture.",
)


def discovery(settings: ReportsSettings, address: str, changed: str) -> Tree:
    """Where the interface is and whom to ask; `changed` is when what it tells last did."""
    endpoint: dict[str, Tree] = {
        "specification": SPECIFICATION,
        "url": address,
        "changeset": changed,
        "type": settings.type,
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": changed,
        "contact": settings.contact,
        "key_service": settings.key_service or told(_ASK, settings.language).format(settings.contact),
        "endpoints": [endpoint],
    }


def services(catalogue: Catalogue, language: Language) -> Tree:
    """The list of services."""
    return [_service(each, language) for each in catalogue.services.values()]


def _service(service: ServiceType, language: Language) -> dict[str, Tree]:
    return {
        "service_code": service.service_code,
        "service_name": service.service_name.told(language),
        "description": service.description.told(language),
        "metadata": bool(service.attributes),
        "type": "realtime",
        "keywords": ", ".join(service.keywords) or None,
        "group": service.group or None,
    }


def definition(service: ServiceType, language: Language) -> Tree:
    """The questions of a service."""
    attributes: list[Tree] = [_attribute(each, at, language) for at, each in enumerate(service.attributes, 1)]
    return {"service_code": service.service_code, "attributes": attributes}


def _attribute(attribute: Attribute, order: int, language: Language) -> dict[str, Tree]:
    hint = attribute.datatype_description
    found: dict[str, Tree] = {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": None if hint is None else hint.told(language),
        "order": order,
        "description": attribute.description.told(language),
    }
    if attribute.values:
        found["values"] = [{"key": value.key, "name": value.name.told(language)} for value in attribute.values]
    return found


def received(name: str, settings: ReportsSettings) -> Tree:
    """What is answered to who reported."""
    return [{"service_request_id": name, "service_notice": notice(settings, settings.language)}]


def notice(settings: ReportsSettings, language: Language) -> str:
    """What is promised."""
    return told(_NOTICE, language).format(settings.hours)


def requests(
    reports: Iterable[Report],
    catalogue: Catalogue,
    settings: ReportsSettings,
    zone: ZoneInfo,
    photo: Callable[[str], str],
) -> list[dict[str, Tree]]:
    """Reports as anybody may read them; `photo` says where a photo is, by its name.

    What was written and photographed, and where, are there only once the report is published.
    """
    return [_request(each, catalogue, settings, zone, photo) for each in reports]


def _request(
    report: Report, catalogue: Catalogue, settings: ReportsSettings, zone: ZoneInfo, photo: Callable[[str], str]
) -> dict[str, Tree]:
    service = catalogue.services.get(report.new.service_code)
    return {
        "service_request_id": report.id,
        "status": report.status,
        "status_notes": report.state.note or None,
        "service_name": None if service is None else service.service_name.told(settings.language),
        "service_code": report.new.service_code,
        "description": None,
        "agency_responsible": settings.agency or None,
        "service_notice": None,
        "requested_datetime": written(report.requested, zone),
        "updated_datetime": written(report.updated, zone),
        "expected_datetime": written(report.expected, zone),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    } | (_read(report, photo) if report.published else {})


def _read(report: Report, photo: Callable[[str], str]) -> dict[str, Tree]:
    """What is told of a report that somebody of the service has read."""
    new = report.new
    return {
        "description": new.description or None,
        "address": new.address or None,
        "address_id": new.address_id or None,
        "lat": new.latitude,
        "long": new.longitude,
        "media_url": photo(report.photo) if report.photo else None,
    }


def features(found: Sequence[dict[str, Tree]]) -> Tree:
    """Requests as a GeoJSON collection; a request without a place has no geometry."""
    return {"type": "FeatureCollection", "features": [_feature(each) for each in found]}


def _feature(request: dict[str, Tree]) -> Tree:
    longitude, latitude = request["long"], request["lat"]
    point: Tree = None if latitude is None else {"type": "Point", "coordinates": [longitude, latitude]}
    told_of = {key: value for key, value in request.items() if key not in ("lat", "long") and value is not None}
    return {"type": "Feature", "id": request["service_request_id"], "geometry": point, "properties": told_of}
