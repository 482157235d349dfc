"""What a source hands over: fragments of files to read, and the batches of rows read from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.errors import InputError, SystemFailure

MALFORMED_ROW = "malformed row"
MAX_BATCH_ROWS = 1_000_000
# Names of columns may be no UTF-8, and types that pandas registers with Arrow are decoded in Python.
UNDECODABLE = (pa.ArrowException, EOFError, ValueError, LookupError, TypeError)
"""What is raised for bytes that do not decode, but for an OSError without a number."""


@dataclass(frozen=True)
class Fragment:
    """A part of a file that is read on its own: `count` row groups from `first`, or the whole file when None.

    `file` is the name to show, relative to what was asked for; `rows` is None where only reading can tell.
    """

    file: str
    path: Path
    first: int = 0
    count: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Batch:
    """Rows of a file under our column names, and the numbers of the rows that could not be parsed at all.

    Rows are numbered from 1 in their file, without header and blank lines; `first_row` is the number of the first
    row of the batch, parsed or not. The number of a row in a message is the offset of the message, which several rows
    may share: `offsets`, int64[n], gives that of each row of `table`.
    """

    table: pa.Table
    first_row: int
    malformed: tuple[int, ...] = ()
    offsets: npt.NDArray[np.int64] | None = field(default=None, compare=False)

    @property
    def rows(self) -> int:
        """How many rows of the file the batch accounts for."""
        return int(self.table.num_rows) + len(self.malformed)

    def row_numbers(self) -> npt.NDArray[np.int64]:
        """The number in the file of each row of `table`, or the offset of its message."""
        if self.offsets is not None:
            return self.offsets
        numbers = np.arange(self.first_row, self.first_row + self.rows)
        return np.delete(numbers, np.asarray(self.malformed, np.int64) - self.first_row)


@contextmanager
def reading(file: str, expected: str) -> Iterator[None]:
    """Turn what Arrow and the system raise while a file is read into errors for people.

    Raises InputError for a file that is absent or does not decode, SystemFailure for one that may not be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise missing(file) from None
    # Arrow's own errors are left out of the message: they may quote a value.
    except UNDECODABLE:
        raise _corrupt(file, expected) from None
    except OSError as error:
        # Arrow raises OSError without a number for bytes that do not decode.
        if error.errno is None:
            raise _corrupt(file, expected) from None
        raise SystemFailure(
            f"{file}: could not be read ({error.strerror})", "check its permissions and the disk"
        ) from None


def missing(file: str) -> InputError:
    """The error for an input that is not there."""
    return InputError(
        f"{file}: expected a file, a folder or a glob that matches, got nothing of that name",
        "check the path in [input]; a relative path is relative to the configuration file",
    )


def _corrupt(file: str, expected: str) -> InputError:
    return InputError(
        f"{file}: expected {expected}, got bytes that do not decode",
        "the file is truncated, damaged or of another format: deliver it again, or give it the suffix of its format",
    )
