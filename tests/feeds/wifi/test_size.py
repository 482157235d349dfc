from datetime import timedelta
from pathlib import Path

from pipelines.simulator.heartbeats import Beating, as_csv, heartbeats
from tests.feeds.wifi.making import AT, HEAD, built, document


def test_a_month_of_fifty_access_points_is_read_whole(tmp_path: Path) -> None:
    points = [Beating(f"p{number}", 300, 30) for number in range(50)]
    source = HEAD + "".join(f"{each.id},Point {each.id},,b,Bâtiment,,,,,300\n" for each in points)
    beats = as_csv(heartbeats(points, AT + timedelta(0), 1))

    found = built(tmp_path, beats.decode(), source=source)

    assert found.modules[0].rows > 600_000
    assert found.findings == ()
    assert [each["state"] for each in document(found, "availability.json")].count("up") == 48
