"""Days and times of day as residents read them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from schemas.feeds import Text

WEEKDAYS: Final = (
    Text("Monday", "lundi"),
    Text("Tuesday", "mardi"),
    Text("Wednesday", "mercredi"),
    Text("Thursday", "jeudi"),
    Text("Friday", "vendredi"),
    Text("Saturday", "samedi"),
    Text("Sunday", "dimanche"),
)
MONTHS: Final = (
    Text("January", "janvier"),
    Text("February", "février"),
    Text("March", "mars"),
    Text("April", "avril"),
    Text("May", "mai"),
    Text("June", "juin"),
    Text("July", "juillet"),
    Text("August", "août"),
    Text("September", "septembre"),
    Text("October", "octobre"),
    Text("November", "novembre"),
    Text("December", "décembre"),
)
AND: Final = Text("and", "et")
OR: Final = Text("or", "ou")


def day(of: date) -> Text:
    """A day: Friday 1 May 2026, vendredi 1er mai 2026."""
    weekday, month = WEEKDAYS[of.weekday()], MONTHS[of.month - 1]
    number = "1er" if of.day == 1 else str(of.day)
    return Text(f"{weekday.en} {of.day} {month.en} {of.year}", f"{weekday.fr} {number} {month.fr} {of.year}")


def clock(of: datetime) -> Text:
    """A time of day: 19:30, 19 h 30."""
    minutes = f"\u202f{of:%M}" if of.minute else ""
    return Text(f"{of:%H:%M}", f"{of.hour}\u202fh{minutes}")


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
