from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from schemas.configuration import (
    SECTIONS,
    Configuration,
    DifferentialPrivacy,
    Engine,
    Estimation,
    Kafka,
    PolicySettings,
    Test,
)
from schemas.errors import UsageError

MINIMUM = """
[input]
events = "events"
cells = "cells.csv"
zones = "zones.geojson"
[release]
directory = "release"
"""
EVENT = """
[[event]]
name = "festival"
zone = "21231"
start = 2026-06-20T18:00:00
end = 2026-06-21T02:00:00
"""

Load = Callable[[str], Configuration]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    def write_and_load(text: str) -> Configuration:
        (tmp_path / "hexaflux.toml").write_text(text, encoding="utf-8")
        return load(tmp_path / "hexaflux.toml")

    return write_and_load


@pytest.fixture
def refused(loaded: Load) -> Callable[[str], tuple[str, str]]:
    """Message and hint of the refusal."""

    def write_and_refuse(text: str) -> tuple[str, str]:
        with pytest.raises(UsageError) as caught:
            loaded(text)
        assert caught.value.exit_code == 2
        assert "\n" not in caught.value.message + caught.value.hint
        return caught.value.message, caught.value.hint

    return write_and_refuse


Refused = Callable[[str], tuple[str, str]]


def test_everything_but_inputs_and_release_has_a_default(loaded: Load) -> None:
    configuration = loaded(MINIMUM)
    assert configuration.policy == PolicySettings()
    assert configuration.engine == Engine()
    assert configuration.estimation == Estimation()
    assert configuration.area.timezone == "Europe/Paris"
    assert configuration.time.slot == timedelta(minutes=15)
    assert configuration.time.privacy_day_starts == time(5)
    assert (configuration.event, configuration.feeds, configuration.test) == ((), {}, None)


def test_relative_paths_follow_the_folder_of_the_file(loaded: Load, tmp_path: Path) -> None:
    configuration = loaded(MINIMUM.replace('"events"', '"../in/*.parquet"').replace('"cells.csv"', '"/data/cells.csv"'))
    assert configuration.path == tmp_path / "hexaflux.toml"
    assert configuration.input.events == tmp_path.parent / "in" / "*.parquet"
    assert configuration.input.cells == Path("/data/cells.csv")
    assert configuration.input.subscribers is None
    assert configuration.release.directory == tmp_path / "release"


def test_the_register_and_the_signing_key_stand_beside_the_file(loaded: Load, tmp_path: Path) -> None:
    release = loaded(MINIMUM).release
    assert release.register == tmp_path / "publications.jsonl"
    assert release.signing_key == tmp_path / "signing_key.pem"


