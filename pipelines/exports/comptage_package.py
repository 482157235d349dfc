"""The data package of comptage des mobilités: its columns, and the descriptor that leads to the official schemas."""

import json
from typing import Final

from anonymization.released import Release
from pipelines.exports.publisher import Publisher

PACKAGE: Final = "datapackage.json"
SITE: Final = "site"
CHANNEL: Final = "channel"
MEASURE: Final = "measure"
COLUMNS: Final = {
    SITE: (
        *("site_id", "parent_site_id", "site_name", "fr_insee_code", "xlong", "ylat", "external_ids"),
        "infrastructure_type",
    ),
    CHANNEL: (
        *("channel_id", "channel_provider_id", "site_provider_id", "site_id", "mobility_type", "comment"),
        *("counter_transmission_type", "publication_transmission_type", "counter_type", "direction"),
        *("provider_direction_code", "provider_direction_name", "data_provider_name", "temporality", "started_at"),
        *("ended_at", "last_updated_at", "time_step", "provider_portal_url"),
    ),
    MEASURE: ("channel_id", "counter_id", "start_datetime", "end_datetime", "count"),
}
"""By file, in the order of the official schemas (source: etalab, schema-comptage-mobilites 0.2.4)."""

_SCHEMAS: Final = "https://raw.githubusercontent.com/etalab/schema-comptage-mobilites/v0.2.4"


def package(release: Release, publisher: Publisher) -> str:
    """The text of `datapackage.json`; a licence stands in it where one was given."""
    test = "TEST – " if release.test else ""
    told = {
        "profile": "tabular-data-package",
        "name": "datapackage-comptage-mobilites",
        "id": release.release_id,
        "title": f"{test}Comptage des mobilités : déplacements estimés par un réseau mobile",
        "description": "Flux et transits horaires d'une publication Hexaflux ; voir README.txt et statement.fr.md.",
        "sources": [{"title": publisher.name, "path": publisher.address}],
        **({"licenses": [{"path": publisher.licence}]} if publisher.licence else {}),
        "resources": [_resource(name) for name in COLUMNS],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _resource(name: str) -> dict[str, str]:
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": f"{_SCHEMAS}/{name}/schema.json",
    }
