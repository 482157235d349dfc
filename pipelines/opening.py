"""Opening a release to go on with it: its working directory is held, and the state in it loaded."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines import release
from pipelines.receipts import system_failure
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration


@contextmanager
def opened(configuration: Configuration) -> Iterator[tuple[WorkingDirectory, State | None]]:
    """The working directory of a release, held while the context lasts, and its state; None before the first commit.

    Raises what `refuse_foreign_directory` does, and SystemFailure where another run holds it, or for what the operating
    system refuses in the meantime.
    """
    directory = configuration.release.directory
    working = WorkingDirectory(directory.with_name(f"{directory.name}.work"))
    release.refuse_foreign_directory(directory, begun=working.load() is not None)
    with working.locked():
        try:
            yield working, working.load()
        except OSError as error:
            raise system_failure(error, directory.parent) from None
