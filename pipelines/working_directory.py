"""RELEASE.work: the record of a run's state, replaced in one step; what it does not name does not exist."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from anonymization.atomic import leftovers, make_directory, remove_tree, write_bytes
from anonymization.key_log_file import NAME, KeyLog
from anonymization.key_service import KeyService
from anonymization.key_services import key_service
from anonymization.keys import KeyStore
from pipelines.state import State
from pipelines.state_format import read_state, state_bytes
from schemas.configuration import Configuration
from schemas.errors import SystemFailure


@dataclass(frozen=True)
class WorkingDirectory:
    """RELEASE.work: private to its owner, a sibling of the release."""

    path: Path

    @property
    def _record(self) -> Path:
        return self.path / "state.json"

    @property
    def keys(self) -> Path:
        """Where the open day keys are, apart from all state: a folder, or a link to one in memory."""
        return self.path / "keys"

    @property
    def key_log(self) -> KeyLog:
        """The life-cycle log of the day keys."""
        return KeyLog(self.path / NAME)

    @property
    def budget(self) -> Path:
        """The ledger of a test release, which has no line in the operator's."""
        return self.path / "budget.jsonl"

    def key_service(self, configuration: Configuration) -> KeyService:
        """What keeps the open day keys; whoever needs a key opens it from here, so that no key travels."""
        test = configuration.test
        command, folder = configuration.release.key_service, configuration.path.parent
        return key_service(self.keys, test.day_key if test else None, command, folder)

    @property
    def kept_inputs(self) -> Path:
        """Where the small inputs are kept that open privacy days began with."""
        return self.path / "inputs"

    @property
    def dead_letters(self) -> Path:
        """Where the rejected rows are listed."""
        return self.path / "dead_letters"

    @property
    def history(self) -> Path:
        """What closed days tell of each radio cell; nothing of fewer than k devices."""
        return self.path / "history"

    @property
    def quality(self) -> Path:
        """The reports on how well the network was heard, one for each closed day."""
        return self.path / "quality"

    def step(self, number: int) -> Path:
        """The folder of a step's files, made if need be."""
        folder = self.path / "steps" / f"{number:06d}"
        make_directory(folder)
        return folder

    def staged(self, day: str) -> Path:
        """Where a day's final tables wait to be moved into the release."""
        return self.path / "staged" / day

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directory, closed to others, and hold it; raises SystemFailure where another run holds it."""
        make_directory(self.path, 0o700)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._hold(descriptor)
            self.path.chmod(0o700)
            yield
        finally:
            os.close(descriptor)

    def _hold(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemFailure(
                f"{self.path}: another run of this release is at work", "wait until it ends, then run the command again"
            ) from None

    def load(self) -> State | None:
        """The committed state, or None before the first commit; raises what `read_state` does."""
        path = self._record
        return read_state(path.read_bytes(), str(path)) if path.exists() else None

    def commit(self, state: State) -> None:
        """Replace the state in one step, then remove what it no longer names."""
        write_bytes(self._record, state_bytes(state), 0o600)
        self.sweep(state)

    def sweep(self, state: State) -> None:
        """Remove what the state does not name: of a step that died, or done with."""
        named = set(state.step_files())
        for folder in sorted((self.path / "steps").glob("*")):
            for file in folder.iterdir():
                if f"{folder.name}/{file.name}" not in named:
                    file.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
        for letters in self.dead_letters.glob(f"*{state.step + 1:06d}-*"):
            letters.unlink()
        staged = {day for day, known in state.days.items() if known.status == "staged" or known.waiting_slots}
        for folder in (self.path / "staged").glob("*"):
            if folder.name not in staged:
                remove_tree(folder)
        for folder in self.kept_inputs.glob("*"):
            if folder.name not in state.kept_terms():
                remove_tree(folder)
        for leftover in leftovers(self._record):
            leftover.unlink()

    def clear(self, keys: KeyService) -> None:
        """Destroy the keys, also those of `keys`, and remove all that a run keeps here.

        The log of the keys goes last, as no key in it has protected anything that is published.
        """
        self._record.unlink(missing_ok=True)
        for service in (keys, KeyStore(self.keys, in_memory=True)):
            service.destroy_all_but(())
        for name in ("steps", "staged", "dead_letters", "history", "quality", "inputs", "keys"):
            remove_tree(self.path / name)
        self.budget.unlink(missing_ok=True)
        self.key_log.remove()

    def remove(self, keys: KeyService) -> None:
        """Clear the directory, and remove it unless something else stands in it."""
        self.clear(keys)
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def resolve(self, file: str) -> Path:
        """The path of a step file that the state names."""
        return self.path / "steps" / file
