"""A signed release of national size, kept in a folder: made once, by what writes real releases."""

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import atomic, key_log, manifest
from anonymization.entries import EVENTS, ZONES, Json
from anonymization.happenings import events_json
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.records import DayRecord, InputRecord, Software, day_entry, key_destroyed_entry, told_files
from anonymization.statement import steps_taken, texts_sha256
from anonymization.totals import totals_of_files
from pipelines import release
from pipelines.zones import to_geojson
from schemas.indicators import INDICATORS, stated_effects
from tests.bench.national_day import BASE, COARSEST, NationalDay, country, national_territory

DAY = date(2026, 6, 20)
CONFIDENCE = 0.95
POLICY = Policy(20, 0.8, 5, test=False, base_resolution=BASE, coarsest_resolution=COARSEST)
MORNING, NEXT = datetime(2026, 6, 20, 3, tzinfo=UTC), datetime(2026, 6, 21, 6, tzinfo=UTC)
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SOFTWARE = Software("0.1.0", None, None, "ab" * 32, texts_sha256())
_MINUTE = 60_000_000
_CLOCK = "%Y-%m-%dT%H:%M:%SZ"


def main() -> None:
    """Make the release of so many communes in a folder, a process of its own: its memory is not that of the audit."""
    national_release(Path(sys.argv[1]), int(sys.argv[2]))


def national_release(folder: Path, communes: int) -> Path:
    """The release of so many communes in a folder; its tables are made where they are not there yet, its manifest anew.

    The manifest is that of the code that runs, so that a kept folder stays valid.
    """
    made = folder / f"national-{communes}"
    staged = made / "staged"
    if not (made / "zones.geojson").exists():
        atomic.make_directory(made)
        zones = country(communes)
        start = int(MORNING.timestamp()) * 1_000_000
        edges = [start + np.arange(24 * 60 // minutes + 1) * minutes * _MINUTE for minutes in (15, 60)]
        protection = Protection(national_territory(zones), POLICY, Estimate(CONFIDENCE), bytes(16))
        release.stage(staged, DAY.isoformat(), NationalDay(protection, *edges, np.random.default_rng(1)).tables())
        atomic.write_bytes(made / "zones.geojson", to_geojson(zones))
    published = made / "release"
    atomic.remove_tree(published)
    _publish(published, staged, (made / "zones.geojson").read_bytes())
    return published


def _publish(published: Path, staged: Path, zones: bytes) -> None:
    files = release.files_of(staged)
    release.copy_into(published, staged, sorted(files))
    effects: dict[str, Json] = {name: {**each} for name, each in stated_effects().items()}
    record = DayRecord(
        release_id="national",
        test=False,
        privacy_day=DAY,
        policy=POLICY.as_json(),
        timezone="Europe/Paris",
        slot_minutes=15,
        privacy_day_starts="05:00",
        estimation={"confidence": CONFIDENCE, "design_effects": effects, "people_per_device": None},
        unit="holders",
        files=files,
        zones_sha256=hashlib.sha256(zones).hexdigest(),
        events_sha256=hashlib.sha256(events_json(())).hexdigest(),
        flags=POLICY.flags(),
        key_id="0a" * 8,
        key_commitment="0a" * 32,
        key_created_at=MORNING.strftime(_CLOCK),
        software=SOFTWARE,
        created_at=NEXT,
        input=InputRecord(("cd" * 32,), 800_000_000, 20_000_000, 0),
        register=True,
        steps=steps_taken(sorted(INDICATORS), rounding=5, objections=True, nested=True, sensitive=True),
        indicators=totals_of_files(staged, files),
        widths={},
    )
    body = day_entry(record, [])
    release.write_shared(published, {ZONES: zones, EVENTS: events_json(()), **told_files([body])})
    entry = manifest.append(published, body, SIGNING_KEY, _log(key_log.CREATED, key_log.LAST_USED))
    log = _log(*key_log.EVENTS)
    manifest.append(published, key_destroyed_entry(entry, NEXT.strftime(_CLOCK), SOFTWARE, NEXT), SIGNING_KEY, log)


def _log(*events: str) -> bytes:
    """The life of the day's key as far as these events."""
    lines: list[key_log.Line] = []
    for event in events:
        before = key_log.head(lines)
        at = (MORNING if event == key_log.CREATED else NEXT).strftime(_CLOCK)
        stated = (event, DAY.isoformat(), "0a" * 8, "0a" * 32, at, "file", "tmpfs", "provable: in memory", "benchmark")
        lines.append(key_log.Line(before.entries + 1, before.sha256, *stated))
    return b"".join(map(key_log.encode, lines))


if __name__ == "__main__":
    main()
