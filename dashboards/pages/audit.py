"""The page of privacy and audit: what was verified, what attacks found, what is hidden, and how to repeat it all."""

import json
import shlex
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from anonymization.entries import STATEMENTS
from anonymization.own_folder import usual_folder
from anonymization.passed import Verified, forget, verified
from anonymization.questions import QUESTIONS
from anonymization.report import CRITERIA, by_criterion, to_html, to_json
from anonymization.verdict import Report
from dashboards import formats
from dashboards.exports import buttons
from dashboards.exports.taken import Taken
from dashboards.formats import unmarked
from dashboards.page import Page
from dashboards.proof import counts, criteria, evidence, facts
from dashboards.proof.battery import Battery, read_battery
from dashboards.texts import Text
from dashboards.view import View
from schemas.errors import InputError

VERIFIED: Final = Text("What the verifier found", "Ce que le vérificateur a constaté")
SOUND: Final = Text(
    "No check of this release found anything wrong: {checks} checks of its own files, without raw data.",
    "Aucun contrôle de cette publication n’a rien trouvé : {checks} contrôles de ses propres fichiers, sans données "
    "brutes.",
)
WRONG: Final = Text(
    "{failed} of {checks} checks found something wrong with this release.",
    "{failed} contrôles sur {checks} ont trouvé quelque chose d’anormal dans cette publication.",
)
NOTES: Final = Text("To be known, without being wrong:", "À savoir, sans que ce soit anormal :")
STATED: Final = Text("What was done to the figures, in words", "Ce qui a été fait des chiffres, en mots")
ATTACKED: Final = Text("What attacks on it found", "Ce que des attaques ont donné")
EXPLAINED: Final = Text(
    "Each attack was carried out with all that it says it knows, and measured against levels that were set "
    "beforehand. Most look at this release of simulated people. Those that need worlds with and without a person, "
    "halves of the people or a night that no release holds (T8, T9, T18, the still night of T16) measure releases "
    "that are rebuilt from the same people under the same policy. Each was then repeated on releases that were "
    "weakened on purpose, which it must break: else that this one held would say nothing.",
    "Chaque attaque a été menée avec tout ce qu’elle dit connaître, et mesurée par rapport à des niveaux fixés "
    "d’avance. La plupart portent sur cette publication de personnes simulées. Celles qui demandent des mondes avec "
    "et sans une personne, des moitiés de la population ou une nuit qu’aucune publication ne contient (T8, T9, T18, "
    "la nuit immobile de T16) mesurent des publications reconstruites à partir des mêmes personnes selon les mêmes "
    "règles. Chacune a ensuite été répétée sur des publications affaiblies exprès, qu’elle doit casser : sinon, que "
    "celle-ci tienne ne dirait rien.",
)
HELD: Final = Text(
    "The release held against every attack, but for what is known and stated.",
    "La publication a tenu face à chaque attaque, à ce qui est connu et déclaré près.",
)
FAILED: Final = Text(
    "An attack went beyond its level, or broke no weakened release.",
    "Une attaque a dépassé son niveau, ou n’a cassé aucune publication affaiblie.",
)
UNTESTED: Final = Text(
    "Levels that no weakened release goes beyond: {untested} of {levels}. That this one keeps them shows nothing.",
    "Niveaux qu’aucune publication affaiblie ne dépasse : {untested} sur {levels}. Que celle-ci les "
    "tienne ne montre rien.",
)
NOT_RUN: Final = Text(
    "No report of the attack battery stands beside this release. It attacks releases of simulated people, marked as "
    "tests, and writes its report beside them:",
    "Aucun rapport de la batterie d’attaques ne se trouve à côté de cette publication. Elle attaque des publications "
    "de personnes simulées, marquées comme essais, et écrit son rapport à côté d’elles :",
)
OUTDATED: Final = Text(
    "The report of the attack battery is of another state of this release. To repeat it:",
    "Le rapport de la batterie d’attaques porte sur un autre état de cette publication. Pour la refaire :",
)
UNREADABLE: Final = Text(
    "The report of the attack battery cannot be read. To repeat it:",
    "Le rapport de la batterie d’attaques est illisible. Pour la refaire :",
)


NEVER: Final = Text("What is never shown", "Ce qui n’est jamais montré")
NEVER_SHOWN: Final = (
    Text(
        "events, identifiers, pseudonyms, and any place of one device",
        "les événements, les identifiants, les pseudonymes, et tout lieu d’un seul appareil",
    ),
    Text("a count of fewer than {k} {unit}", "un effectif de moins de {k} {unit}"),
    Text("anything that links two days of a person", "tout ce qui relie deux jours d’une personne"),
    Text(
        "different people over several days: days may be compared, and not added up",
        "des personnes différentes sur plusieurs jours : les jours se comparent, et ne s’additionnent pas",
    ),
    Text(
        "anything finer than the day’s total of a sensitive place",
        "quoi que ce soit de plus fin que le total du jour d’un lieu sensible",
    ),
    Text(
        "weights, medians, or the smallest or greatest value of a part",
        "les poids, les médianes, la plus petite ou la plus grande valeur d’un secteur",
    ),
)
REPEAT: Final = Text("To repeat all of this", "Pour tout refaire")
VERIFIED_AT: Final = Text(
    "These checks were carried out on {day} at {time}; neither the files nor the verifier have changed since. Files "
    "that change afterwards are verified again before anything more is shown.",
    "Ces contrôles ont été menés le {day} à {time} ; ni les fichiers ni le vérificateur n’ont changé depuis. Des "
    "fichiers qui changent ensuite sont vérifiés à nouveau avant que rien d’autre ne soit montré.",
)
VERIFYING: Final = Text("{checks} checks are verified…", "{checks} contrôles sont en cours…")
AGAIN: Final = Text("Verify again now", "Vérifier à nouveau")
AS_JSON: Final = Text("The audit as JSON", "L’audit en JSON")
AS_HTML: Final = Text("The audit as a page", "L’audit en page HTML")


