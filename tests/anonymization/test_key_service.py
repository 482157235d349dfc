import copy
import json
import os
import pickle
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from anonymization import command_keys, key_program, key_uses
from anonymization.command_keys import CommandKeys
from anonymization.key_log import problems, read
from anonymization.key_program import program
from anonymization.key_service import KeyService
from anonymization.key_services import key_service
from anonymization.keys import PURPOSES, KeyStore
from schemas.errors import HexafluxError, SystemFailure, UsageError
from tests.anonymization.fake_transit import TOKEN, Engine, Served
from tests.paths import ROOT

DAY, NEXT = date(2026, 6, 13), date(2026, 6, 14)
EXAMPLE = ROOT / "docs" / "examples" / "vault_keys.py"
SECRET = "do-not-repeat-this"  # noqa: S105

PROGRAM = """
import base64, hashlib, json, os, sys, time
day = purpose = ""
def digest(size):
    return hashlib.blake2b(f"{{day}}|{{purpose}}".encode(), digest_size=size)
for line in sys.stdin:
    asked = json.loads(line)
    day, purpose = asked.get("day", ""), asked.get("purpose", "")
    answer = {answer}
    sys.stdout.write(answer if isinstance(answer, str) else json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""

SOUND = (
    "{'exists': True, 'key_id': digest(8).hexdigest(), 'commitment': digest(32).hexdigest(), "
    "'created_at': '2026-06-13T03:00:00Z', 'subkey': base64.b64encode(digest(16).digest()).decode()}"
)
"""What a program answers that keeps keys as it should, but never destroys one."""


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def vault(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandKeys]:
    """The worked example, which asks a fake engine."""
    served = Served(engine)
    monkeypatch.setenv("VAULT_ADDR", served.address)
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    keys = CommandKeys(tmp_path / "keys", (sys.executable, str(EXAMPLE)), tmp_path)
    yield keys
    program(keys.command, keys.folder).end()
    served.shutdown()
    served.server_close()


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Callable[[str], CommandKeys]]:
    """Keys of a program that answers with an expression."""
    made: list[CommandKeys] = []

    def make(answer: str) -> CommandKeys:
        (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM.format(answer=answer)))
        made.append(CommandKeys(tmp_path / "keys", (sys.executable, "program.py"), tmp_path))
        return made[-1]

    yield make
    for keys in made:
        program(keys.command, keys.folder).end()


def told(error: HexafluxError) -> str:
    return f"{error.message} {error.hint} {error.__cause__!r}"


# Which service


def test_keys_are_files_in_memory_unless_a_program_is_named(tmp_path: Path) -> None:
    assert key_service(tmp_path, None, None, tmp_path) == KeyStore(tmp_path, None, in_memory=True)
    assert key_service(tmp_path, "ab" * 32, (), tmp_path) == KeyStore(tmp_path, "ab" * 32, in_memory=True)
    assert key_service(tmp_path, None, ["a", "b"], tmp_path) == CommandKeys(tmp_path, ("a", "b"), tmp_path)
    with pytest.raises(UsageError):
        key_service(tmp_path, "ab", None, tmp_path)
    with pytest.raises(ValueError, match="not kept by a key service"):
        key_service(tmp_path, "ab" * 32, ["a"], tmp_path)


# What every service does


@pytest.fixture(params=["files", "example"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> KeyService:
    if request.param == "files":
        return KeyStore(tmp_path / "keys")
    keys: CommandKeys = request.getfixturevalue("vault")
    return keys


def test_a_key_is_made_once_opened_used_and_destroyed(service: KeyService, tmp_path: Path) -> None:
    assert not service.exists(DAY)
    key = service.create_or_open(DAY)
    assert service.exists(DAY)
    assert service.create_or_open(DAY) == service.open(DAY) == key
    subkeys = {purpose: key.subkey(purpose) for purpose in PURPOSES}
    assert {len(subkey) for subkey in subkeys.values()} == {16}
    assert len(set(subkeys.values())) == len(PURPOSES)
    assert service.open(DAY).subkey("draw") == subkeys["draw"]
    other = service.create_or_open(NEXT)
    assert {other.subkey(purpose) for purpose in PURPOSES}.isdisjoint(subkeys.values())
    service.used(DAY)
    service.destroy(DAY)
    service.destroy(DAY)
    assert not service.exists(DAY)
    for method in (service.open, service.used):
        with pytest.raises(SystemFailure, match="2026-06-13"):
            method(DAY)
    assert service.open(NEXT) == other
    service.destroy_all_but([NEXT])
    assert service.exists(NEXT)
    service.destroy_all_but([])
    assert not service.exists(NEXT)
    lines = read((tmp_path / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    assert [(line.event, line.day) for line in lines] == [
        ("created", "2026-06-13"),
        ("created", "2026-06-14"),
        ("last_used", "2026-06-13"),
        ("destroyed", "2026-06-13"),
        ("destroyed", "2026-06-14"),
    ]
    assert {(line.service, line.storage, line.erasure) for line in lines} == {tuple(vars(service.storage).values())}
    assert (lines[0].key_id, lines[0].commitment, lines[0].at) == (key.key_id, key.commitment, key.created_at)


@pytest.mark.parametrize(
    ("kept", "since", "left"),
    [
        ([], date(2026, 6, 12), ["2026-06-12", "2026-06-13", "2026-06-14"]),
        ([], date(2026, 6, 13), ["2026-06-13", "2026-06-14"]),
        ([], date(2026, 6, 14), ["2026-06-14"]),
        ([], date(2026, 6, 15), []),
        ([date(2026, 6, 12)], date(2026, 6, 14), ["2026-06-12", "2026-06-14"]),
        ([date(2026, 6, 14)], date(2026, 6, 13), ["2026-06-13", "2026-06-14"]),
    ],
)
def test_keys_from_a_day_on_are_left_alone_where_all_others_are_destroyed(
    service: KeyService, tmp_path: Path, kept: list[date], since: date, left: list[str]
) -> None:
    days = [date(2026, 6, 12), DAY, NEXT]
    keys = {day: service.create_or_open(day) for day in days}
    service.destroy_all_but(kept, since=since)
    assert [day.isoformat() for day in days if service.exists(day)] == left
    assert all(service.open(day) == key for day, key in keys.items() if day.isoformat() in left)
    lines = read((tmp_path / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    gone = [day.isoformat() for day in days if day.isoformat() not in left]
    assert [line.day for line in lines if line.event == "destroyed"] == gone


def test_a_key_that_is_made_again_is_another(service: KeyService) -> None:
    first = service.create_or_open(DAY).subkey("pseudonym")
    key_id = service.open(DAY).key_id
    service.destroy_all_but([])
    again = service.create_or_open(DAY)
    assert again.subkey("pseudonym") != first
    assert again.key_id != key_id


def test_a_handle_is_neither_pickled_nor_copied_nor_does_it_show_anything(service: KeyService) -> None:
    key = service.create_or_open(DAY)
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            copied(key)
    assert not any(key.subkey(purpose).hex() in repr(key) for purpose in PURPOSES)
    with pytest.raises(ValueError, match="expected a purpose among"):
        key.subkey("pseudonyms")
    assert pickle.loads(pickle.dumps(service)) == service  # noqa: S301


def test_a_key_that_is_lost_is_not_made_again(service: KeyService, tmp_path: Path) -> None:
    service.create_or_open(DAY)
    log = (tmp_path / "key_log.jsonl").read_bytes()
    service.destroy(DAY)
    (tmp_path / "key_log.jsonl").write_bytes(log)
    for method in (service.create_or_open, service.open):
        with pytest.raises(SystemFailure, match="2026-06-13"):
            method(DAY)
    service.destroy_all_but([])
    assert read((tmp_path / "key_log.jsonl").read_bytes())[-1].reason == "key was found gone"
    assert service.create_or_open(DAY)


def test_a_handle_of_a_destroyed_key_of_a_service_gives_nothing(vault: CommandKeys) -> None:
    key = vault.create_or_open(DAY)
    vault.destroy(DAY)
    with pytest.raises(SystemFailure, match="the service has none"):
        key.subkey("draw")


# The worked example


def test_the_engine_keeps_the_key_and_makes_the_sub_keys(vault: CommandKeys, engine: Engine) -> None:
    key = vault.create_or_open(DAY)
    (name,) = engine.keys
    assert name.startswith("hexaflux-")
    assert name.endswith("-2026-06-13")
    assert not engine.keys[name]["exportable"]
    assert not engine.keys[name]["allow_plaintext_backup"]
    subkey = key.subkey("draw")
    (secret,) = engine.secrets.values()
    assert subkey not in secret
    assert not any("export" in asked or "backup" in asked for asked in engine.asked)
    vault.destroy(DAY)
    assert engine.keys == {}
    assert f"DELETE /v1/transit/keys/{name}" in engine.asked


def test_working_directories_do_not_share_keys(vault: CommandKeys, engine: Engine, tmp_path: Path) -> None:
    other = CommandKeys(tmp_path / "other" / "keys", vault.command, vault.folder)
    first, second = vault.create_or_open(DAY), other.create_or_open(DAY)
    assert first.key_id != second.key_id
    assert len(engine.keys) == 2
    other.destroy_all_but([])
    assert vault.open(DAY) == first


@pytest.mark.parametrize(
    "changed", [{"exportable": True}, {"allow_plaintext_backup": True}, {"imported_key": True}, {"latest_version": 2}]
)
def test_a_key_that_could_be_known_elsewhere_is_refused(
    vault: CommandKeys, engine: Engine, changed: dict[str, object]
) -> None:
    vault.create_or_open(DAY)
    next(iter(engine.keys.values())).update(changed)
    for method in (vault.open, vault.create_or_open):
        with pytest.raises(SystemFailure, match="the key could be exported or was changed"):
            method(DAY)


def test_a_denial_is_told_without_the_token(vault: CommandKeys, engine: Engine) -> None:
    engine.denied = True
    with pytest.raises(SystemFailure, match="create_or_open of 2026-06-13, but it was denied access") as failure:
        vault.create_or_open(DAY)
    assert TOKEN not in told(failure.value)
    assert failure.value.exit_code == 4


def test_an_engine_that_is_away_is_told_and_comes_back(
    vault: CommandKeys, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ["VAULT_ADDR"]
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    with pytest.raises(SystemFailure, match="it cannot reach the service"):
        vault.exists(DAY)
    monkeypatch.setenv("VAULT_ADDR", address)
    program(vault.command, vault.folder).end()
    assert not vault.exists(DAY)


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", '{"op": "export"}', '{"op": "open", "day": "../x", "scope": "0"}', "[" * 9999]
)
def test_the_example_answers_an_odd_line_with_an_error_and_asks_nothing(
    vault: CommandKeys, engine: Engine, line: str
) -> None:
    child = program(vault.command, vault.folder)._running()
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(line.encode() + b"\n")
    child.stdin.flush()
    assert set(json.loads(child.stdout.readline())) == {"error"}
    assert engine.asked == []


# Programs that misbehave


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "[]",
        f"'{SECRET}\\n'",
        f"{{'error': '{SECRET}'}}",
        f"{{'error': ['{SECRET}']}}",
        f"{{'exists': '{SECRET}', 'days': ['{SECRET}'], 'subkey': '{SECRET}', 'key_id': '{SECRET}'}}",
        "{'exists': 1, 'days': 'x', 'subkey': 'AAAA', 'key_id': 'A' * 16}",
        "'{}\\n{}\\n'",
        f"sys.stderr.write('{SECRET}') and None or sys.exit(3)",
        "'x' * 100000",
    ],
)
def test_what_a_program_answers_wrongly_is_a_failure_that_repeats_nothing(
    answering: Callable[[str], CommandKeys], answer: str, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = answering(answer)
    calls: list[Callable[[], object]] = [
        lambda: keys.create_or_open(DAY),
        lambda: keys.open(DAY),
        lambda: keys.exists(DAY),
        lambda: keys.subkey(DAY, "draw"),
        lambda: keys.destroy_all_but([]),
        lambda: keys.destroy(DAY),
    ]
    for call in calls:
        with pytest.raises(SystemFailure, match=r"\[release\] key_service") as failure:
            call()
        assert SECRET not in told(failure.value)
    assert keys.log.content() == b""
    assert capfd.readouterr() == ("", "")


def test_a_program_that_says_destroyed_and_still_has_the_key_is_not_believed(
    answering: Callable[[str], CommandKeys],
) -> None:
    keys = answering(f"{SOUND} | {{'exists': True}}")
    keys.create_or_open(DAY)
    with pytest.raises(SystemFailure, match="destroy of 2026-06-13"):
        keys.destroy(DAY)
    assert [line.event for line in read(keys.log.content())] == ["created"]


SAME = "base64.b64encode(b'same' * 4).decode()"
SHARED = [
    ("'key_id': 'a' * 16", "gave it the key_id of the key of 2026-06-13"),
    ("'commitment': 'b' * 64", "gave it the commitment of the key of 2026-06-13"),
    (
        f"**({{'subkey': {SAME}}} if purpose == 'pseudonym' else {{}})",
        "gave as its sub-key pseudonym the bytes that it gave as the sub-key pseudonym of 2026-06-13",
    ),
    (
        f"**({{'subkey': {SAME}}} if (day, purpose) in {{('{DAY}', 'pseudonym'), ('{NEXT}', 'draw')}} else {{}})",
        "gave as its sub-key draw the bytes that it gave as the sub-key pseudonym of 2026-06-13",
    ),
]
UNSOUND = [
    (f"'subkey': {SAME}", "gave as its sub-key draw the bytes that it gave as the sub-key pseudonym of 2026-06-13"),
    (
        f"**({{'subkey': {SAME}}} if purpose in ('rounding', 'input') else {{}})",
        "gave as its sub-key input the bytes that it gave as the sub-key rounding of 2026-06-13",
    ),
    ("'subkey': 'A' * 22 + '=='", "gave only zeros as its sub-key pseudonym"),
    (
        "**({'subkey': 'A' * 22 + '=='} if purpose == 'draw' else {})",
        "gave only zeros as its sub-key draw",
    ),
    ("'subkey': base64.b64encode(digest(15).digest()).decode()", "gave 15 bytes as its sub-key pseudonym, not 16"),
    ("'subkey': base64.b64encode(digest(17).digest()).decode()", "gave 17 bytes as its sub-key pseudonym, not 16"),
    ("'subkey': ''", "gave 0 bytes as its sub-key pseudonym, not 16"),
]


def refused(call: Callable[[], object], what: str) -> None:
    with pytest.raises(SystemFailure, match=r"^\[release\] key_service, ") as failure:
        call()
    assert failure.value.message.endswith(f"but the service {what}"), failure.value.message
    assert "mend the service" in failure.value.hint
    assert "nothing of the day is published" in failure.value.hint
    assert failure.value.exit_code == 4


def forget() -> None:
    """As in another process."""
    key_uses._USES.clear()
    command_keys._COMPARED.clear()


@pytest.mark.parametrize(("answer", "what"), UNSOUND)
def test_a_key_whose_sub_keys_are_no_keys_is_neither_made_nor_opened(
    answering: Callable[[str], CommandKeys], answer: str, what: str
) -> None:
    keys = answering(f"{SOUND} | {{{answer}}}")
    for method in (keys.create_or_open, keys.open, keys.create_or_open):
        refused(lambda method=method: method(DAY), what)  # type: ignore[misc]
    assert keys.log.content() == b""


@pytest.mark.parametrize("another_process", [False, True])
@pytest.mark.parametrize(("answer", "what"), SHARED)
def test_a_key_that_shares_something_with_another_open_day_is_neither_made_nor_opened(
    answering: Callable[[str], CommandKeys], answer: str, what: str, another_process: bool
) -> None:
    keys = answering(f"{SOUND} | {{{answer}}}")
    keys.create_or_open(DAY)
    log = keys.log.content()
    for method in (keys.create_or_open, keys.open, keys.create_or_open):
        if another_process:
            forget()
        refused(lambda method=method: method(NEXT), what)  # type: ignore[misc]
    assert keys.log.content() == log
    assert keys.create_or_open(DAY).subkey("draw")


@pytest.mark.parametrize(("answer", "what"), SHARED)
def test_a_key_that_shares_something_with_a_destroyed_one_of_this_process_is_refused(
    answering: Callable[[str], CommandKeys], answer: str, what: str
) -> None:
    keys = answering(f"{SOUND} | {{{answer}}}")
    keys.create_or_open(DAY)
    with keys.log.held() as log:
        log.destroyed(DAY.isoformat(), keys.storage, "day is published")
    refused(lambda: keys.create_or_open(NEXT), what)


def test_a_shared_key_is_found_in_whichever_order_days_are_opened_again(
    answering: Callable[[str], CommandKeys], tmp_path: Path
) -> None:
    sound = answering(SOUND)
    for day in (DAY, NEXT):
        sound.create_or_open(day)
    program(sound.command, sound.folder).end()
    forget()
    keys = answering(f"{SOUND} | {{**({{'subkey': {SAME}}} if purpose == 'pseudonym' else {{}})}}")
    refused(lambda: keys.create_or_open(DAY), SHARED[2][1].replace(f"{DAY}", f"{NEXT}"))
    assert len(read(keys.log.content())) == 2


@pytest.mark.parametrize("changed", ["'key_id': 'c' * 16", "'commitment': 'd' * 64"])
def test_another_key_for_a_day_that_has_an_open_one_is_refused(
    answering: Callable[[str], CommandKeys], changed: str
) -> None:
    sound = answering(SOUND)
    sound.create_or_open(DAY)
    program(sound.command, sound.folder).end()
    keys = answering(f"{SOUND} | {{{changed}}}")
    for method in (keys.create_or_open, keys.open, keys.used):
        refused(lambda method=method: method(DAY), "gave another key than the one that the log has for it")  # type: ignore[misc]
    assert [line.event for line in read(keys.log.content())] == ["created"]


def test_a_key_that_was_destroyed_does_not_come_back(answering: Callable[[str], CommandKeys]) -> None:
    keys = answering(SOUND)
    keys.create_or_open(DAY)
    with keys.log.held() as log:
        log.destroyed(DAY.isoformat(), keys.storage, "the run began anew")
    refused(lambda: keys.create_or_open(DAY), "gave it the key_id of a key that was destroyed")


def test_a_sub_key_is_compared_each_time_that_it_is_given(answering: Callable[[str], CommandKeys]) -> None:
    keys = answering(SOUND)
    key = keys.create_or_open(DAY)
    program(keys.command, keys.folder).end()
    answering(f"{SOUND} | {{'subkey': 'A' * 22 + '=='}}")
    refused(lambda: key.subkey("draw"), "gave only zeros as its sub-key draw")


def test_a_day_whose_key_is_gone_and_not_logged_stands_in_no_other_days_way(
    answering: Callable[[str], CommandKeys],
) -> None:
    keys = answering(SOUND)
    keys.create_or_open(DAY)
    program(keys.command, keys.folder).end()
    forget()
    gone = f"{{'exists': False}} if asked['op'] == 'exists' else {{'error': 'missing'}} if day == '{DAY}' else {SOUND}"
    assert answering(gone).create_or_open(NEXT).subkey("draw")


def test_a_key_that_is_not_the_days_own_can_be_destroyed(answering: Callable[[str], CommandKeys]) -> None:
    keys = answering(
        f"({SOUND} | {{'subkey': 'A' * 22 + '==', 'days': ['{DAY}'], 'exists': not os.path.exists('gone')}}, "
        "asked['op'] == 'destroy' and open('gone', 'w'))[0]"
    )
    keys.destroy_all_but([])
    assert [line.event for line in read(keys.log.content())] == ["created", "destroyed"]


def test_a_program_that_does_not_answer_is_ended_in_time(
    answering: Callable[[str], CommandKeys], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_program, "TIMEOUT", 0.2)
    monkeypatch.setattr(key_program, "_PATIENCE", 0.1)
    keys = answering("time.sleep(60)")
    child = program(keys.command, keys.folder)._running()
    begun = time.monotonic()
    with pytest.raises(SystemFailure, match="none came in 0 seconds"):
        keys.exists(DAY)
    assert time.monotonic() - begun < 10
    assert child.poll() is not None


def test_a_command_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    keys = CommandKeys(tmp_path / "keys", ("./none", SECRET), tmp_path)
    with pytest.raises(SystemFailure, match=r"\./none: expected an answer to exists of 2026-06-13") as failure:
        keys.exists(DAY)
    assert SECRET not in told(failure.value)


def test_a_command_runs_in_its_folder_one_child_for_all_threads_and_ends(
    answering: Callable[[str], CommandKeys], tmp_path: Path
) -> None:
    keys = answering(f"{SOUND} | {{'key_id': f'{{os.getpid():016x}}'}}")
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(keys.open(DAY).key_id)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (pid,) = {int(key_id, 16) for key_id in seen}
    assert len(seen) == 20
    assert Path(f"/proc/{pid}/cwd").resolve() == tmp_path.resolve()
    key_program.end_programs()
    assert not Path(f"/proc/{pid}").exists()


def test_a_forked_process_has_a_child_of_its_own(answering: Callable[[str], CommandKeys]) -> None:
    keys = answering("{'exists': True}")
    assert keys.exists(DAY)
    known = program(keys.command, keys.folder)
    known.owner += 1
    assert program(keys.command, keys.folder) is not known
    known.owner -= 1
    known.end()