def test_a_configuration_is_found_from_the_working_directory(
    loaded: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = loaded(MINIMUM)
    monkeypatch.chdir(tmp_path)
    assert load(Path("hexaflux.toml")) == expected


def test_every_key_can_be_written(loaded: Load) -> None:
    configuration = loaded(
        MINIMUM.replace("[release]", 'subscribers = "s"\npopulation = "p"\nroaming_share = "r"\n[release]')
        + 'register = "../register.jsonl"\nsigning_key = "key.pem"\n'
        + '[input.columns.events]\ncell_id = "CGI"\n[input.columns.zones]\nzone_id = "insee"\n'
        + '[area]\ntimezone = "Indian/Reunion"\ndomestic_mcc = [208, 647]\nbase_resolution = 8\n'
        + 'coarsest_resolution = 8\ncrossing = "clip"\n'
        + '[time]\nslot = "1h"\nlateness = "90 s"\nprivacy_day_starts = 04:30:00\n'
        + "[policy]\nk = 11\nmax_share = 1\nrounding = 0\ndp = false\n"
        + "[estimation]\npeople_per_device = 3\nconfidence = 0.9\n"
        + '[engine]\ndriver = "embedded"\nshards = 4096\nstep_rows = 7\nworkers = 1\n'
        + f'[feeds.lighting]\nurl = "https://example.org"\nsince = 2026-01-01\n[test]\nday_key = "{"0aF" * 21}1"\n'
        + "allow_small_k = true\n"
        + EVENT
        + EVENT.replace("festival", "next").replace("-20T", "-27T").replace("-21T", "-28T")
        + 'previous = "festival"\n'
    )
    assert configuration.input.columns == {"events": {"cell_id": "CGI"}, "zones": {"zone_id": "insee"}}
    assert configuration.area.domestic_mcc == (208, 647)
    assert configuration.time.lateness == timedelta(seconds=90)
    assert configuration.time.privacy_day_starts == time(4, 30)
    assert configuration.policy == PolicySettings(k=11, max_share=1.0, rounding=0)
    assert configuration.estimation == Estimation(people_per_device=3.0, confidence=0.9)
    assert configuration.engine == Engine(shards=4096, step_rows=7, workers=1)
    assert configuration.test == Test(day_key="0aF" * 21 + "1", allow_small_k=True)
    assert [event.previous for event in configuration.event] == [None, "festival"]


def test_feeds_are_left_as_they_were_written(loaded: Load) -> None:
    feeds = loaded(MINIMUM + '[feeds.lighting]\nsource = "x.csv"\nempty = ""\nsince = 2026-01-01T00:00:00Z\n').feeds
    assert feeds == {"lighting": {"source": "x.csv", "empty": "", "since": datetime(2026, 1, 1, tzinfo=UTC)}}


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-06-20T18:00:00", datetime(2026, 6, 20, 16, tzinfo=UTC)),
        ("2026-06-20T18:00:00Z", datetime(2026, 6, 20, 18, tzinfo=UTC)),
        ('"2026-06-20 18:00"', datetime(2026, 6, 20, 16, tzinfo=UTC)),
        ('"2026-06-20T18:00:00-04:00"', datetime(2026, 6, 20, 22, tzinfo=UTC)),
    ],
)
def test_an_instant_is_local_unless_it_has_an_offset(loaded: Load, written: str, instant: datetime) -> None:
    assert loaded(MINIMUM + EVENT.replace("2026-06-20T18:00:00", written)).event[0].start == instant


@pytest.mark.parametrize("written", ["15min", "15 min", " 15min ", "900s", "900 s"])
def test_a_duration_may_be_written_in_several_ways(loaded: Load, written: str) -> None:
    assert loaded(MINIMUM + f'[time]\nslot = "{written}"').time.slot == timedelta(minutes=15)


@pytest.mark.parametrize("minutes", [5, 10, 15, 20, 30, 60])
def test_a_slot_divides_the_hour(loaded: Load, refused: Refused, minutes: int) -> None:
    assert loaded(MINIMUM + f'[time]\nslot = "{minutes}min"').time.slot == timedelta(minutes=minutes)
    assert refused(MINIMUM + f'[time]\nslot = "{minutes + 1}min"')[0].startswith("[time] slot: expected 5, 10, ")


def test_a_file_that_begins_with_a_byte_order_mark_is_read(loaded: Load) -> None:
    assert loaded("\ufeff" + MINIMUM) == loaded(MINIMUM)


UNKNOWN = [
    ("[policy]\nkk = 3", "[policy] kk", "did you mean k?"),
    ("[polcy]\nk = 3", "polcy", "did you mean policy?"),
    ("[policy]\nmaxshare = 0.8", "[policy] maxshare", "did you mean max_share?"),
    ("[policy]\nbase_resolution = 9", "[policy] base_resolution", "base_resolution belongs below [area]"),
    ("[policy]\nzzz = 9", "[policy] zzz", "remove zzz, or write one of the names above"),
    ("[input.columns.event]\nx = 'y'", "[input.columns.event]", "did you mean events?"),
    ("[input.columns.events]\ncell = 'y'", "[input.columns.events] cell", "did you mean cell_id?"),
    (EVENT + "stop = 3", "[[event]] number 1 stop", "remove stop, or write one of the names above"),
    ("path = 'x'\n", "[release] path", "remove path, or write one of the names above"),
]


@pytest.mark.parametrize(("text", "where", "hint"), UNKNOWN)
def test_an_unknown_name_is_an_error_with_a_proposal(refused: Refused, text: str, where: str, hint: str) -> None:
    message, found = refused(MINIMUM + text)
    assert message.startswith(f"{where}: expected one of ")
    assert "found an unknown " in message
    assert found == hint


def test_a_key_before_the_first_section_is_sent_to_its_section(refused: Refused) -> None:
    message, hint = refused("k = 20\n" + MINIMUM)
    assert message.startswith("k: expected one of input, area, ")
    assert hint == "k belongs below [policy]"


