"""RELEASE.work/inputs: the small inputs and settings that open privacy days began with, as they were then.

The register of subscribers is among them: the copies are for their owner alone, and go when no open day needs them.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from anonymization.atomic import fsync_directory, make_directory, remove_tree, write_bytes
from pipelines.inputs import Inputs, inputs_of, remember
from pipelines.refusals import Mark, mark_of
from pipelines.sources.files import discover
from pipelines.sources.fragment import reading
from pipelines.state import name_of_terms
from schemas.configuration import Configuration, Estimation, PolicySettings
from schemas.errors import InputError, SystemFailure

Marks = Mapping[str, Mapping[str, Mark]]
"""For each small input the mark of each of its files."""

SMALL: Final = ("cells", "zones", "subscribers", "population", "roaming_share")
"""The inputs of which a privacy day keeps what it began with, as `[input]` names them."""

_SETTINGS: Final = "settings.json"
_COPIED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True)
class Settings:
    """The sections of a configuration that may be others for the next privacy day."""

    policy: PolicySettings
    estimation: Estimation
    columns: Mapping[str, Mapping[str, str]]


_ADAPTER = TypeAdapter(Settings)


@dataclass(frozen=True)
class KeptInputs:
    """A folder for each set of terms that a privacy day may have, by its name."""

    path: Path

    def keep(self, inputs: Inputs, marks: Marks) -> Inputs:
        """Copy what inputs were read from, and give the inputs as those of the copies.

        Raises InputError where a file is not as `marks` has it: then nobody knows what was read.
        """
        configuration, name = inputs.configuration, name_of_terms(inputs.digests)
        begun = self.path / f".{name}"
        if not (self.path / name).is_dir():
            self._copy(configuration, begun)
        if marks_of(configuration) != marks:
            raise InputError(
                f"{configuration.path}: expected small inputs that stay as they are while they are read, got others",
                "write each under another name and rename it when it is complete, then start again",
            )
        if begun.is_dir():
            # A folder of the name of terms is whole, and is what was read.
            begun.rename(self.path / name)
            fsync_directory(self.path)
        return remember(self.configuration(name, configuration), inputs)

    def inputs(self, name: str, now: Configuration) -> Inputs:
        """The inputs of some terms; raises SystemFailure where their copies are gone or are not what was kept."""
        configuration = self.configuration(name, now)
        found = inputs_of(configuration)
        if name_of_terms(found.digests) != name:
            raise self._lost(name)
        return found

    def configuration(self, name: str, now: Configuration) -> Configuration:
        """A configuration as it is now, but for what a privacy day keeps."""
        folder = self.path / name
        try:
            settings = _ADAPTER.validate_json((folder / _SETTINGS).read_bytes())
        except (FileNotFoundError, ValidationError):
            raise self._lost(name) from None
        cells, zones = _place(folder / "cells"), _place(folder / "zones")
        if cells is None or zones is None:
            raise self._lost(name)
        given = replace(
            now.input,
            cells=cells,
            zones=zones,
            subscribers=_place(folder / "subscribers"),
            population=_place(folder / "population"),
            roaming_share=_place(folder / "roaming_share"),
            columns=settings.columns,
        )
        return replace(now, input=given, policy=settings.policy, estimation=settings.estimation)

    def _copy(self, configuration: Configuration, begun: Path) -> None:
        """Copy the small inputs and settings into a new folder."""
        make_directory(self.path, 0o700)
        remove_tree(begun)
        begun.mkdir(0o700)
        for table, files in _files(configuration).items():
            for file, source in files.items():
                _copy_file(source, begun / table / file)
        settings = Settings(configuration.policy, configuration.estimation, configuration.input.columns)
        write_bytes(begun / _SETTINGS, _ADAPTER.dump_json(settings, indent=1) + b"\n", 0o600)

    def _lost(self, name: str) -> SystemFailure:
        return SystemFailure(
            f"{self.path / name}: expected what an open privacy day began with, got something else",
            "restore the folder; without it the day cannot be finished: remove the working directory, and begin with "
            "the next privacy day in another [release] directory",
        )


def marks_of(configuration: Configuration) -> Marks:
    """The marks of the small inputs as they are now; raises InputError where one is not there."""
    with reading(str(configuration.path), "the small inputs"):
        return {
            table: {name: mark_of(path) for name, path in files.items()}
            for table, files in _files(configuration).items()
        }


def _files(configuration: Configuration) -> dict[str, dict[str, Path]]:
    """The files of each small input that a configuration names, by their names in it."""
    named = {table: getattr(configuration.input, table) for table in SMALL}
    # Zones are one file, in a format of their own.
    return {table: {path.name: path} if table == "zones" else discover(path) for table, path in named.items() if path}


def _place(folder: Path) -> Path | None:
    """What stands for a kept input: its file if it has one alone, else the folder; None where there was none."""
    if not folder.is_dir():
        return None
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_file() else folder


def _copy_file(source: Path, copy: Path) -> None:
    """Copy a file with its time, by which the register is told from a changed one."""
    copy.parent.mkdir(0o700, parents=True, exist_ok=True)
    with source.open("rb") as read, open(copy, "xb", opener=_for_the_owner) as written:
        shutil.copyfileobj(read, written, _COPIED_AT_ONCE)
        written.flush()
        os.fsync(written.fileno())
        status = os.fstat(read.fileno())
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
