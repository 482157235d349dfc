"""Which columns of a file are read, and under which name they stand there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.errors import InputError, UsageError
from schemas.tables import Table

_SHOWN_NAMES = 20


@dataclass(frozen=True)
class Columns:
    """The columns of a table: our name to their name, and those of ours that must be there."""

    table: str
    names: Mapping[str, str]
    required: frozenset[str]

    def found(self, file: str, present: Sequence[str]) -> dict[str, str]:
        """Our name to their name for the columns that the file has, in our order.

        Raises InputError when a required column is absent or a wanted one stands there twice.
        """
        for ours, theirs in self.names.items():
            if present.count(theirs) > 1 or (ours in self.required and theirs not in present):
                raise self._error(file, ours, present)
        return {ours: theirs for ours, theirs in self.names.items() if theirs in present}

    def _error(self, file: str, ours: str, present: Sequence[str]) -> InputError:
        theirs = self.names[ours]
        there = ", ".join(present[:_SHOWN_NAMES]) + (", ..." if len(present) > _SHOWN_NAMES else "")
        wanted = f"one column {theirs}" + (f" (for {ours})" if ours != theirs else "")
        got = f"{present.count(theirs)} among the columns: {there}"
        hint = f'name the column in [input.columns.{self.table}], as in {ours} = "their_name"'
        # Names of which none is known may be a row about a person, in a file without a header.
        if not set(present) & set(self.names.values()):
            got = f"{len(present)} columns of other names"
            hint += "; a text file begins with a line of column names"
        return InputError(f"{file}: expected {wanted}, got {got}", hint)


def columns_of(table: Table, mapping: Mapping[str, str]) -> Columns:
    """The columns of an input table; `mapping` gives their name where it differs from ours.

    Required are the columns that hold no nulls and those that the mapping names. Raises UsageError when it names a
    column that the table does not have.
    """
    unknown = [name for name in mapping if name not in table.names]
    if unknown:
        raise UsageError(
            f"[input.columns.{table.name}] {unknown[0]}: expected one of {', '.join(table.names)}",
            'write our name on the left and the name in the file on the right: our_name = "their_name"',
        )
    names = {name: mapping.get(name, name) for name in table.names}
    needed = frozenset(field.name for field in table.fields if not field.nullable)
    return Columns(table.name, names, needed | frozenset(mapping))