def test_the_path_of_the_configuration_is_no_key(refused: Refused) -> None:
    assert refused('path = "x"\n' + MINIMUM)[0].startswith("path: expected one of ")


def test_a_misspelt_mandatory_key_is_reported_before_the_missing_one(refused: Refused) -> None:
    message, hint = refused(MINIMUM.replace("events =", "evnts ="))
    assert message.startswith("[input] evnts")
    assert hint == "did you mean events?"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('events = "events"', "[input] events"),
        ('cells = "cells.csv"', "[input] cells"),
        ('zones = "zones.geojson"', "[input] zones"),
        ('directory = "release"', "[release] directory"),
    ],
)
def test_a_missing_mandatory_key_is_named_with_an_example(refused: Refused, line: str, where: str) -> None:
    message, hint = refused(MINIMUM.replace(line, ""))
    assert message == f"{where}: expected a value, found none"
    assert hint.endswith(f"for example: {line}")


def test_a_blank_text_of_an_unknown_key_is_an_error(refused: Refused) -> None:
    assert refused(MINIMUM + '[policy.more]\nname = ""')[0].startswith("[policy] more name: expected a text that")
    assert refused(MINIMUM + '[input.columns.events]\ncell_id = ""')[1].startswith("write below [input.columns")


def test_an_empty_file_lacks_the_first_mandatory_key(refused: Refused) -> None:
    assert refused("")[0] == "[input] cells: expected a value, found none"


WRONG_TYPES = [
    ("[policy]", 'k = "20"', 'a whole number, found "20" (a text)', "k = 20"),
    ("[policy]", "k = 20.0", "a whole number, found 20.0 (a number)", "k = 20"),
    ("[policy]", "k = true", "a whole number, found true (a truth value)", "k = 20"),
    ("[policy]", 'max_share = "0.8"', 'a number, found "0.8" (a text)', "max_share = 0.8"),
    ("[policy]", "rounding = [5]", "a whole number, found [5] (a list)", "rounding = 5"),
    ("[test]", "allow_small_k = 1", "true or false, found 1 (a whole number)", "allow_small_k = false"),
    ("[area]", "timezone = 1", "a text in quotes, found 1 (a whole number)", 'timezone = "Europe/Paris"'),
    ("[area]", "crossing = 2026-01-01", "a text in quotes, found 2026-01-01 (a date or time)", 'crossing = "refuse"'),
    ("[area]", "domestic_mcc = 208", "a list, found 208 (a whole number)", "domestic_mcc = [208]"),
    ("[time]", "slot = 15", 'a duration such as "90s", "15min" or "1h", found 15 (a whole number)', 'slot = "15min"'),
    ("[time]", 'lateness = "PT30M"', 'a duration such as "90s", "15min" or "1h", found "PT30M" (a text)', "30min"),
    ("[time]", 'lateness = "-5min"', 'a duration such as "90s", "15min" or "1h", found "-5min" (a text)', "30min"),
    ("[time]", "privacy_day_starts = 5", 'a local time of day such as "05:00", found 5 (a whole number)', "05:00"),
    ("[time]", 'privacy_day_starts = "5h"', 'a local time of day such as "05:00", found "5h" (a text)', "05:00"),
    ("[time]", 'privacy_day_starts = "24:00"', 'a local time of day such as "05:00", found "24:00" (a text)', "05:00"),
]


@pytest.mark.parametrize(("section", "line", "expected", "hint"), WRONG_TYPES)
def test_a_wrong_type_is_an_error_that_shows_what_to_write(
    refused: Refused, section: str, line: str, expected: str, hint: str
) -> None:
    message, found = refused(f"{MINIMUM}{section}\n{line}")
    assert message == f"{section} {line.partition(' ')[0]}: expected {expected}"
    assert found.startswith(f"write below {section}, for example: ")
    assert hint in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[policy]]\nk = 20", "[policy]: expected a table, found [{k = 20}] (a list)"),
        ("[event]\nname = 'a'", "[[event]]: expected a list, found a table"),
        (
            "[area]\ndomestic_mcc = [208, 'F']",
            '[area] domestic_mcc item 2: expected a whole number, found "F" (a text)',
        ),
        ("[input.columns.events]\ncell_id = 3", "[input.columns.events] cell_id: expected a text in quotes, found 3"),
        ("[input.columns]\nevents = 3", "[input.columns.events]: expected a table, found 3"),
        ("[feeds]\nlighting = 3", "[feeds] lighting: expected a table, found 3 (a whole number)"),
    ],
)
def test_a_value_of_the_wrong_shape_is_an_error(refused: Refused, text: str, message: str) -> None:
    assert refused(MINIMUM + text)[0].startswith(message)


