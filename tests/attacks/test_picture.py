import re

import pytest

from pipelines.attacks.report.picture import picture


def test_a_picture_puts_the_measured_value_the_level_and_weak_releases_on_one_scale() -> None:
    drawn = picture(0.5, 0.25, [1.0], "broken", "a < b")
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)]
    lines = [float(x) for x in re.findall(r'd="M([\d.]+)', drawn)]
    track, bar = widths
    triangle, level = lines
    assert (bar, level - 6, triangle - 6) == (track / 2, track / 4, track)
    assert 'aria-label="a &lt; b"' in drawn


@pytest.mark.parametrize(("value", "width"), [(0.0, 0.0), (0.001, 2.0), (-1.4, 0.0), (float("nan"), 0.0)])
def test_a_picture_shows_the_least_of_something_and_nothing_of_nothing(value: float, width: float) -> None:
    drawn = picture(value, 0, [76_775], "held", "")
    assert [float(each) for each in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)][1] == width
