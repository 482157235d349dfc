"""Errors that people read: one class for each audience, each with its exit code."""

from typing import ClassVar


class HexafluxError(Exception):
    """An error shown without a traceback, as one `Error:` line and one `Hint:` line.

    The message says what went wrong, where, what was expected and what was found; the hint says what to do.
    Neither ever holds the identifier of a person.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def told(self) -> str:
        """The `Error:` line and the `Hint:` line, in which a terminal finds nothing to obey: input may be quoted."""
        return "\n".join(f"{head}: {_printable(text)}" for head, text in (("Error", self.message), ("Hint", self.hint)))


class CheckFailed(HexafluxError):
    """For whoever reads a verdict: a check ran and did not pass."""

    exit_code = 1


class UsageError(HexafluxError):
    """For whoever writes the configuration or the command: it cannot be carried out as written."""

    exit_code = 2


class InputError(HexafluxError):
    """For whoever delivers the data: a file or table is not what the contract says."""

    exit_code = 2


class PrivacyRefusal(HexafluxError):
    """For whoever publishes: what was asked would weaken the anonymity; nothing was written."""

    exit_code = 3


class SystemFailure(HexafluxError):
    """For whoever runs the machine: a disk, a permission or a port stands in the way."""

    exit_code = 4


class Interrupted(HexafluxError):
    """For whoever pressed Ctrl-C: the work stopped, and can go on."""

    exit_code = 130


def _printable(text: str) -> str:
    """A text on one line, its control characters as Python writes them."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