def test_an_input_section_that_is_no_table_is_an_error(refused: Refused) -> None:
    assert refused("input = 3")[0] == "[input]: expected a table, found 3 (a whole number)"
    assert refused("feeds = 3\n" + MINIMUM)[0] == "[feeds]: expected a table, found 3 (a whole number)"


IMPOSSIBLE = [
    ("policy", "k", [1], [0, -1]),
    ("policy", "max_share", [0.51, 1.0], [0.5, 1.01, "nan", "inf"]),
    ("policy", "rounding", [0, 1], [-1]),
    ("area", "base_resolution", [5, 10], [-1, 4, 11, 15, 16]),
    ("area", "coarsest_resolution", [0, 9], [-1, 10]),
    ("area", "domestic_mcc", ["[200]", "[799]"], ["[]", "[199]", "[208, 800]"]),
    ("area", "crossing", ['"clip"'], ['"keep"']),
    ("time", "lateness", ['"0s"', '"24h"'], ['"25h"']),
    ("time", "privacy_day_starts", ['"05:00"', '"05:00:00"', '"04:30"'], ['"05:00:30"', "05:00:00.5"]),
    ("estimation", "people_per_device", [1, 1.5], [0.99, 0, -1]),
    ("estimation", "confidence", [0.51, 0.99], [0.5, 1.0, 95]),
    ("engine", "driver", ['"embedded"', '"flink"'], ['"spark"']),
    ("engine", "shards", [1, 4096], [0, 4097]),
    ("engine", "step_rows", [1], [0]),
    ("engine", "workers", [1], [0]),
    ("engine.flink", "address", ['"flink:8081"', '"[::1]:8081"'], ['"flink"', '"flink:0"', '"http://flink:8081"']),
    ("engine.flink", "parallelism", [1, 4096], [0, 4097]),
    ("engine.flink", "readers", [1, 4096], [0, 4097]),
    ("engine.flink", "checkpoint_every", ['"1s"', '"1h"'], ['"0s"', '"61min"', '"never"', "5"]),
]


@pytest.mark.parametrize(("section", "key", "possible", "impossible"), IMPOSSIBLE)
def test_an_impossible_value_is_an_error_and_its_neighbour_is_not(
    loaded: Load, refused: Refused, section: str, key: str, possible: list[object], impossible: list[object]
) -> None:
    for value in possible:
        loaded(f"{MINIMUM}[{section}]\n{key} = {value}")
    for value in impossible:
        message, hint = refused(f"{MINIMUM}[{section}]\n{key} = {value}")
        assert f"[{section}] " in message
        assert "expected " in message
        assert "found " in message
        assert hint.startswith(f"write below [{section}], for example: ")


def test_hexagons_below_a_footprint_are_refused_with_the_reason(refused: Refused) -> None:
    message, _ = refused(MINIMUM + "[area]\nbase_resolution = 11")
    assert "at most 10, as finer hexagons are smaller than the footprint of any cell, found 11" in message


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Paris", 'did you mean "Europe/Paris"?'),
        ("Europe/Pariss", 'did you mean "Europe/Paris"?'),
        ("../../etc/passwd", 'write below [area], for example: timezone = "Europe/Paris"'),
    ],
)
def test_an_unknown_time_zone_is_an_error(refused: Refused, written: str, hint: str) -> None:
    message, found = refused(MINIMUM + f'[area]\ntimezone = "{written}"')
    assert message == f'[area] timezone: expected the name of an IANA time zone, found "{written}" (a text)'
    assert found == hint


DP = MINIMUM + "[policy.dp]\nepsilon = 2\nbudget_epsilon = 80.5\n"


def test_differential_privacy_is_a_table_with_defaults(loaded: Load) -> None:
    assert loaded(MINIMUM + "[policy]\nk = 30\n").policy.dp is False
    assert loaded(DP).policy == PolicySettings(dp=DifferentialPrivacy(2.0, 80.5, 1e-8, 24, 8))
    written = DP + "delta = 1e-9\ncontributions = 12\nresolution = 7\n[policy]\nk = 30\n"
    assert loaded(written).policy == PolicySettings(k=30, dp=DifferentialPrivacy(2.0, 80.5, 1e-9, 12, 7))


