"""Days and times of day as residents read them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from pipelines.feeds.page import dates
from schemas.dates import DAYS
from schemas.feeds import Text

WEEKDAYS: Final = tuple(Text(en, fr) for en, fr in zip(DAYS["en"], DAYS["fr"], strict=True))
"""From Monday, 0."""
AND: Final = Text("and", "et")
OR: Final = Text("or", "ou")


def day(of: date) -> Text:
    """A day: Friday 1 May 2026, vendredi 1er mai 2026."""
    return Text(dates.long(of, "en"), dates.long(of, "fr"))


def clock(of: datetime) -> Text:
    """A time of day: 19:30, 19 h 30."""
    return Text(dates.clock(of, "en"), dates.clock(of, "fr"))


def listed(texts: Sequence[Text], word: Text = AND) -> Text:
    """Texts one after the other, a word before the last one."""
    if len(texts) < 2:
        return texts[0]
    head = Text(", ".join(text.en for text in texts[:-1]), ", ".join(text.fr for text in texts[:-1]))
    return Text(f"{head.en} {word.en} {texts[-1].en}", f"{head.fr} {word.fr} {texts[-1].fr}")


def weekly(weekdays: Sequence[int], every: int) -> Text:
    """A weekly rhythm, weekdays from Monday, 0: every Tuesday and Friday, chaque mardi et vendredi."""
    days = listed([WEEKDAYS[weekday] for weekday in weekdays])
    if every == 1:
        return Text(f"every {days.en}", f"chaque {days.fr}")
    return Text(f"{days.en}, every {every} weeks", f"{days.fr}, toutes les {every} semaines")
