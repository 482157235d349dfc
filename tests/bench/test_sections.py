"""Sections of a page that benchmarks write."""

from tests.bench.sections import sections, with_section

PAGE = """# Benchmarks

Words.

## One

1

## Two

2
"""


def test_a_section_takes_the_place_of_the_earlier_one() -> None:
    assert with_section(PAGE, "One", "new") == PAGE.replace("1", "new")
    assert with_section(PAGE, "Two", "new") == PAGE.replace("2", "new")


def test_a_new_section_stands_at_the_end() -> None:
    assert with_section(PAGE, "Three", "3\n") == f"{PAGE}\n## Three\n\n3\n"


def test_sections_are_found_by_their_titles() -> None:
    assert sections(PAGE, ("Two", "Three")) == "\n## Two\n\n2\n"
    assert sections(PAGE, ("Two", "One")) == "\n## One\n\n1\n\n## Two\n\n2\n"
    assert sections(PAGE, ()) == ""
