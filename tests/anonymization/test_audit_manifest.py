"""The manifest in the audit: the end of the chain, the log of the keys, and what it tells readers."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymization.checks import chain, keys, stated, structure
from anonymization.checks.evidence import collect
from anonymization.entries import REGISTER, STATEMENTS, Body, Json, canonical_json
from anonymization.key_log import head, read
from anonymization.manifest import HEAD, KEY_LOG, head_of, read_chain
from anonymization.signing import public_pem
from tests.anonymization import releases as r
from tests.anonymization.releases import draft, key_log, publish, rewrite

FIRST, LAST = "manifest/chain/000001.json", "manifest/chain/000004.json"
SATURDAY_KEY, SUNDAY_KEY = "0a" * 8, "0b" * 8
PUBLIC = r.KEY.public_key()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("sound") / "release", draft())


@pytest.fixture
def release(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "release")


def chain_problems(release: Path, pinned: Ed25519PublicKey | None = PUBLIC, seen: str | None = None) -> str:
    return chain.check(collect(release), pinned, seen).message


def test_a_sound_manifest_passes_every_check(release: Path) -> None:
    evidence = collect(release)
    for check in (
        structure.check(evidence),
        chain.check(evidence, PUBLIC),
        keys.check(evidence),
        stated.check(evidence),
    ):
        assert check.passed, check.message


# The end of the chain


def remove_last_day(release: Path) -> None:
    """All that tells of Sunday: its files, its entries, and its lines in the log."""
    for name in ("000002.json", "000004.json"):
        (release / "manifest/chain" / name).unlink()
    (release / "manifest/chain/000003.json").rename(release / "manifest/chain/000002.json")
    for folder in release.glob("*/date=2026-06-21"):
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "take_away",
    [
        lambda release: (release / LAST).unlink(),
        lambda release: [(release / f"manifest/chain/00000{n}.json").unlink() for n in (3, 4)],
        lambda release: [(release / f"manifest/chain/00000{n}.json").unlink() for n in (2, 3, 4)],
        remove_last_day,
    ],
)
def test_an_end_of_the_chain_that_was_taken_away_is_missed(take_away: Callable[[Path], object], release: Path) -> None:
    take_away(release)
    assert f"{HEAD} does not state the last entry of the chain" in chain_problems(release)


def test_a_head_that_another_signed_is_refused_whatever_it_states(release: Path) -> None:
    (release / HEAD).write_bytes(canonical_json(head_of(read_chain(release), r.OTHER_KEY)))
    assert chain_problems(release) == f"{HEAD} is not signed with the pinned key"
    assert chain_problems(release, None) == f"{HEAD} is not signed with the key in manifest/public.pem"


@pytest.mark.parametrize("data", [b"", b"{", b"[]\n", b"{}\n", b'{"entries":4, "sha256":"a"}\n', b"[" * 100_000])
def test_a_damaged_head_is_named(data: bytes, release: Path) -> None:
    (release / HEAD).write_bytes(data)
    assert HEAD in chain_problems(release)


def test_a_head_that_is_not_there_is_named(release: Path) -> None:
    (release / HEAD).unlink()
    assert f"{HEAD} is not there" in chain_problems(release)
    assert f"{HEAD} is not there" in structure.check(collect(release)).message


def test_a_release_that_was_put_back_whole_is_found_by_an_entry_seen_before(tmp_path: Path) -> None:
    former = publish(
        tmp_path / "former", r.Draft({r.SATURDAY: draft().tables[r.SATURDAY]}, draft().zones, key_ids=("0a",))
    )
    later = publish(tmp_path / "later", draft())
    seen = read_chain(later)[-1].sha256
    assert chain_problems(later, seen=seen) == ""
    assert chain_problems(former) == ""
    assert "no entry has the SHA-256 that was seen before" in chain_problems(former, seen=seen)


# Links and signatures, each rule alone


def test_an_entry_that_names_another_before_it_fails_though_all_is_signed(release: Path) -> None:
    rewrite(release, lambda bodies: [bodies[0], bodies[1] | {"previous": "ab" * 32}, *bodies[2:]], link=False)
    assert "000002.json does not follow the entry before it" in chain_problems(release)


def test_entries_signed_by_another_fail_under_the_pinned_key_though_the_public_key_is_the_pinned_one(
    release: Path,
) -> None:
    rewrite(release, lambda bodies: bodies, r.OTHER_KEY)
    assert "000001.json is not signed with the pinned key" in chain_problems(release)


def test_a_release_that_another_signed_whole_fails_under_the_pinned_key_alone(release: Path) -> None:
    rewrite(release, lambda bodies: bodies, r.OTHER_KEY)
    (release / "manifest/public.pem").write_bytes(public_pem(r.OTHER_KEY))
    assert chain_problems(release, None) == ""
    assert "manifest/public.pem is not the pinned key" in chain_problems(release)


def test_a_public_key_that_is_not_the_pinned_one_fails_though_all_is_signed_with_the_pinned_one(release: Path) -> None:
    (release / "manifest/public.pem").write_bytes(public_pem(r.OTHER_KEY))
    assert chain_problems(release) == "manifest/public.pem is not the pinned key"


def test_an_entry_of_another_form_is_refused(release: Path) -> None:
    rewrite(release, lambda bodies: [bodies[0] | {"schema": 1}, *bodies[1:]])
    assert "the form of the entry is not 2" in chain_problems(release)


# Keys


def key_problems(release: Path) -> str:
    return keys.check(collect(release)).message


def of_day(bodies: list[Body], place: int, **changes: Json) -> list[Body]:
    return [body | changes if at == place else body for at, body in enumerate(bodies)]


def test_two_days_under_one_key_fail_though_all_is_signed(release: Path) -> None:
    def one_key(bodies: list[Body]) -> list[Body]:
        return of_day(bodies, 1, key=bodies[0]["key"])

    rewrite(release, one_key)
    assert "000002.json has the key_id of 000001.json" in key_problems(release)
    assert "000002.json has the commitment of 000001.json" in key_problems(release)


LOG_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a line is taken away": lambda log: b"".join(log.splitlines(keepends=True)[1:]),
    "the last line is taken away": lambda log: b"".join(log.splitlines(keepends=True)[:-1]),
    "the last line is torn": lambda log: log[:-9],
    "a line is changed": lambda log: log.replace(b'"storage":"tmpfs"', b'"storage":"disk_"', 1),
    "a line is added": lambda _: key_log(
        *((event, day, key) for day, key in KEYS for event in ("created", "last_used")),
        *(("destroyed", day, key) for day, key in KEYS),
        ("created", r.date(2026, 6, 23), "0c" * 8),
    ),
    "lines are reordered": lambda log: b"".join(sorted(log.splitlines(keepends=True))),
    "it is empty": lambda _: b"",
    "it is garbage": lambda _: b"\xff\x00",
    "a key was never made": lambda _: key_log(("created", *KEYS[0]), ("destroyed", *KEYS[1])),
}
KEYS = ((r.SATURDAY, SATURDAY_KEY), (r.SUNDAY, SUNDAY_KEY))


@pytest.mark.parametrize("case", LOG_DAMAGE)
def test_a_log_of_keys_that_is_not_the_stated_one_is_named(case: str, release: Path) -> None:
    log = release / KEY_LOG
    log.write_bytes(LOG_DAMAGE[case](log.read_bytes()))
    assert KEY_LOG in key_problems(release)


def test_a_log_of_keys_that_is_not_there_is_named(release: Path) -> None:
    (release / KEY_LOG).unlink()
    assert key_problems(release) == f"{KEY_LOG} is not there"


def relogged(release: Path, log: bytes) -> None:
    """Put another log in its place, with entries that state it: what only its content can give away."""
    lines = read(log)
    steps = [4, 4, 5, 6] if len(lines) == 6 else [len(lines)] * 4

    def stating(bodies: list[Body]) -> list[Body]:
        heads = [vars(head(lines[:count])) for count in steps]
        return [body | {"key_log": {**head}} for body, head in zip(bodies, heads, strict=True)]

    (release / KEY_LOG).write_bytes(log)
    rewrite(release, stating)


def test_a_log_that_tells_of_other_keys_than_the_entries_fails_though_all_is_signed(release: Path) -> None:
    used = [(event, day, key) for day, key in KEYS for event in ("created", "last_used")]
    relogged(release, key_log(*used, *(("destroyed", day, key) for day, key in KEYS)))
    assert key_problems(release) == ""
    other = [(event, day, key) for day, key in ((r.SATURDAY, "1a" * 8), KEYS[1]) for event in ("created", "last_used")]
    relogged(release, key_log(*other, ("destroyed", r.SATURDAY, "1a" * 8), ("destroyed", *KEYS[1])))
    assert f"{KEY_LOG} does not tell of the key of 000001.json what the entry tells" in key_problems(release)


def test_a_log_in_which_a_key_is_used_after_its_end_fails_though_all_is_signed(release: Path) -> None:
    used = [("created", *KEYS[0]), ("destroyed", *KEYS[0]), ("last_used", *KEYS[0])]
    relogged(release, key_log(*used, ("created", *KEYS[1]), ("last_used", *KEYS[1]), ("destroyed", *KEYS[1])))
    assert f"key {SATURDAY_KEY} is last_used after it is destroyed" in key_problems(release)


# What it tells readers


def told(release: Path) -> str:
    return stated.check(collect(release)).message


@pytest.mark.parametrize("path", [REGISTER, *STATEMENTS.values()])
def test_words_that_do_not_follow_from_the_entries_fail_though_all_is_signed(path: str, release: Path) -> None:
    data = (release / path).read_bytes().replace(b"20", b"10")
    (release / path).write_bytes(data)

    def listing(bodies: list[Body]) -> list[Body]:
        shared = {**dict(bodies[1]["shared"]), path: hashlib.sha256(data).hexdigest()}  # type: ignore[arg-type]
        return of_day(bodies, 1, shared=shared)

    rewrite(release, listing)
    assert told(release) == f"000002.json: {path} is not what the entry gives"


def test_words_of_an_earlier_day_are_held_to_its_entry_too(release: Path) -> None:
    path = STATEMENTS["en"]

    def listing(bodies: list[Body]) -> list[Body]:
        return of_day(bodies, 0, shared={**dict(bodies[0]["shared"]), path: "ab" * 32})  # type: ignore[arg-type]

    rewrite(release, listing)
    assert told(release) == f"000001.json: {path} is not what the entry gives"


def test_words_of_another_version_of_the_templates_are_left_to_their_hash(release: Path) -> None:
    path = STATEMENTS["en"]

    def listing(bodies: list[Body]) -> list[Body]:
        software = {**dict(bodies[0]["software"]), "texts_sha256": "00" * 32}  # type: ignore[arg-type]
        shared = {**dict(bodies[0]["shared"]), path: "ab" * 32}  # type: ignore[arg-type]
        return of_day(bodies, 0, shared=shared, software=software)

    rewrite(release, listing)
    assert told(release) == ""


def test_an_unknown_step_fails_though_all_is_signed(release: Path) -> None:
    rewrite(release, lambda bodies: of_day(bodies, 0, steps=["pseudonyms", "magic"]))
    assert "000001.json: steps are not among the known ones" in told(release)


@pytest.mark.parametrize("name", ["policy", "time", "estimation", "unit", "register", "steps", "flags"])
def test_an_entry_without_what_its_statement_is_written_from_fails(name: str, release: Path) -> None:
    rewrite(release, lambda bodies: of_day(bodies, 0, **{name: None}))
    assert "000001.json" in told(release)


@pytest.mark.parametrize("total", ["rows", "smallest", "rows_all", "windows", "devices_pooling_zones_percent"])
def test_figures_that_are_not_those_of_the_printed_rows_fail_though_all_is_signed(total: str, release: Path) -> None:
    def more(bodies: list[Body]) -> list[Body]:
        indicators = json.loads(json.dumps(bodies[0]["indicators"]))
        indicators["presence"][total] += 1
        return of_day(bodies, 0, indicators=indicators)

    rewrite(release, more)
    assert told(release) == "000001.json: the figures of presence are not those of its printed rows"


def test_figures_of_a_day_whose_files_are_damaged_are_not_checked_and_that_is_said(release: Path) -> None:
    (release / "presence/date=2026-06-20/part-0.parquet").write_bytes(b"")
    assert "figures not checked" in told(release)


def test_the_register_gives_every_number_with_its_meaning(release: Path) -> None:
    lines = json.loads((release / REGISTER).read_bytes())
    assert {line["name"]: line["value"] for line in lines} == r.policy()
    assert all(line["meaning"] and line["source"] for line in lines)


def test_a_day_that_begins_before_the_one_before_ends_fails_though_all_is_signed(release: Path) -> None:
    def earlier(bodies: list[Body]) -> list[Body]:
        return of_day(bodies, 1, time={**dict(bodies[1]["time"]), "privacy_day_starts": "04:00"})  # type: ignore[arg-type]

    assert "begins before" not in told(release)
    rewrite(release, earlier)
    assert "000002.json is of a privacy day that begins before that of 000001.json ends" in told(release)
