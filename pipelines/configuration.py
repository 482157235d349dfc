"""Reading the configuration: one TOML file in, a checked Configuration out."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from pipelines.configuration_errors import explain, refusal, shown, unknown, write
from pipelines.configuration_rules import check, check_timezone
from pipelines.configuration_values import Document, as_json
from schemas.configuration import (
    DECLARED_ELSEWHERE,
    SECTIONS,
    Configuration,
    Engine,
    Event,
    Flink,
    Input,
    Kafka,
    ReleaseSettings,
)
from schemas.errors import UsageError

_ADAPTER = TypeAdapter(Configuration)
_SHARED = ("area", "policy", "test", "feeds", "server")
_STAND_INS: Document = {
    "input": {"events": "unread", "cells": "unread", "zones": "unread"},
    "release": {"directory": "unwritten"},
}
_Paths = TypeVar("_Paths", Input, Kafka, ReleaseSettings, Flink)


def load(path: Path) -> Configuration:
    """Read and check a configuration; relative paths follow its folder, local instants its time zone.

    Raises UsageError, which names the key, what was expected, what was found and what to write instead.
    """
    path = _absolute(path, Path.cwd())
    return _checked(_parse(path, _read(path)), path)


def load_shared(path: Path) -> Configuration:
    """Read and check what feeds and server share with mobility: `[area]`, `[policy]`, `[test]`, `[feeds]`, `[server]`.

    The other sections may be absent; where they are there, they are not looked into. Raises UsageError as `load` does.
    """
    path = _absolute(path, Path.cwd())
    document = _parse(path, _read(path))
    _refuse_unknown_sections(document)
    shared = {section: value for section, value in document.items() if section in _SHARED}
    return _checked(_STAND_INS | shared, path)


def release_of(path: Path) -> Path | None:
    """The directory of `[release]`, or None where a configuration has none; nothing else of it is looked into."""
    path = _absolute(path, Path.cwd())
    written = _parse(path, _read(path)).get("release")
    directory = written.get("directory") if isinstance(written, dict) else None
    return _absolute(Path(directory), path.parent) if isinstance(directory, str) else None


def _checked(document: Document, path: Path) -> Configuration:
    configuration = _validate(document, path)
    check_timezone(configuration.area.timezone)
    zone = ZoneInfo(configuration.area.timezone)
    configuration = replace(
        configuration,
        input=_rooted_input(configuration.input, path.parent),
        release=_rooted(configuration.release, path.parent),
        engine=_rooted_engine(configuration.engine, path.parent),
        event=tuple(_located(event, zone) for event in configuration.event),
    )
    check(configuration)
    return configuration


def _read(path: Path) -> str:
    hint = "give the path of a TOML file, for example hexaflux.toml"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: expected a configuration file, found nothing", hint) from None
    except IsADirectoryError:
        raise UsageError(f"{path}: expected a configuration file, found a folder", hint) from None
    except UnicodeDecodeError as error:
        found = f"another encoding at byte {error.start + 1}"
        raise UsageError(f"{path}: expected UTF-8 text, found {found}", "save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        found = f"one that cannot be read ({getattr(error, 'strerror', error)})"
        raise UsageError(f"{path}: expected a configuration file, found {found}", hint) from None


def _parse(path: Path, text: str) -> Document:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser says what and at which line and column.
        found = str(error)
    except (ValueError, RecursionError):
        found = "a number or a nesting beyond all measure"
    hint = "a section is [policy] on a line of its own, a key is k = 20 below it, a text stands in quotes"
    raise UsageError(f"{path}: expected valid TOML, found: {found}", hint)


def _validate(document: Document, path: Path) -> Configuration:
    """Names and types only."""
    _refuse_bare_dp(document)
    _refuse_unknown_sections(document)
    written = {"input": {}, "release": {}} | as_json(document) | {"path": str(path)}
    try:
        # From JSON, because only there does a strict validation take a text for a path or an instant. A date where
        # no instant belongs becomes a list, which is refused there too.
        text = json.dumps(written, default=lambda value: [str(value)])
        configuration = _ADAPTER.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        raise explain(error, document) from None
    return replace(configuration, feeds=_feeds(document.get("feeds", {})), server=_server(document.get("server", {})))


def _refuse_unknown_sections(document: Document) -> None:
    known = (*(section for section in SECTIONS if "." not in section), *DECLARED_ELSEWHERE)
    for section in document:
        if section not in known:
            raise unknown((section,), known, "section")


def _refuse_bare_dp(document: Document) -> None:
    """Differential privacy cannot be switched on without its numbers."""
    policy = document.get("policy")
    value = policy.get("dp", False) if isinstance(policy, dict) else False
    if value is not False and not isinstance(value, dict):
        hint = "write dp = false, or [policy.dp] on a line of its own, and epsilon and budget_epsilon below it"
        raise refusal(("policy", "dp"), "false, or a table [policy.dp]", shown(value), hint)


def _feeds(feeds: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(feeds, dict):
        raise refusal(("feeds",), "a table", shown(feeds), write(("feeds",)))
    for name, feed in feeds.items():
        if not isinstance(feed, dict):
            raise refusal(("feeds", name), "a table", shown(feed), f"write [feeds.{name}], and its keys below it")
    return feeds


def _server(server: object) -> Mapping[str, object]:
    if not isinstance(server, dict):
        raise refusal(("server",), "a table", shown(server), write(("server",)))
    return server


def _rooted_input(section: Input, folder: Path) -> Input:
    kafka = section.kafka and _rooted(section.kafka, folder)
    return replace(_rooted(section, folder), kafka=kafka)


def _rooted_engine(section: Engine, folder: Path) -> Engine:
    return replace(section, flink=_rooted(section.flink, folder))


def _rooted(paths: _Paths, folder: Path) -> _Paths:
    """The section with each of its paths absolute."""
    moved: dict[str, Any] = {item.name: getattr(paths, item.name) for item in fields(paths)}
    moved |= {key: _absolute(value, folder) for key, value in moved.items() if isinstance(value, Path)}
    return replace(paths, **moved)


def _absolute(path: Path, folder: Path) -> Path:
    # Not Path.resolve: a link may lead elsewhere tomorrow, and messages name what was written.
    return Path(os.path.abspath(folder / path))


def _located(event: Event, zone: ZoneInfo) -> Event:
    return replace(event, start=_aware(event.start, zone), end=_aware(event.end, zone))


def _aware(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
