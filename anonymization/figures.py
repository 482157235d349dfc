"""Printed rows of a day by zone as sets of classes: what differences over nested zones are worked out from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.images import GROUPS, NIGHTS, RESIDENT_DAY, RESIDENT_NIGHT, STAY, Image
from anonymization.nested import Ints, Rows, rows_of
from anonymization.nested_arrivals import CornerRows
from anonymization.nested_origins import OriginRows
from schemas.vocabulary import ALL, ARRIVAL_HOURS, DWELL_BANDS, FOREIGN, SEPARATOR, UNKNOWN

_OTHER_DOMESTIC = frozenset({"excursionist", "tourist"})


@dataclass(frozen=True)
class Figures:
    """Rows of an indicator: `part` int64[r], string[r] for each attribute, `devices` int64[r], exact or printed."""

    part: Ints
    values: tuple[pa.Array, ...]
    devices: Ints


def none_of(attributes: int) -> Figures:
    """No row of so many attributes."""
    nobody = np.zeros(0, np.int64)
    return Figures(nobody, (pa.array([], pa.string()),) * attributes, nobody)


def known_class_rows(figures: Figures, image: Image, without_foreign: Ints) -> Rows:
    """Rows by age or socio-professional class: where foreign devices have no row, they are among the unknown ones.

    `without_foreign`: the parts of which it is known that they have none.
    """
    classes = _per_value(figures.values[0], lambda value: _bits(value, image))
    foreign, unknown = (_bits(name, image) for name in (FOREIGN, UNKNOWN))
    apart = np.append(figures.part[classes == foreign], without_foreign)
    hidden = (classes & unknown != 0) & ~np.isin(figures.part, apart)
    return rows_of(figures.part, np.where(hidden, classes | foreign, classes), figures.devices)


def parts_without_foreign(category: Figures) -> Ints:
    """The parts whose rows by category list no foreign devices: an empty class is in no row of its own."""
    classes = _per_value(category.values[0], _stays)
    foreign = sum(1 << place for place, name in enumerate(STAY.classes) if _group(name) == GROUPS[2])
    return np.setdiff1d(category.part, category.part[classes & foreign != 0])


def dwell_rows(figures: Figures, image: Image) -> Rows:
    """Rows by dwell band."""
    return rows_of(figures.part, _per_value(figures.values[0], lambda value: _bits(value, image)), figures.devices)


def stay_rows(category: Figures, nights: Figures) -> Rows:
    """Rows by category, each in two where the number of those who spent the night is printed."""
    classes = _per_value(category.values[0], _stays)
    asleep = sum(1 << STAY.classes.index(name) for name in NIGHTS)
    own, of_night = _same_rows(category, nights)
    night = np.zeros(category.part.size, np.int64)
    night[own] = nights.devices[of_night]
    told = night > 0
    rows = Rows(
        np.concatenate([category.part, category.part[told]]),
        np.concatenate([np.where(told, classes & ~asleep, classes), classes[told] & asleep]),
        np.concatenate([category.devices - night, night[told]]),
        np.concatenate([np.where(told, 2, 1), np.ones(int(told.sum()), np.int64)]),
    )
    # Where all spent the night, nobody is left.
    return rows.where((rows.classes != 0) & (rows.devices != 0))


def _same_rows(category: Figures, nights: Figures) -> tuple[Ints, Ints]:
    """Places of the rows of both that give the same part and category."""
    values = pa.concat_arrays([category.values[0], nights.values[0]]).dictionary_encode()
    code = values.indices.to_numpy().astype(np.int64)
    key = np.concatenate([category.part, nights.part]) * (1 + code.max(initial=0)) + code
    _, own, of_night = np.intersect1d(key[: category.part.size], key[category.part.size :], return_indices=True)
    return own, of_night


def groups_of_known(rows: Rows, image: Image) -> Rows:
    """Rows by age or socio-professional class, with domestic and foreign devices for their classes."""
    foreign = _bits(FOREIGN, image)
    domestic, abroad = rows.classes & ~foreign != 0, rows.classes & foreign != 0
    return Rows(rows.part, 3 * domestic + 4 * abroad, rows.devices, rows.figures)


def groups_of_stays(rows: Rows) -> Rows:
    """Rows by category, with residents, other domestic and foreign devices for their classes."""
    of_class = {name: _group(name) for name in STAY.classes}
    classes = np.zeros_like(rows.classes)
    for place, name in enumerate(STAY.classes):
        classes |= np.where(rows.classes >> place & 1, 1 << GROUPS.index(of_class[name]), 0)
    return Rows(rows.part, classes, rows.devices, rows.figures)


def _group(stay: str) -> str:
    return GROUPS[1] if stay in _OTHER_DOMESTIC else GROUPS[0] if stay in (RESIDENT_DAY, RESIDENT_NIGHT) else GROUPS[2]


def corner_rows(figures: Figures, ranks: Ints) -> CornerRows:
    """Rows by dwell band and hour of arrival; `ranks` int64[24]: the place of each hour in the privacy day."""
    bands = {band: place for place, band in enumerate(DWELL_BANDS)}
    hours = {hour: int(ranks[place]) for place, hour in enumerate(ARRIVAL_HOURS)}
    band, hour = figures.values
    ends = (
        _per_value(band, lambda value: min(_places(value, bands))),
        _per_value(band, lambda value: max(_places(value, bands))),
        _per_value(hour, lambda value: min(_places(value, hours))),
        _per_value(hour, lambda value: max(_places(value, hours))),
    )
    return CornerRows(figures.part, *ends, figures.devices)


def origin_rows(figures: Figures, place: Mapping[str, int]) -> OriginRows:
    """Rows by origin; `place` gives that of each origin in the public list."""
    printed = figures.values[0].dictionary_encode()
    lists = pc.split_pattern(printed.dictionary, SEPARATOR)
    sizes = pc.list_value_length(lists).to_numpy().astype(np.int64)
    token = lists.flatten().dictionary_encode()
    number = np.array([place.get(name, -1) for name in token.dictionary.to_pylist()], np.int32)
    every = np.arange(len(place), dtype=np.int32)
    found = np.split(number[token.indices.to_numpy()], np.cumsum(sizes)[:-1])
    # `all` is not known by name: it stands for every origin.
    held = [known if (known := each[each >= 0]).size else every for each in found]
    starts = np.cumsum([0, *(each.size for each in held)])
    origin = np.concatenate([every[:0], *held])
    return OriginRows(figures.part, figures.devices, printed.indices.to_numpy(), starts, origin)


def _per_value(values: pa.Array, of: Callable[[str], int]) -> Ints:
    """int64[r]: a number for each printed value, worked out once for each that occurs."""
    encoded = values.dictionary_encode()
    numbers = np.array([of(value) for value in encoded.dictionary.to_pylist()], np.int64)
    found: npt.NDArray[np.int64] = numbers[encoded.indices.to_numpy()] if len(values) else np.zeros(0, np.int64)
    return found


def _places(value: str, place: Mapping[str, int]) -> Sequence[int]:
    """The places of the values that are listed; those of all for `all` and for words that are not known."""
    found = [place[token] for token in value.split(SEPARATOR) if token in place]
    return list(place.values()) if value == ALL or not found else found


def _bits(value: str, image: Image) -> int:
    return sum(1 << place for place in _places(value, {name: at for at, name in enumerate(image.classes)}))


def _stays(value: str) -> int:
    """The classes of a printed category; residents are two."""
    if value == ALL:
        return STAY.whole
    names = [RESIDENT_DAY, RESIDENT_NIGHT] if "resident" in value.split(SEPARATOR) else []
    return _bits(SEPARATOR.join([*names, *value.split(SEPARATOR)]), STAY)
