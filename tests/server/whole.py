"""The configuration of a server with every service on, a release to ask and a consultation that is open."""

import contextlib
from pathlib import Path

from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.closing import open_consultation
from pipelines.server.consultations.settings import ConsultationSettings
from pipelines.server.consultations.tables import TABLES
from pipelines.server.service import all_services
from pipelines.server.settings import load
from pipelines.server.store import open_store
from tests.server import made
from tests.server.consultations.made import PLAYGROUND
from tests.server.population.town import release

TEXT = """[release]
directory = "release"
[server]
requests_per_minute = 1000000
[server.reports]
contact = "network@town.example"
public = true
public_per_hour = 10000
[server.population]
[server.consultations]
keys_on_disk = true
"""


def configuration(folder: Path, database: str = "server.db") -> Path:
    release(folder / "release")
    config = made.configuration(folder, TEXT.replace("[server]\n", f'[server]\ndatabase = "{database}"\n', 1))
    chosen = load(config, all_services())
    settings = next(each for _, each in chosen.services if isinstance(each, ConsultationSettings))
    with contextlib.closing(open_store(chosen.server.database, folder)) as store:
        store.create(TABLES)
        open_consultation(Answers(store), settings, PLAYGROUND, chosen.policy.k, test=False)
    return config
