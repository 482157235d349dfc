"""What a service is; every module of `pipelines.server.services` declares one as SERVICE."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter
from sqlalchemy import MetaData
from starlette.responses import Response

from pipelines.server import services
from pipelines.server.context import Context
from pipelines.server.refused import Refused, problem
from schemas.feeds import Text
from schemas.server import ServiceSettings


def _no_page(context: Context, settings: ServiceSettings) -> str:
    return ""


@dataclass(frozen=True)
class Service:
    """A service: the key of its table `[server.NAME]`, the paths it answers below, its tables, and its routes.

    It answers where its table is written, or, with `always`, where it is not. `routes` opens what it needs and raises
    UsageError or SystemFailure where it cannot. `refusal` says a Refused of a path in the form of the service's
    standard, for all of its paths: also what is no path, no method, too large, too slow or too often. `largest_body`
    are bytes where its requests may be larger than `[server] largest_body`. `echoed` are headers of a request that come
    back with every answer, refusals too, each with the regular expression of what comes back. `page` is the path where
    people begin, "" where there is nothing for them. Of an `uncounted` service neither the metrics nor the log tell how
    many requests there were, nor of what kind.
    """

    name: str
    title: Text
    paths: tuple[str, ...]
    routes: Callable[[Context, ServiceSettings], APIRouter]
    settings: type[ServiceSettings] = ServiceSettings
    tables: MetaData = field(default_factory=MetaData)
    refusal: Callable[[str, Refused], Response] = problem
    largest_body: int = 0
    echoed: Mapping[str, str] = field(default_factory=dict)
    page: Callable[[Context, ServiceSettings], str] = _no_page
    always: bool = False
    uncounted: bool = False


def all_services() -> dict[str, Service]:
    """The services by name."""
    names = sorted(each.name for each in pkgutil.iter_modules(services.__path__))
    found = [importlib.import_module(f"{services.__name__}.{name}").SERVICE for name in names]
    return {service.name: service for service in found}
