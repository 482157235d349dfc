"""Places whose events come from a topic."""

from pathlib import Path

from tests.follow.delivered import Place, place
from tests.oracle.generate import Generated

ENGINE = "[engine]\nstep_rows = 4000\nshards = 2\n"


def place_of_topic(
    folder: Path, given: Generated, brokers: str, topic: str, form: str = "arrow", engine: str = ENGINE
) -> Place:
    """A new place for the events of a town; schemas of Avro are expected in its folder `schemas`."""
    found = place(folder, given, engine)
    text = found.config.read_text(encoding="utf-8").replace('events = "events"\n', "")
    kafka = f'[input.kafka]\nbrokers = "{brokers}"\ntopic = "{topic}"\nformat = "{form}"\n'
    if form == "avro":
        kafka += f'schemas = "{folder / "schemas"}"\n'
    found.config.write_text(text.replace("[release]\n", f"{kafka}[release]\n", 1), encoding="utf-8")
    return found