@pytest.mark.parametrize("value", ["true", '"laplace"', "1.0", "0", "[]"])
def test_differential_privacy_is_not_switched_on_without_its_numbers(refused: Refused, value: str) -> None:
    message, hint = refused(MINIMUM + f"[policy]\ndp = {value}")
    assert message.startswith("[policy] dp: expected false, or a table [policy.dp], found ")
    assert hint == ("write dp = false, or [policy.dp] on a line of its own, and epsilon and budget_epsilon below it")


def test_a_number_of_differential_privacy_without_default_has_to_be_written(refused: Refused) -> None:
    message, hint = refused(MINIMUM + "[policy.dp]\nepsilon = 2")
    assert message == "[policy.dp] budget_epsilon: expected a value, found none"
    assert hint == "write below [policy.dp], for example: budget_epsilon = 80.0"
    assert refused(MINIMUM + "[policy]\ndp = {}")[0] == "[policy.dp] epsilon: expected a value, found none"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("epsilon = 0", "a number up to 10, above 0, found 0.0"),
        ("epsilon = 10.1", "a number up to 10, above 0, found 10.1"),
        ("epsilon = nan", "a number up to 10, above 0, found nan"),
        ('epsilon = "2"', 'a number, found "2" (a text)'),
        ("budget_epsilon = 1.99", "a number from epsilon, which one day may cost, to 1000, found 1.99"),
        ("budget_epsilon = 1001", "a number from epsilon, which one day may cost, to 1000, found 1001"),
        ("delta = 0", "a number from 1e-15 to 1e-5, far below one in the number of devices, found 0.0"),
        ("delta = 1.1e-5", "a number from 1e-15 to 1e-5, far below one in the number of devices, found 1.1e-05"),
        ("contributions = 1", "a whole number from 2 to 1000, found 1"),
        ("contributions = 2.0", "a whole number, found 2.0"),
        ("resolution = 10", "an H3 resolution from 0 to base_resolution, found 10"),
        ("resolution = -1", "an H3 resolution from 0 to base_resolution, found -1"),
        ("epsilom = 1", "one of epsilon, budget_epsilon, delta, contributions, resolution, found an unknown key"),
    ],
)
def test_an_impossible_number_of_differential_privacy_is_an_error(refused: Refused, change: str, expected: str) -> None:
    key = change.split(" ")[0]
    kept = [line for line in DP.splitlines() if not line.startswith(f"{key} ")]
    message, hint = refused("\n".join([*kept, change]))
    assert message.startswith(f"[policy.dp] {key}: expected {expected}")
    assert "[policy.dp]" in hint or hint == "did you mean epsilon?"


@pytest.mark.parametrize(
    ("number", "value"), [("epsilon", 10), ("budget_epsilon", 2), ("delta", 1e-5), ("delta", 1e-15)]
)
def test_a_number_of_differential_privacy_at_its_bound_is_taken(loaded: Load, number: str, value: float) -> None:
    lines = [line for line in DP.splitlines() if not line.startswith(f"{number} ")]
    dp = loaded("\n".join([*lines, f"{number} = {value}"])).policy.dp
    assert isinstance(dp, DifferentialPrivacy)
    assert getattr(dp, number) == value


def test_a_key_of_differential_privacy_elsewhere_is_sent_to_its_table(refused: Refused) -> None:
    assert refused(MINIMUM + "[policy]\nepsilon = 3")[1] == "epsilon belongs below [policy.dp]"
    assert refused(DP + "k = 20")[1] == "k belongs below [policy]"
    assert "found an unknown section" in refused(MINIMUM + '["policy.dp"]\nepsilon = 2')[0]


def test_the_folders_of_a_cluster_follow_the_folder_of_the_configuration(loaded: Load, tmp_path: Path) -> None:
    text = MINIMUM + '[engine]\ndriver = "flink"\n[engine.flink]\nexchange = "shared"\npython = "/venv/bin/python"'
    flink = loaded(text).engine.flink
    assert flink.exchange is not None
    assert flink.exchange.name == "shared"
    assert flink.exchange.is_absolute()
    assert flink.python == Path("/venv/bin/python")


def test_a_wrong_key_of_the_cluster_names_its_table(refused: Refused) -> None:
    message, hint = refused(MINIMUM + "[engine.flink]\nreader = 3")
    assert message.startswith("[engine.flink] reader: ")
    assert hint == "did you mean readers?"


