"""The page of evidence: what the verifier found in the release, what it states, and what attacks on it found."""

from pathlib import Path
from typing import Final

import streamlit as st

from anonymization.audit import audit
from anonymization.entries import STATEMENTS
from anonymization.report import CRITERIA, by_criterion, to_json
from anonymization.verdict import Report
from dashboards import evidence
from dashboards.battery import Battery, read_battery
from dashboards.formats import unmarked
from dashboards.page import Page
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


def render(view: View) -> None:
    """Show the page."""
    st.html(evidence.STYLE)
    st.subheader(view.say(VERIFIED), anchor=False)
    _show_audit(_audited(str(view.store.release.root), view.store.release.head), view)
    _show_statement(view)
    st.subheader(view.say(ATTACKED), anchor=False)
    try:
        battery = read_battery(view.store.release.root)
    except InputError:
        _show_how(view, UNREADABLE)
        return
    if battery is None:
        _show_how(view, NOT_RUN)
    elif battery.head != view.store.release.head:
        _show_how(view, OUTDATED)
    else:
        _show_battery(battery, view)


@st.cache_data(show_spinner=True)
def _audited(root: str, head: str) -> Report:
    """The audit of the release in a folder; `head` tells its states apart."""
    del head
    return audit(Path(root), allow_test=True)


def _show_audit(report: Report, view: View) -> None:
    failed = sum(not check.passed for check in report.checks)
    text = view.say(SOUND if report.verdict else WRONG, checks=len(report.checks), failed=failed)
    (st.success if report.verdict else st.error)(text, icon=":material/verified_user:")
    for criterion, checks in by_criterion(report):
        name = CRITERIA.get(criterion, {view.language: criterion})[view.language]
        st.html(evidence.checks(name, checks, view.language))
    told = to_json(report)["notes_fr" if view.language == "fr" else "notes"]
    notes = told if isinstance(told, list) else []
    if notes:
        st.markdown("\n".join([view.say(NOTES), "", *(f"- {unmarked(str(note))}" for note in notes)]))


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


PAGE = Page("audit", Text("Evidence", "Preuves"), ":material/fact_check:", 7, render)
