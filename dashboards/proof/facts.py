"""What the manifest of a release states: its chain, its keys, what made it, and what its privacy cost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from anonymization.entries import KEY_DESTROYED, OF_DAYS, Entry
from anonymization.guarantee import HORIZONS
from anonymization.manifest import read_chain
from anonymization.released import Day
from anonymization.zcdp import epsilon_of, worst_rho
from dashboards import formats, texts
from dashboards.exports.taken import Sheet
from dashboards.proof import evidence
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("What the manifest states", "Ce que déclare le manifeste")
STATED: Final = (
    Text("Last entry of the chain (SHA-256)", "Dernière entrée de la chaîne (SHA-256)"),
    Text("Entries, each signed and bound to the one before", "Entrées, chacune signée et liée à la précédente"),
    Text("Zones (SHA-256)", "Zones (SHA-256)"),
    Text("Software", "Logiciel"),
    Text("Sources of the software (SHA-256)", "Sources du logiciel (SHA-256)"),
)
FACT: Final = (Text("Fact", "Fait"), Text("Stated", "Déclaré"))
DAYS: Final = Text("Days, and the life of their keys", "Les jours, et la vie de leurs clés")
OF_A_DAY: Final = (
    texts.DAY,
    Text("Key", "Clé"),
    Text("Made (UTC)", "Créée (UTC)"),
    Text("Destroyed (UTC)", "Détruite (UTC)"),
    Text("Entry written (UTC)", "Entrée écrite (UTC)"),
)
NOT_YET: Final = Text("not stated", "non déclarée")
LEDGER: Final = Text("What privacy has cost", "Ce que la vie privée a coûté")
LEDGER_MEANS: Final = Text(
    "Differential privacy: the epsilon of one device at delta {delta}, at most {budget} in any 365 days in a row.",
    "Confidentialité différentielle : l’epsilon d’un appareil à delta {delta}, au plus {budget} en 365 jours de suite.",
)
OF_LEDGER: Final = (
    Text("Days in a row", "Jours de suite"),
    Text("Epsilon at worst, in this release", "Epsilon au pire, dans cette publication"),
)


@dataclass(frozen=True)
class DayKey:
    """A privacy day, its key and when this was made and destroyed; an empty text is what no entry states."""

    day: str
    key_id: str
    made: str
    destroyed: str
    written: str


def stated(root: Path, head: str) -> list[Entry]:
    """The entries of a release up to that with a SHA-256; what came to it later is left out."""
    entries = read_chain(root)
    last = next((place for place, entry in enumerate(entries, 1) if entry.sha256 == head), len(entries))
    return entries[:last]


def keys_of(entries: Sequence[Entry]) -> list[DayKey]:
    """One for each privacy day, in order, as the last of its entries states it."""
    destroyed = {str(each.privacy_day): _of_key(each, "destroyed_at") for each in entries if each.kind == KEY_DESTROYED}
    days = {str(each.privacy_day): each for each in entries if each.kind in OF_DAYS}
    return [
        DayKey(
            day,
            _of_key(each, "key_id"),
            _of_key(each, "created_at"),
            destroyed.get(day, ""),
            str(each.body.get("created_at", "")),
        )
        for day, each in sorted(days.items())
    ]


def spent(days: Sequence[Day]) -> pd.DataFrame:
    """One row per number of days in a row: what the worst of them cost a device; none without a guarantee."""
    costs = [(day.date, day.terms.dp) for day in days if day.terms.dp is not None]
    delta = max((each.delta for _, each in costs), default=0.0)
    rhos = [(day, each.rho) for day, each in costs]
    rows = [(horizon, epsilon_of(worst_rho(rhos, horizon), delta)) for horizon in HORIZONS if rhos]
    return pd.DataFrame(rows, columns=["days", "epsilon"])


def show(view: View) -> list[Sheet]:
    """Show what is stated, and the ledger where there is one; what can be taken away of it."""
    entries = stated(view.store.release.root, view.store.release.head)
    st.subheader(view.say(TITLE), anchor=False)
    values = _values(view, entries)
    rows = [(escape(text.say(view.language)), f"<code>{escape(value)}</code>") for text, value in values]
    st.html(evidence.table("", FACT, rows, view.language, "hx-figures"))
    keys = keys_of(entries)
    with st.expander(view.say(DAYS), icon=":material/key:"):
        st.html(evidence.table("", OF_A_DAY, [_key_row(view, each) for each in keys], view.language))
    sheets = [Sheet("keys", view.say(DAYS), pd.DataFrame([asdict(each) for each in keys]))]
    costs = spent(view.store.release.days)
    if not costs.empty:
        sheets.append(_ledger(view, costs))
    return sheets


def _values(view: View, entries: Sequence[Entry]) -> list[tuple[Text, str]]:
    """The facts of the release as a whole; of the software that of the last day."""
    last = next((each for each in reversed(entries) if each.kind in OF_DAYS), None)
    software = {} if last is None else last.block("software")
    made = " · ".join(str(software[name]) for name in ("version", "commit") if software.get(name))
    zones = str(view.day.terms.zones_sha256)
    found = (view.store.release.head, view.number(len(entries)), zones, made, str(software.get("sources_sha256", "")))
    return list(zip(STATED, found, strict=True))


def _key_row(view: View, key: DayKey) -> tuple[str, ...]:
    day = formats.short_date(date.fromisoformat(key.day), view.language)
    times = (_moment(each) or view.say(NOT_YET) for each in (key.made, key.destroyed, key.written))
    return (escape(day), f"<code>{escape(key.key_id)}</code>", *(escape(each) for each in times))


def _ledger(view: View, costs: pd.DataFrame) -> Sheet:
    guarantee = next(day.terms.dp for day in reversed(view.store.release.days) if day.terms.dp is not None)
    st.subheader(view.say(LEDGER), anchor=False)
    delta, budget = f"{guarantee.delta:g}", view.number(guarantee.budget_epsilon, 2)
    st.caption(view.say(LEDGER_MEANS, delta=delta, budget=budget))
    rows = [(view.number(row["days"]), view.number(row["epsilon"], 2)) for _, row in costs.iterrows()]
    st.html(evidence.table("", OF_LEDGER, rows, view.language, "hx-figures"))
    return Sheet("ledger", view.say(LEDGER), costs)


def _of_key(entry: Entry, name: str) -> str:
    return str(entry.block("key").get(name, ""))


def _moment(stated: str) -> str:
    """An instant of the manifest (ISO 8601, UTC) as it is read: day and time."""
    return stated.replace("T", " ").removesuffix("Z")