@pytest.mark.parametrize("key", ["abc", "g" * 64, "0" * 63, "0" * 65])
def test_a_day_key_that_is_none_is_never_shown(refused: Refused, key: str) -> None:
    message, _ = refused(MINIMUM + f'[test]\nday_key = "{key}"')
    assert message == f"[test] day_key: expected 64 hexadecimal digits, found a text of {len(key)} characters"


def test_a_day_key_of_another_type_is_never_shown(refused: Refused) -> None:
    assert refused(MINIMUM + "[test]\nday_key = 987654")[0].endswith("expected a text in quotes, found a whole number")


@pytest.mark.parametrize("text", ["", "  ", "a\\u0000"])
def test_a_blank_text_is_an_error(refused: Refused, text: str) -> None:
    message, _ = refused(MINIMUM.replace('"events"', f'"{text}"'))
    assert message.startswith("[input] events: expected a text that is not blank")


@pytest.mark.parametrize("end", ["2026-06-20T18:00:00", "2026-06-20T17:59:59", "2026-06-20T16:00:00Z"])
def test_an_event_ends_after_its_start(refused: Refused, end: str) -> None:
    message, hint = refused(MINIMUM + EVENT.replace("2026-06-21T02:00:00", end))
    assert message.startswith("[[event]] number 1 end: expected a time after its start")
    assert hint == "exchange start and end"


@pytest.mark.parametrize("name", ["x" * 101, "a\\nb", "a\\u200bb"])
def test_an_event_has_a_name_that_stands_in_one_line(refused: Refused, name: str) -> None:
    message, hint = refused(MINIMUM + EVENT.replace("festival", name))
    expected = "a name of at most 100 characters in one line, other than -"
    assert message.startswith(f"[[event]] number 1 name: expected {expected}, found")
    assert hint == 'write below [[event]], for example: name = "festival"'


def test_the_longest_name_of_an_event_is_accepted(loaded: Load) -> None:
    assert loaded(MINIMUM + EVENT.replace("festival", "x" * 100)).event[0].name == "x" * 100


@pytest.mark.parametrize("start", ["2026-06-20T18:00:00.5", "0001-01-01T00:00:00", "1969-12-31T23:59:59"])
def test_an_event_starts_at_a_second_of_a_year_that_can_be(refused: Refused, start: str) -> None:
    message, _ = refused(MINIMUM + EVENT.replace("2026-06-20T18:00:00", start))
    assert message.startswith("[[event]] number 1 start: expected a time to the second, from the year 1970 to 2199")


def test_an_event_may_last_from_before_to_after_clocks_are_put_back(loaded: Load, refused: Refused) -> None:
    night = EVENT.replace("2026-06-20T18:00:00", "2026-10-25T02:30:00+02:00")
    assert loaded(MINIMUM + night.replace("2026-06-21T02:00:00", "2026-10-25T02:15:00+01:00"))
    spring = EVENT.replace("2026-06-20T18:00:00", "2026-03-29T02:30:00")
    message, _ = refused(MINIMUM + spring.replace("2026-06-21T02:00:00", "2026-03-29T03:00:00"))
    assert message.startswith("[[event]] number 1 end: expected a time after its start")


@pytest.mark.parametrize("start", ["2026-06-20", '"20 June"', '"1751600000"', "1751600000", '"2026-06-31T00:00"'])
def test_an_event_starts_at_a_date_and_time(refused: Refused, start: str) -> None:
    message, _ = refused(MINIMUM + EVENT.replace("2026-06-20T18:00:00", start))
    assert message.startswith("[[event]] number 1 start: expected a date and time such as 2026-06-20T18:00:00")


def test_two_events_have_two_names(refused: Refused) -> None:
    assert refused(MINIMUM + EVENT + EVENT)[0].startswith("[[event]] number 2 name: expected a name of its own")


