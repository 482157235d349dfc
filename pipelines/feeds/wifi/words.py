"""What residents read of an access point."""

from datetime import datetime
from typing import Final

from anonymization.crowd import Crowd
from pipelines.feeds.feed import Context, Item
from pipelines.feeds.page.dates import moment
from pipelines.feeds.wifi.availability import Share
from pipelines.feeds.wifi.spans import instant
from pipelines.feeds.wifi.watch import Month, Watched
from schemas.dates import MONTHS, french_clock
from schemas.feeds import NO_TEXT, Text
from schemas.typography import NO_BREAK_SPACE

_UP: Final = Text("Working.", "En service.")
_DOWN: Final = Text("Out of order", "En panne")
_NEVER: Final = Text(
    "Not known: never heard so far. This does not mean that it is out of order.",
    "État inconnu\u00a0: jamais entendu à ce jour. Cela ne veut pas dire qu’il est en panne.",
)
_WHOLE: Final = 0.9999
"""From this coverage on nothing is said of it."""


def item(watched: Watched, crowd: Crowd | None, hour: datetime, context: Context) -> Item:
    """What the page shows of an access point; `crowd` is what may be printed of it alone, at the full hour.

    It has no hours: those of its building would show an access point that is out of order as open.
    """
    access_point = watched.access_point
    facts = [fact for month in reversed(watched.months) for fact in _availability(month)]
    if access_point.ssid:
        facts.insert(0, (Text("Network", "Réseau"), Text.same(", ".join(access_point.ssid))))
    if crowd is not None and watched.status.state == "up":
        label = Text(f"Devices connected at {hour:%H:%M}", f"Appareils connectés à {french_clock(hour)}")
        facts.append((label, Text(f"{crowd.at_least} or more", f"{crowd.at_least} ou plus")))
    return Item(
        id=access_point.id,
        title=Text.same(access_point.name),
        text=_state(watched, context),
        mark=_DOWN if watched.status.state == "down" else NO_TEXT,
        category=Text.same(access_point.building),
        place=access_point.place,
        facts=tuple(facts),
    )


def _state(watched: Watched, context: Context) -> Text:
    state, heard = watched.status.state, watched.status.heard
    if state == "up":
        return _UP
    if heard is None:
        return _NEVER
    since = instant(heard).astimezone(context.zone)
    english, french = moment(since, "en"), moment(since, "fr")
    if state == "down":
        return Text(f"Out of order: last heard {english}.", f"En panne\u00a0: dernier signe de vie le {french}.")
    return Text(
        f"Not known: nothing can be told of the network now. Last heard {english}.",
        f"État inconnu\u00a0: rien ne peut être dit du réseau en ce moment. Dernier signe de vie le {french}.",
    )


def _availability(month: Month) -> list[tuple[Text, Text]]:
    """A line for all hours and one for opening hours, where they differ; none of a month without any beat."""
    english, french = (MONTHS[language][month.start.month - 1] for language in ("en", "fr"))
    de = "d’" if french[0] in "ao" else "de "
    label = Text(f"Available in {english} {month.start.year}", f"Disponibilité {de}{french} {month.start.year}")
    if not month.whole.told:
        return [(label, Text("not known", "inconnue"))] if month.whole.period else []
    found = [(label, _shown(month.whole))]
    if month.opened.period != month.whole.period and month.opened.told:
        within = Text(f"{label.en}, in opening hours", f"{label.fr}, aux heures d’ouverture")
        found.append((within, _shown(month.opened)))
    return found


def _shown(share: Share) -> Text:
    """A share, and for how much of the time it is known, where that is not all of it."""
    available, coverage = share.available or 0.0, share.coverage or 0.0
    if coverage >= _WHOLE:
        return _percent(available)
    known, part = _percent(coverage), _percent(available)
    return Text(f"{part.en} (known for {known.en} of the time)", f"{part.fr} (connue pour {known.fr} du temps)")


def _percent(share: float) -> Text:
    """Cut after one place, so that nothing but all is 100 %."""
    tenths = int(share * 1_000)
    whole, rest = divmod(tenths, 10)
    english = f"{whole}.{rest}" if tenths < 1_000 else "100"
    return Text(f"{english}%", f"{english.replace('.', ',')}{NO_BREAK_SPACE}%")
