from itertools import pairwise

from schemas import vocabulary as v

CLOSED_LISTS = (
    v.EVENT_TYPES,
    v.AGE_BANDS,
    v.SPC,
    v.VISITOR_CATEGORIES,
    v.DWELL_BANDS,
    v.ARRIVAL_HOURS,
    v.DISTANCE_CLASSES,
    v.EXCLUDED_LINE_TYPES,
)
RESERVED = {v.FOREIGN, v.ALL, v.TERRITORY, v.REST}


def test_no_value_stands_twice_in_its_list() -> None:
    assert all(len(set(values)) == len(values) for values in CLOSED_LISTS)


def test_no_value_holds_the_separator_or_is_a_reserved_word() -> None:
    values = {value for values in CLOSED_LISTS for value in values}
    assert not any(v.SEPARATOR in value for value in values)
    assert not values & RESERVED


def test_unknown_is_the_last_value_of_the_registers_attributes() -> None:
    assert v.AGE_BANDS[-1] == v.SPC[-1] == v.UNKNOWN
    assert v.UNKNOWN not in (*v.AGE_BANDS[:-1], *v.SPC[:-1])


def test_every_dwell_band_begins_where_the_one_before_it_ends() -> None:
    assert len(v.DWELL_BAND_STARTS_MINUTES) == len(v.DWELL_BANDS)
    assert all(one < next_one for one, next_one in pairwise(v.DWELL_BAND_STARTS_MINUTES))


def test_every_distance_class_begins_where_the_one_before_it_ends() -> None:
    starts = v.DISTANCE_CLASS_STARTS_KM
    names = ["<2 km", *(f"{one}-{other} km" for one, other in pairwise(starts[1:])), f">={starts[-1]} km"]
    assert list(v.DISTANCE_CLASSES) == names
    assert starts[0] == 0


def test_excluded_line_types_are_written_as_they_are_compared() -> None:
    assert all(t == t.lower().replace("-", "_").replace(" ", "_") for t in v.EXCLUDED_LINE_TYPES)


def test_codes_fit_into_a_signed_byte() -> None:
    assert all(len(values) < 127 for values in CLOSED_LISTS)
