"""Schema: files and rows have exactly the form that the indicator declares, in the one canonical order."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, instants, starts
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools
from anonymization.checks.tables import cell_counts, cell_values
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from anonymization.verdict import SINGLING_OUT
from schemas.fields import ATTRIBUTES, Field
from schemas.indicators import Indicator
from schemas.vocabulary import ALL, SEPARATOR


def examine(day: Day) -> Finding:
    """The form of every table of a day; the figure is the number of rows."""
    problems: list[str] = []
    rows = 0
    for indicator, table, label in day.indicators():
        rows += table.num_rows
        problems += _windows(indicator, table, label, day.terms)
        problems += _order(indicator, table, label)
        problems += _vocabulary(indicator, table, label, day.zones)
        additive = table["additive"].to_numpy()
        problems += where(label, table, additive != indicator.additive, "rows are not additive as declared")
    return Finding(tuple(problems), rows)


def _windows(indicator: Indicator, table: pa.Table, label: str, terms: Terms) -> Iterator[str]:
    """Windows tile the privacy day that the folder names."""
    edges = terms.edges(indicator.window)
    begin, end = starts(table), instants(table["window_end"])
    at = np.searchsorted(edges[:-1], begin, "right") - 1
    sound = (at >= 0) & (edges[at] == begin) & (edges[at + 1] == end)
    yield from where(label, table, ~sound, f"rows whose window is no {indicator.window} of that privacy day")


def _order(indicator: Indicator, table: pa.Table, label: str) -> Iterator[str]:
    """Rows ascend strictly by window, zone, first cell and attributes, which also excludes doubles."""
    values, counts = cell_values(table), cell_counts(table)
    ends = np.cumsum(counts)
    steps = values[1:] > values[:-1]
    # Between the last cell of a row and the first of the next, any step is right.
    steps[ends[:-1] - 1] = True
    if not steps.all():
        yield f"{label}: cells do not ascend within their row"
    keys = [table["window_start"], table["zone_id"], pa.chunked_array([values[ends - counts]])]
    keys += [table[name] for name in indicator.attributes]
    ascends = np.zeros(max(table.num_rows - 1, 0), np.bool_)
    for key in reversed(keys):
        before, after = key.slice(0, len(key) - 1), key.slice(1)
        ascends = _bools(pc.less(before, after)) | (_bools(pc.equal(before, after)) & ascends)
    wrong = np.append(False, ~ascends)
    yield from where(label, table, wrong, "rows that are double or not in canonical order")


def _vocabulary(indicator: Indicator, table: pa.Table, label: str, zones: ZoneMap | None) -> Iterator[str]:
    """Attributes hold values of their list, several of them joined in its order, or `all` alone."""
    for name in indicator.attributes:
        printed = pc.unique(table[name])
        wrong = printed.filter(pa.array(~_known(printed, ATTRIBUTES[name], zones))).to_pylist()
        if wrong:
            yield f"{label}: {name} holds {len(wrong)} values outside the vocabulary (first: {min(wrong)!r})"


def _known(printed: pa.Array, field: Field, zones: ZoneMap | None) -> Bools:
    """bool[n]: whether a printed value lists known tokens, in their public order."""
    lists = pc.split_pattern(printed, SEPARATOR)
    listed, sizes = lists.flatten(), pc.list_value_length(lists).to_numpy()
    row = np.repeat(np.arange(len(printed)), sizes)
    rank = pc.fill_null(pc.index_in(listed, pa.array(_ranked(field, zones, listed))), -1).to_numpy()
    alone = pc.equal(listed, ALL).to_numpy(zero_copy_only=False) & (sizes[row] > 1)
    wrong = (rank < 0) | alone
    wrong[1:] |= (row[1:] == row[:-1]) & (rank[1:] <= rank[:-1])
    known: Bools = np.bincount(row[wrong], minlength=len(printed)) == 0
    return known


def _ranked(field: Field, zones: ZoneMap | None, listed: pa.Array) -> list[str]:
    """The tokens that an attribute may list, in the public order: zones by identifier, then the list."""
    if not field.names_zones:
        return list(field.values)
    # An origin is a commune, and any other attribute that names zones may name each of them.
    among = (
        pc.unique(listed).to_pylist() if zones is None else zones.communes if field.name == "origin" else zones.zones
    )
    return [*sorted(set(among) - set(field.values) - {""}), *field.values]


def _bools(column: pa.ChunkedArray) -> Bools:
    values: Bools = column.to_numpy()
    return values


RULE = Rule(
    name="schema",
    criterion=SINGLING_OUT,
    threshold="the declared columns, windows, vocabularies, order and encodings",
    found="{:.0f} rows",
    combine=sum,
    examine=examine,
)
