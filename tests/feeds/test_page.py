"""The page of residents: what it says at the moment of its build, in both languages, and what cannot harm it."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest

from pipelines.feeds import build
from pipelines.feeds.feed import Item
from pipelines.feeds.page.page import pages
from schemas.feeds import Text
from tests.feeds.made_town import ALERTS, AT, EVENTS, HOSTILE, PLACES, VALID_UNTIL, at, built, module, town
from tests.feeds.parsed_page import Element, flat, parsed, visible

NAMES = {"fr": "index.html", "en": "index.en.html"}
MINUTE = timedelta(minutes=1)


def page(language: str = "fr", of: build.Build | None = None) -> Element:
    return parsed(pages(of or town())[NAMES[language]])


def places(moment=AT, *items: Item, language: str = "fr", **kept: object) -> Element:
    made = module("places", Text("Places", "Lieux"), items or PLACES, moment, **kept)
    return page(language, built([made], moment))


def state(of: Element, name: str) -> str:
    (item,) = [each for each in visible(of) if name in each.text]
    (said,) = item.of_class("s")
    return flat(said.text)


HOSTILE_TOWN = built([module("places", Text.same("<b>Places</b>"), HOSTILE, **{'"<a>.csv': b""})])
DOCUMENTS = [
    pytest.param(pages(of)[name], id=f"{kind}-{language}")
    for kind, of in (("town", town()), ("hostile", HOSTILE_TOWN), ("empty", built([])))
    for language, name in NAMES.items()
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_is_well_formed_and_every_place_in_it_is_named_once(document: bytes) -> None:
    (html,) = parsed(document).all("html")
    every = html.all(*{name.decode() for name in re.findall(rb"<([a-z0-9]+)", document)})
    ids = [each.attributes["id"] for each in every if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    links = [each.attributes["href"] or "" for each in html.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    labels = {each.attributes["aria-labelledby"] for each in every if "aria-labelledby" in each.attributes}
    assert labels <= set(ids)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_headings_and_landmarks_are_in_order(document: bytes) -> None:
    html = parsed(document)
    levels = [int(each.name[1]) for each in html.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    assert [len(html.all(name)) for name in ("header", "main", "footer", "title")] == [1, 1, 1, 1]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_runs_nothing_but_its_own_script_and_style(document: bytes) -> None:
    html = parsed(document)
    data, script = html.all("script")
    (style,) = html.all("style")
    (policy,) = [each for each in html.all("meta") if each.attributes.get("http-equiv")]
    stated = policy.attributes["content"] or ""
    assert stated.startswith("default-src 'none';")
    for text in (script.text, style.text):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in stated
    assert data.attributes["type"] == "application/json"
    assert json.loads(data.text)["zone"] == "Europe/Paris"
    every = html.all(*{name.decode() for name in re.findall(rb"<([a-z0-9]+)", document)})
    names = {name for each in every for name in each.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("style", "src", "srcset", "action")}


def test_hostile_names_are_text_and_nothing_else() -> None:
    for language in NAMES:
        html = page(language, HOSTILE_TOWN)
        assert len(html.all("script")) == 2
        assert {each.attributes.get("class") for each in html.all("b")} == {"w", "open", "unknown"}
        assert "harmed" not in html.all("title")[0].text
        assert not html.all("img", "iframe", "object", "svg", "base")
        schemes = {
            (each.attributes["href"] or "").split(":")[0] for each in html.all("a") if ":" in str(each.attributes)
        }
        assert not {scheme for scheme in schemes if scheme in ("javascript", "data", "vbscript")}
        isolated = [each.text for each in html.all("bdi")]
        for written in ("<script>document.title='harmed'</script>", "</bdi></ul><h1>harm</h1>", "{{ 7 * 7 }}"):
            assert written in isolated
        assert [text for text in isolated if "\u202e" in text] == [HOSTILE[0].text.en]


def test_links_lead_to_files_that_are_there() -> None:
    made = town()
    written = build.files(made)
    for name in NAMES.values():
        links = [each.attributes["href"] or "" for each in parsed(written[f"dijon/{name}"]).all("a")]
        local = [link for link in links if not re.match("https?:|tel:|#", link)]
        assert any("access%20points.json" in link for link in local)
        for link in local:
            path = f"dijon/{unquote(link)}".replace("dijon/../", "")
            assert path in written or path == "manifest.json", link
    offered = {unquote(link) for link in local}
    assert {path.removeprefix("dijon/") for path in written if path.count("/") == 2} <= offered


def test_each_page_speaks_its_language_and_names_the_other() -> None:
    for language, other in (("fr", "en"), ("en", "fr")):
        html = page(language)
        assert html.all("html")[0].attributes["lang"] == language
        (link,) = [each for each in html.all("a") if each.attributes.get("hreflang")]
        assert (link.attributes["href"], link.attributes["lang"]) == (NAMES[other], other)


def test_what_stands_in_french_alone_is_marked_on_the_english_page() -> None:
    marked = {each.text for each in page("en").all("bdi") if each.attributes.get("lang") == "fr"}
    assert {"Bibliothèque", "Visite guidée"} <= marked
    assert not {"Library", "Lake festival", "Night market"} & marked
    assert [each for each in page("fr").all("bdi") if "lang" in each.attributes] == []


def test_the_same_town_makes_the_same_bytes() -> None:
    assert pages(town()) == pages(town())


def test_alerts_stand_first_and_the_others_as_the_town_orders_them() -> None:
    keys = [each.attributes["id"] for each in page().all("section")]
    assert keys == ["alerts", "places", "waste", "events", "inclusion", "wifi"]


def test_the_moment_of_the_build_is_said() -> None:
    (said,) = page("en").of_class("asof")
    assert flat(said.text) == "As of Saturday 20 June 2026, 18:00 (time of Dijon)"
    (said,) = page("fr").of_class("asof")
    assert flat(said.text) == "État au samedi 20 juin 2026 à 18 h (heure de Dijon)"


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        ("2026-06-20T09:29", "Fermé ouvre à 9 h 30", "Closed opens at 9:30"),
        ("2026-06-20T09:30", "Ouvert ferme à 12 h 30", "Open closes at 12:30"),
        ("2026-06-20T18:29", "Ouvert ferme à 18 h 30", "Open closes at 18:30"),
        ("2026-06-20T18:30", "Fermé ouvre mardi à 9 h 30", "Closed opens Tuesday at 9:30"),
        ("2026-06-22T10:00", "Fermé ouvre demain à 9 h 30", "Closed opens tomorrow at 9:30"),
        ("2026-12-30T19:00", "Fermé ouvre demain à 9 h 30", "Closed opens tomorrow at 9:30"),
        ("2026-12-31T18:30", "Fermé", "Closed"),
        ("2026-12-31T23:59", "Fermé", "Closed"),
        ("2027-01-01T00:00", "Inconnu depuis le 1er janvier 2027", "Unknown since 1 January 2027"),
        ("2027-01-05T10:00", "Inconnu depuis le 1er janvier 2027", "Unknown since 1 January 2027"),
    ],
)
def test_a_state_is_told_with_what_changes_it(moment: str, french: str, english: str) -> None:
    item = replace(PLACES[0], id="other", hours="Tu-Sa 09:30-12:30,13:30-18:30")
    assert state(places(at(moment), item), "Bibliothèque") == french
    assert state(places(at(moment), item, language="en"), "Bibliothèque") == english


@pytest.mark.parametrize(("before", "expected"), [(1, "Ouvert"), (0, "Inconnu"), (-1, "Inconnu")])
def test_a_place_is_unknown_from_the_very_instant_at_which_its_hours_stop_to_hold(before: int, expected: str) -> None:
    ends = at("2026-06-22T12:00")
    said = state(
        places(ends - before * MINUTE, replace(PLACES[1], hours="Mo-Su 10:00-23:00", valid_until=ends)), "Musée"
    )
    assert said.split()[0] == expected
    assert "23 h" not in said


def test_a_closing_that_is_only_the_end_of_what_is_known_is_not_told() -> None:
    item = replace(PLACES[3], hours="Mo-Su 00:00-24:00; Dec 25 off", valid_until=at("2026-06-21T12:00"))
    assert state(places(AT, item), "Stade") == "Ouvert"


def test_without_hours_a_place_is_unknown() -> None:
    assert state(page(), "Gymnase") == "Inconnu horaires non publiés"


def week(of: Element, name: str) -> list[tuple[str, str]]:
    (item,) = [each for each in visible(of) if name in each.text]
    return [(flat(row.all("th")[0].text), flat(row.all("td")[0].text)) for row in item.all("tr")]


def test_the_week_is_told_in_words_with_the_hours_that_today_had() -> None:
    assert week(page(), "Bibliothèque") == [
        ("Aujourd’hui", "9 h 30 – 12 h 30, 13 h 30 – 18 h 30"),
        ("dim. 21 – lun. 22", "fermé"),
        ("mar. 23 – ven. 26", "9 h 30 – 12 h 30, 13 h 30 – 18 h 30"),
    ]
    assert week(page("en"), "Café") == [
        ("Today", "20:00 – midnight"),
        ("Sun 21", "0:00 – 2:00"),
        ("Mon 22 – Fri 26", "closed"),
    ]


def test_the_week_says_unknown_for_days_that_are_not_known_to_their_end() -> None:
    assert week(page(), "Patinoire") == [
        ("Aujourd’hui", "10 h – 23 h"),
        ("dim. 21", "10 h – 23 h"),
        ("lun. 22 – ven. 26", "inconnu"),
    ]


@pytest.mark.parametrize("day", ["2026-10-24", "2027-03-27"])
def test_the_nights_on_which_the_clock_changes_have_the_hours_of_the_clock(day: str) -> None:
    moment = at(f"{day}T12:00")
    item = replace(PLACES[1], hours="Mo-Su 00:00-04:00,08:00-10:00")
    rows = week(places(moment, item, valid_until=None), "Musée")
    assert {told for _, told in rows} == {"0 h – 4 h, 8 h – 10 h"}


def test_exceptional_hours_are_told_with_their_reason_until_they_are_over() -> None:
    (said,) = visible(page(), "c")
    assert flat(said.text) == "Horaires exceptionnels du 24 juin au 26 juin : inventaire"
    told = {
        moment: [flat(each.text) for each in visible(places(at(moment), language="en"), "c")]
        for moment in ("2026-06-09T23:59", "2026-06-10T00:00", "2026-06-26T23:59", "2026-06-27T00:00")
    }
    english = "Exceptional hours from 24 June to 26 June: stocktaking"
    assert [told[moment] for moment in sorted(told)] == [[], [english], [english], []]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-06-21T01:59", ["Festival du lac"]), ("2026-06-21T02:00", []), ("2026-06-21T02:01", [])],
)
def test_an_event_is_there_until_it_ends(moment: str, expected: list[str]) -> None:
    made = built([module("events", Text("Events", "Sorties"), EVENTS[:1], at(moment))], at(moment))
    assert [flat(each.of_class("n")[0].text) for each in visible(page(of=made))] == expected


def test_an_alert_is_there_until_it_stops_to_hold_and_then_there_is_nothing_to_report() -> None:
    for moment, count in (("2026-06-20T19:59", 2), ("2026-06-20T20:00", 1), ("2026-06-21T06:00", 0)):
        html = page(of=built([module("alerts", Text("Alerts", "Alertes"), ALERTS, at(moment))], at(moment)))
        assert (len(visible(html)), len(visible(html, "none"))) == (count, 0 if count else 1)


@pytest.mark.parametrize(
    ("starts", "ends", "told"),
    [
        ("2026-07-01T00:00", "2026-07-02T00:00", "mercredi 1er juillet"),
        ("2026-07-01T00:00", "2026-07-03T00:00", "du mercredi 1er juillet au jeudi 2 juillet"),
        ("2026-07-01T00:00", "2026-07-02T00:01", "du mercredi 1er juillet à 0 h au jeudi 2 juillet à 0 h 01"),
        ("2026-07-01T00:01", "2026-07-03T00:00", "du mercredi 1er juillet à 0 h 01 au vendredi 3 juillet à 0 h"),
    ],
)
def test_what_lasts_from_midnight_to_midnight_is_told_in_days(starts: str, ends: str, told: str) -> None:
    item = Item("a", Text.same("Fête"), starts=at(starts), ends=at(ends))
    (shown,) = visible(page("fr", built([module("events", Text("Events", "Agenda"), (item,), AT)])))
    assert flat(shown.text).startswith(f"Fête {told}")


def test_a_cancelled_event_says_so_beside_its_name() -> None:
    assert flat(page().of_class("w")[0].text) == "Annulé"
    assert "Night market Cancelled Friday 26 June, 19:00 – 23:30" in flat(page("en").text)


def test_what_happens_at_a_time_stands_in_one_list_with_its_category() -> None:
    (events,) = [each for each in page("en").all("section") if each.attributes["id"] == "events"]
    assert [flat(each.text) for each in events.of_class("n")][:2] == ["Lake festival Culture", "Night market Cancelled"]
    assert [each.text for each in events.all("option")] == ["All", "Culture", "Others", "Sport and leisure"]
    assert events.all("h3") == []


def test_each_sector_has_its_next_dates_and_its_calendar() -> None:
    (north,) = [each for each in page().of_class("p") if each.attributes["id"] == "waste-secteur-nord"]
    dates = [flat(each.text) for each in north.all("time") if not each.hidden]
    assert dates[:2] == ["lundi 22 juin", "lundi 29 juin"]
    assert dates[-1] == "mercredi 19 août à 6 h"
    assert [each.attributes["href"] for each in north.all("a")] == ["waste/secteur-nord.ics"]


def test_a_section_that_is_out_of_date_says_since_when() -> None:
    last = VALID_UNTIL
    for moment, count in (("2026-12-31T23:59", 0), ("2027-01-01T00:00", 1)):
        html = places(at(moment), valid_until=last)
        said = [each for each in visible(html, "u") if "rubrique" in each.text]
        assert len(said) == count
    assert flat(said[0].text) == "Cette rubrique n’est plus à jour : inconnu depuis le 1er janvier 2027."


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33380000108", "+33 3 80 00 01 08"),
        ("+3338000010", "+3338000010"),
        ("+333800001080", "+333800001080"),
        ("+49380000108", "+49380000108"),
    ],
)
def test_a_french_number_is_read_in_pairs_and_called_whole(number: str, shown: str) -> None:
    item = Item("n", Text.same("Gare"), facts=((Text("Telephone", "Téléphone"), Text.same(number)),))
    (link,) = visible(places(AT, item))[0].all("dd")[0].all("a")
    assert (flat(link.text), link.attributes["href"]) == (shown, f"tel:{number}")


def test_what_holds_no_more_hides_its_lines_and_says_unknown() -> None:
    item = Item("w", Text.same("Gare"), facts=((Text("State", "État"), Text("Up", "En service")),))
    item = replace(item, valid_until=at("2026-06-20T18:00"))
    (shown,) = visible(places(AT, item))
    assert [each.hidden for each in shown.all("dl")] == [True]
    assert [flat(each.text) for each in visible(shown, "u")] == ["Inconnu depuis le 20 juin 2026 à 18 h"]


def test_a_page_of_fifty_places_is_small() -> None:
    many = [replace(PLACES[number % len(PLACES)], id=str(number)) for number in range(50)]
    sizes = [len(data) for data in pages(built([module("places", Text("Places", "Lieux"), many)])).values()]
    assert max(sizes) < 60_000


def test_many_places_are_folded_by_category_and_share_their_schedules() -> None:
    many = [replace(PLACES[number % 2 * 2], id=str(number)) for number in range(13)]
    for count in (12, 13):
        html = places(AT, *many[:count])
        folded = [each for each in html.of_class("p") if each.children[0].name == "details"]
        assert len(folded) == (2 if count > 12 else 0)
        assert len(json.loads(html.all("script")[0].text)["schedules"]) == 2
    assert [flat(each.text) for each in html.of_class("o")] == ["7 ouverts", "aucun ouvert"]
