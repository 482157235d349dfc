"""What stands around every page: what must be known before the figures, and how they can be verified."""

from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from anonymization.released import Release
from dashboards import degraded, formats, slots, texts
from dashboards.view import View
from schemas.vocabulary import SEPARATOR


def title(text: str) -> None:
    """The heading of a page that is not of one zone and day."""
    st.html(f'<div role="heading" aria-level="1" class="hx-zone">{escape(text)}</div>')


def heading(view: View, *, presence: bool = True) -> None:
    """The event or the zone, the line that frames every page, and what must be known before any figure.

    `presence`: whether what a silent mast takes from presence is to be known.
    """
    title = view.zone.name if view.event is None else view.event.name
    st.html(
        f'<div role="heading" aria-level="1" class="hx-zone">{escape(title)}</div>'
        f'<div class="hx-when">{frame(view)}</div>'
    )
    if not view.day.over:
        st.info(view.say(texts.STILL_OPEN), icon=":material/schedule:")
    if presence:
        degraded.warn(view)
    if view.zone.sensitive:
        st.info(view.say(texts.SENSITIVE), icon=":material/shield:")
    if view.day.terms.zones_sha256 != view.store.release.days[-1].terms.zones_sha256:
        st.warning(view.say(texts.OTHER_ZONES), icon=":material/edit_location:")


def frame(view: View) -> str:
    """The line, as HTML: zone, period, k, epsilon if there is one, the release, and whether people are simulated."""
    terms, kind = view.day.terms, texts.kind_name(view.zone.kind, view.language)
    place = kind[:1].upper() + kind[1:] if view.event is None else view.zone.name
    epsilon = "" if terms.dp is None else view.say(texts.EPSILON, epsilon=view.number(terms.dp.epsilon, 2))
    said = (place, when(view), view.say(texts.THRESHOLD), epsilon)
    simulated = f"<b>{escape(view.say(texts.SIMULATED))}</b>" if view.store.release.test else ""
    return " · ".join(each for each in (*map(escape, said), _release(view), simulated) if each)


def when(view: View) -> str:
    """The hours of the event, or the day, or the days that the figures are of."""
    if view.period:
        return view.period
    if view.event is None:
        first, last = slots.starts(view.day)[0], slots.end(view.day)
        day = formats.long_date(view.day.date, view.language)
        return view.say(texts.WHOLE_DAY, day=day, start=view.clock(first), end=view.clock(last))
    timezone = ZoneInfo(view.day.timezone)
    start, end = view.event.start.astimezone(timezone), view.event.end.astimezone(timezone)
    first_day, last_day = (formats.long_date(moment.date(), view.language) for moment in (start, end))
    text = texts.EVENT_DAY if first_day == last_day else texts.EVENT_DAYS
    return view.say(text, day=first_day, start=view.clock(start), last=last_day, end=view.clock(end))


def _release(view: View) -> str:
    """The release by the head of its chain, which leads to what was verified of it."""
    head = escape(view.say(texts.RELEASE, head=view.store.release.head[:12]))
    return f'<a href="{escape(view.link("audit"))}">{head}</a>'


def together(view: View, zone_id: str) -> None:
    """Say so where a figure is that of several zones."""
    if SEPARATOR in zone_id:
        st.info(view.say(texts.TOGETHER, zones=formats.unmarked(view.area(zone_id))), icon=":material/join:")


def not_split(view: View, zone_id: str) -> None:
    """What is shown in place of the split of a part that has none."""
    if view.day.terms.dp is not None:
        st.info(view.say(texts.NOISY_ONLY), icon=":material/blur_on:")
        return
    sensitive = any(view.store.zones[each].sensitive for each in zone_id.split(SEPARATOR) if each in view.store.zones)
    if not sensitive:
        not_published(view)
    elif not view.zone.sensitive:
        st.info(view.say(texts.WITH_SENSITIVE), icon=":material/shield:")


def not_published(view: View) -> None:
    """What is shown in place of a figure that there is not; the heading tells of a day that is not over."""
    if view.day.over:
        st.info(view.say(texts.NOT_PUBLISHED), icon=":material/visibility_off:")


def no_figure(view: View) -> None:
    """What is shown where none of the figures of a page was published."""
    st.info(view.say(texts.NO_FIGURE), icon=":material/visibility_off:")


def interval_covers(view: View) -> None:
    """What an interval says and does not say; stands below the figures of every page that shows intervals."""
    st.caption(view.say(texts.INTERVAL_COVERS))


def footer(release: Release, view: View, *, counted: bool = True) -> None:
    """What is shown, and how anybody can verify it; `counted`: whether the page has figures of the release."""
    note = texts.NOTE_OF_MEAN if view.period else texts.NOTE
    st.caption(view.say(note if counted else texts.NOTE_OF_FEEDS))
    first, last = release.days[0].date, release.days[-1].date
    text = texts.FOOTER_ONE_DAY if first == last else texts.FOOTER
    dates = {name: formats.short_date(day, view.language) for name, day in (("first", first), ("last", last))}
    when = view.store.read_at.astimezone(ZoneInfo(view.day.timezone))
    read = view.say(texts.READ_AT, day=formats.short_date(when.date(), view.language), time=view.clock(when))
    said = f"{view.say(text, release=release.release_id, head=release.head[:12], **dates)} · {read}"
    st.html(f'<div class="hx-foot">{escape(said)}</div>')
    with st.expander(view.say(texts.HOW_TO_VERIFY), icon=":material/verified_user:"):
        st.markdown(view.say(texts.VERIFY))
        st.code(
            f"hexaflux audit {release.root.name or 'RELEASE'}{' --allow-test' if release.test else ''}",
            language="shell",
        )
        st.markdown(view.say(texts.VERIFY_MORE))