def render(view: View) -> None:
    """Show the page."""
    st.html(evidence.STYLE)
    release = view.store.release
    battery, why = _battery(view)
    with st.spinner(view.say(VERIFYING, checks=len(QUESTIONS))):
        found = _verified(str(release.root), release.head)
    report = found.report
    _show_verdict(found, view)
    st.html(criteria.lines(report, battery, view.language))
    sheets = [counts.show_pooling(view)]
    sheet, picture = counts.show_counts(view)
    sheets += [sheet, *facts.show(view)]
    st.subheader(view.say(VERIFIED), anchor=False)
    _show_audit(report, view)
    _show_statement(view)
    st.subheader(view.say(ATTACKED), anchor=False)
    if battery is None:
        _show_how(view, why)
    else:
        _show_battery(battery, view)
    st.subheader(view.say(NEVER), anchor=False)
    st.markdown("\n".join(f"- {view.say(each)}" for each in NEVER_SHOWN))
    st.subheader(view.say(REPEAT), anchor=False)
    st.code(_commands(view), language="shell")
    _offer_audit(report, view)
    buttons.offer(view, Taken(buttons.name_of_files("audit", view), buttons.origin(view), sheets, [picture]))


def _battery(view: View) -> tuple[Battery | None, Text]:
    """The report of the battery on the release as it stands; without one, why there is none."""
    try:
        battery = read_battery(view.store.release.root)
    except InputError:
        return None, UNREADABLE
    if battery is None:
        return None, NOT_RUN
    return (battery, HELD) if battery.head == view.store.release.head else (None, OUTDATED)


@st.cache_data(show_spinner=False)
def _verified(root: str, head: str) -> Verified:
    """The audit of the release in a folder, as it was verified at the start; `head` tells its states apart."""
    del head
    return verified(Path(root), usual_folder())


def _again(root: Path) -> None:
    """Let the release be audited once more."""
    forget(root, usual_folder())
    _verified.clear()


def _show_verdict(found: Verified, view: View) -> None:
    """What came of all checks, when, and a button to verify again."""
    report = found.report
    failed = sum(not check.passed for check in report.checks)
    text = view.say(SOUND if report.verdict else WRONG, checks=len(report.checks), failed=failed)
    (st.success if report.verdict else st.error)(text, icon=":material/verified_user:")
    when = found.at.astimezone(ZoneInfo(view.day.timezone))
    day = formats.short_date(when.date(), view.language)
    st.caption(view.say(VERIFIED_AT, day=day, time=view.clock(when)))
    st.button(view.say(AGAIN), icon=":material/refresh:", on_click=_again, args=(view.store.release.root,))


def _show_audit(report: Report, view: View) -> None:
    for criterion, checks in by_criterion(report):
        name = CRITERIA.get(criterion, {view.language: criterion})[view.language]
        st.html(evidence.checks(name, checks, view.language))
    told = to_json(report)["notes_fr" if view.language == "fr" else "notes"]
    notes = told if isinstance(told, list) else []
    if notes:
        st.markdown("\n".join([view.say(NOTES), "", *(f"- {unmarked(str(note))}" for note in notes)]))


def _commands(view: View) -> str:
    """The commands that verify, attack and ask the release again."""
    release = view.store.release
    name, test = release.root.name or "RELEASE", " --allow-test" if release.test else ""
    day, zone = view.day.date.isoformat(), view.zone.zone_id
    return "\n".join(
        (
            f"hexaflux audit {name}{test} --format html --report audit.html",
            f"hexaflux attack {name} --truth DIR",
            f"hexaflux query {name} attendance --zone {shlex.quote(zone)} --day {day}",
            f"hexaflux query {name} pooling",
            f"hexaflux query {name} counts",
        )
    )


def _offer_audit(report: Report, view: View) -> None:
    """The audit to take away."""
    name = f"hexaflux-audit-{view.store.release.head[:12]}"
    with st.container(horizontal=True):
        data = json.dumps(to_json(report), ensure_ascii=False, indent=1)
        st.download_button(view.say(AS_JSON), data, f"{name}.json", "application/json", on_click="ignore")
        st.download_button(view.say(AS_HTML), to_html(report), f"{name}.html", "text/html", on_click="ignore")


def _show_statement(view: View) -> None:
    with st.expander(view.say(STATED), icon=":material/description:"):
        st.markdown(view.store.release.statements()[Path(STATEMENTS[view.language]).name].decode())


def _show_battery(battery: Battery, view: View) -> None:
    st.caption(view.say(EXPLAINED))
    if battery.passed:
        st.success(view.say(HELD), icon=":material/shield:")
    else:
        st.error(view.say(FAILED), icon=":material/gpp_bad:")
    found = battery.summary
    if found.levels_untested:
        st.caption(view.say(UNTESTED, untested=found.levels_untested, levels=found.levels))
    for criterion in battery.criteria:
        attacks = [each for each in battery.attacks if each.criterion == criterion.criterion]
        st.html(evidence.attacks(criterion, attacks, view.language))


def _show_how(view: View, text: Text) -> None:
    st.info(view.say(text), icon=":material/science:")
    st.code(f"hexaflux attack {view.store.release.root.name or 'RELEASE'} --truth DIR", language="shell")


PAGE = Page("audit", Text("Privacy & audit", "Confidentialité & audit"), ":material/fact_check:", 7, render)