def test_the_previous_event_exists_and_is_earlier(refused: Refused) -> None:
    named = MINIMUM + EVENT + EVENT.replace("festival", "other").replace("-20T", "-19T")
    assert "expected the name of another [[event]]" in refused(named + 'previous = "festive"')[0]
    assert "expected the name of an earlier [[event]]" in refused(named + 'previous = "festival"')[0]
    assert "expected the name of an earlier [[event]]" in refused(named + 'previous = "other"')[0]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"release"', '"."', "[input] events"),
        ('"events"', '"release/events"', "[input] events"),
        ('"release"', '"release"\nsigning_key = "release/key.pem"', "[release] signing_key"),
        ('"release"', '"release"\nregister = "release/../release/r.jsonl"', "[release] register"),
    ],
)
def test_nothing_secret_or_personal_stands_inside_the_release(refused: Refused, old: str, new: str, where: str) -> None:
    message, _ = refused(MINIMUM.replace(old, new))
    assert message.startswith(f"{where}: expected a path outside the release, whose whole content is published")


def test_a_k_below_the_floor_is_judged_by_the_policy_alone(loaded: Load) -> None:
    assert loaded(MINIMUM + "[policy]\nk = 3").policy.k == 3


def test_invalid_toml_is_reported_with_its_line(refused: Refused) -> None:
    message, _ = refused(MINIMUM + "[policy\nk = 3")
    assert "expected valid TOML" in message
    assert "line 8" in message


@pytest.mark.parametrize("text", ["k = " + "[" * 20_000, "k = " + "9" * 20_000])
def test_toml_beyond_all_measure_is_an_error(refused: Refused, text: str) -> None:
    assert "expected valid TOML" in refused(text)[0]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a configuration file, found nothing"):
        load(tmp_path / "none.toml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a configuration file, found a folder"):
        load(tmp_path)


def test_a_file_below_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="found one that cannot be read"):
        load(tmp_path / "file" / "hexaflux.toml")


def test_a_file_without_permission_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(UsageError, match=r"found one that cannot be read \(Permission denied\)"):
        load(tmp_path / "hexaflux.toml")


def test_another_encoding_is_an_error_that_names_the_byte(tmp_path: Path) -> None:
    (tmp_path / "hexaflux.toml").write_bytes("# créneau".encode("latin-1"))
    with pytest.raises(UsageError, match="expected UTF-8 text, found another encoding at byte 5"):
        load(tmp_path / "hexaflux.toml")


VALUES = st.recursive(
    st.sampled_from(['"x"', "1", "-1", "0.5", "nan", "true", "2026-06-20", "05:00:00", "2026-06-20T18:00:00Z", '""']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda v: f"[{', '.join(v)}]") | inner.map(lambda v: f"{{ name = {v} }}")
    ),
    max_leaves=3,
)
KEYS = st.sampled_from([(section, key.name) for section, kind in SECTIONS.items() for key in fields(kind)])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(KEYS, VALUES)
def test_any_value_of_any_key_is_read_or_refused_in_words(tmp_path: Path, key: tuple[str, str], value: str) -> None:
    section, name = key
    header = "[[event]]" if section == "event" else f"[{section}]"
    whole = "" if section in ("input", "release") else MINIMUM
    (tmp_path / "hexaflux.toml").write_text(f"{whole}{header}\n{name} = {value}\n", encoding="utf-8")
    message, hint = outcome(tmp_path / "hexaflux.toml")
    assert (message, hint) == ("", "") or (": expected " in message and hint)


def outcome(path: Path) -> tuple[str, str]:
    try:
        load(path)
    except UsageError as error:
        return error.message, error.hint
    return "", ""


TOPIC = MINIMUM.replace('events = "events"\n', "") + "[input.kafka]\n"
KAFKA = TOPIC + 'brokers = "a:9092, [::1]:19092"\ntopic = "probe.events"\nformat = "json"\n'


def test_a_topic_takes_the_place_of_files(loaded: Load, tmp_path: Path) -> None:
    given = loaded(KAFKA).input
    assert given.events is None
    assert given.kafka == Kafka("a:9092, [::1]:19092", "probe.events", "json", None, "hexaflux", {})
    avro = loaded(KAFKA.replace("json", "avro") + 'schemas = "s"\ngroup = "g"\n[input.kafka.client]\n"ssl.ca" = "x"\n')
    assert avro.input.kafka == Kafka(given.kafka.brokers, "probe.events", "avro", tmp_path / "s", "g", {"ssl.ca": "x"})


def test_files_of_events_are_asked_for_in_vain_where_there_is_a_topic(loaded: Load, tmp_path: Path) -> None:
    assert loaded(MINIMUM).input.files == tmp_path / "events"
    with pytest.raises(UsageError, match=r"expected files of events in \[input\] events, found a topic"):
        _ = loaded(KAFKA).input.files


