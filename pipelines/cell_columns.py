"""Columns of the cells table as operators write them, value by value."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.instants import instants
from pipelines.texts import combined, places, words

ALWAYS = np.iinfo(np.int64).max
"""An open end of a period; its negative is an open start."""

UNREADABLE = np.iinfo(np.int64).min
"""Stands for an instant that is neither a date nor a timestamp."""

_GENERATIONS = {
    2: ("2", "2G", "GSM", "GPRS", "EDGE"),
    3: ("3", "3G", "UMTS", "WCDMA", "HSPA", "HSPA+"),
    4: ("4", "4G", "4G+", "LTE", "LTE-A", "LTE-M", "NB-IOT"),
    5: ("5", "5G", "NR", "5G NR", "5G SA", "5G NSA"),
}
_GENERATION = {name: generation for generation, names in _GENERATIONS.items() for name in names}


def number(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Values as numbers; nan where there is none, or text that is none."""
    values = combined(column)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return np.asarray(pd.to_numeric(values.to_pandas(), errors="coerce"), np.float64)


def generation(column: pa.ChunkedArray) -> NDArray[np.int8]:
    """Mobile network generation, 2 to 5, of each technology; 0 where it is missing or unknown."""
    encoded = words(column)
    names = encoded.dictionary.fill_null("").to_pylist()
    found = np.array([*(_GENERATION.get(name.upper(), 0) for name in names), 0], np.int8)
    return found[places(encoded)]


def instant(column: pa.ChunkedArray, missing: int) -> NDArray[np.int64]:
    """Instants in microseconds since the epoch, UTC: `missing` where there is none, UNREADABLE where it is no time.

    A date is its midnight, and what states no offset is UTC.
    """
    found = instants(column)
    return np.where(found.unreadable, UNREADABLE, np.where(found.missing, missing, found.microseconds))
