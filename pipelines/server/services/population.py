"""How many people per square kilometre: CAMARA Population Density Data 1.0.0-rc.1 over the release."""

from pipelines.server.population.models import CORRELATOR
from pipelines.server.population.refusals import error_info
from pipelines.server.population.routes import CORRELATED, routes
from pipelines.server.population.settings import Population
from pipelines.server.service import Service
from schemas.feeds import Text

SERVICE = Service(
    name="population",
    title=Text("Population density", "Densité de population"),
    paths=("/population-density-data/",),
    routes=routes,
    settings=Population,
    refusal=lambda _, refused: error_info(refused),
    echoed={CORRELATED: CORRELATOR},
)