def test_a_topic_is_followed_and_not_run(loaded: Load) -> None:
    configuration = loaded(KAFKA)
    with pytest.raises(UsageError, match=r"expected files in \[input\] events, found a topic") as caught:
        run(configuration, Progress(Console(stderr=True), quiet=True))
    assert "hexaflux follow" in caught.value.hint
    assert [path.name for path in configuration.path.parent.iterdir()] == ["hexaflux.toml"]


def test_events_come_from_one_place(refused: Refused) -> None:
    message, hint = refused(KAFKA.replace("[input]", '[input]\nevents = "x"'))
    assert message.startswith("[input] events: expected none beside [input.kafka], found ")
    assert "remove events" in hint
    message, hint = refused(MINIMUM.replace('events = "events"', ""))
    assert message == "[input] events: expected a value, found none"
    assert hint.startswith("write a table [input.kafka], or write below [input], for example: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a:9092, [::1]:19092", "a", "[input.kafka] brokers: expected host:port,host:port, found "),
        ("a:9092, [::1]:19092", "a:9092,", "[input.kafka] brokers: expected host:port,host:port, found "),
        ("a:9092, [::1]:19092", "a:0", "[input.kafka] brokers: expected host:port,host:port, found "),
        ("a:9092, [::1]:19092", "a:65536", "[input.kafka] brokers: expected host:port,host:port, found "),
        ("probe.events", "^probe", "[input.kafka] topic: expected the name of a topic, of letters"),
        ("probe.events", "..", "[input.kafka] topic: expected the name of a topic, of letters"),
        ("probe.events", "a" * 250, "[input.kafka] topic: expected the name of a topic, of letters"),
        ('"json"', '"csv"', '[input.kafka] format: expected "json", "avro" or "arrow", found "csv" (a text)'),
        ('"json"', '"avro"', "[input.kafka] schemas: expected a folder with the schemas of avro, found none"),
        ('"json"', "3", "[input.kafka] format: expected a text in quotes, found 3 (a whole number)"),
        ('format = "json"', "", "[input.kafka] format: expected a value, found none"),
        ("topic =", "topics =", "[input.kafka] topics: expected one of brokers, topic, format, "),
        ('"json"', '"json"\nschemas = "release/x"', "[input.kafka] schemas: expected a path outside the release"),
    ],
)
def test_a_topic_that_cannot_be_read_as_written_is_an_error(refused: Refused, old: str, new: str, message: str) -> None:
    found, hint = refused(KAFKA.replace(old, new))
    assert found.startswith(message)
    assert "[input.kafka]" in hint or "did you mean topic?" in hint or "a directory of its own" in hint


def test_a_topic_that_is_no_table_is_an_error(refused: Refused) -> None:
    message, hint = refused(MINIMUM.replace("[release]", 'kafka = "a:9092"\n[release]'))
    assert message == '[input] kafka: expected a table, found "a:9092" (a text)'
    assert hint.startswith("write [input.kafka] on a line of its own")


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("enable.auto.commit", "the position is part of the state of the release"),
        ("auto.offset.reset", "the position is part of the state of the release"),
        ("group.id", "it has a key of its own below [input.kafka]"),
        ("bootstrap.servers", "it has a key of its own below [input.kafka]"),
        ("queued.max.messages.kbytes", "what is fetched ahead is bounded"),
    ],
)
def test_an_option_that_is_set_for_the_client_is_refused_with_the_reason(
    refused: Refused, option: str, reason: str
) -> None:
    message, hint = refused(KAFKA + f'[input.kafka.client]\n"{option}" = "s3cret"\n')
    assert message.startswith(f"[input.kafka] client {option}: expected no such option, as {reason}")
    assert hint == f"remove {option}"
    assert "s3cret" not in message


def test_an_option_of_the_client_is_a_text_and_is_never_shown(loaded: Load, refused: Refused) -> None:
    message, hint = refused(KAFKA + '[input.kafka.client]\n"sasl.password" = 987654\n')
    assert message == "[input.kafka] client sasl.password: expected a text in quotes, found a whole number"
    assert hint == 'write below [input.kafka.client], for example: "security.protocol" = "ssl"'
    assert "s3cret" not in repr(loaded(KAFKA + '[input.kafka.client]\n"sasl.password" = "s3cret"\n'))
