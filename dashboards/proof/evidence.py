"""Checks and attacks as tables that need no script."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from anonymization.checks.french import in_french
from anonymization.questions import QUESTIONS
from anonymization.verdict import Check
from dashboards.formats import number
from dashboards.proof.battery import Attack, Criterion, Level, Worth
from dashboards.texts import Language, Text
from schemas.attack_report import Evidence, Verdict
from schemas.typography import set_in_french

VERDICT: Final[dict[Verdict, Text]] = {
    "held": Text("held", "tient"),
    "known shortfall": Text("known shortfall", "écart connu"),
    "broken": Text("BROKEN", "CASSÉ"),
    "not attacked": Text("nothing to attack", "rien à attaquer"),
    "no evidence": Text("NO EVIDENCE", "SANS PREUVE"),
}
_MARK: Final[dict[Verdict, str]] = {
    "held": "good",
    "known shortfall": "known",
    "broken": "bad",
    "not attacked": "none",
    "no evidence": "bad",
}
PASS: Final = Text("pass", "conforme")
FAIL: Final = Text("FAIL", "ÉCHEC")
OF_CHECKS: Final = (
    Text("Verdict", "Verdict"),
    Text("Question", "Question"),
    Text("Found", "Constaté"),
    Text("Expected", "Attendu"),
    Text("To repeat it", "Pour le refaire"),
)
OF_ATTACKS: Final = (
    Text("Verdict", "Verdict"),
    Text("Attack", "Attaque"),
    Text("What the adversary knows", "Ce que sait l’adversaire"),
    Text("Measured, and the level", "Mesuré, et le niveau"),
    Text("Weakened releases", "Publications affaiblies"),
)
AT_MOST: Final = Text("{figure}: {measured}, at most {most}", "{figure} : {measured}, au plus {most}")
KNOWN: Final = Text("known to reach {most}: decision {decision}", "connu jusqu’à {most} : décision {decision}")
BROKEN: Final = Text("{broken} of {weak} broken", "{broken} sur {weak} cassées")
EVIDENCE: Final[dict[Evidence, Text]] = {
    "shown": Text("a weakened release reaches {most}", "une publication affaiblie atteint {most}"),
    "untested": Text(
        "untested: no weakened release goes beyond this level (at most {most}), so that it shows nothing",
        "non éprouvé : aucune publication affaiblie ne dépasse ce niveau (au plus {most}), il ne montre donc rien",
    ),
    "check": Text("a check of the attack itself", "un contrôle de l’attaque elle-même"),
}
NEVER_MEASURED: Final = Text(
    "untested: no weakened release gives a number, so that it shows nothing",
    "non éprouvé : aucune publication affaiblie ne donne de nombre, il ne montre donc rien",
)
NO_NUMBER: Final = Text("no number", "aucun nombre")
SEPARATED: Final = Text("{name}: {verdict}", "{name} : {verdict}")

_CODE: Final = re.compile("`([^`]+)`")
_LONG: Final = re.compile(r"(?<![\w./-])\d{4,}(?![\w./-])", re.ASCII)
"""A number with thousands, which is no date, no name and no path."""

STYLE: Final = """<style>
.hx-proof {overflow-x:auto;margin:.5rem 0 1.5rem}
.hx-proof table {border-collapse:collapse;width:100%;min-width:56rem;table-layout:fixed;font-size:.92rem;
  color:var(--hx-text)}
.hx-proof caption {text-align:left;font-size:1.1rem;font-weight:650;color:var(--hx-ink);padding:.3rem 0}
.hx-proof th, .hx-proof td {border-bottom:1px solid var(--hx-line);padding:.45rem .6rem .45rem 0;text-align:left;
  vertical-align:top;overflow-wrap:anywhere}
.hx-proof th {font-size:.85rem;color:var(--hx-muted);font-weight:600}
.hx-verdicts th:first-child {width:8rem}
.hx-figures table {min-width:34rem}
.hx-figures th:first-child {width:38%}
.hx-proof small {color:var(--hx-muted);display:block}
.hx-proof code {font-size:.8rem;overflow-wrap:anywhere}
.hx-proof small code {font-size:inherit}
.hx-good {color:var(--hx-good);font-weight:650}
.hx-known {color:var(--hx-known);font-weight:650}
.hx-bad {color:var(--hx-bad);font-weight:650}
.hx-none {color:var(--hx-muted);font-weight:650}
@media (max-width: 40rem) {
  .hx-proof table {min-width:0}
  .hx-proof thead {position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .hx-proof tr {display:block;border-bottom:1px solid var(--hx-line);padding:.45rem 0}
  .hx-proof tr td {display:block;border:0;padding:.1rem 0}
  .hx-proof td:not(:first-child)::before {content:attr(data-name);font-size:.85rem;color:var(--hx-muted);
    margin-right:.6rem}
}
</style>"""


def checks(criterion: str, found: Sequence[Check], language: Language) -> str:
    """The checks of one criterion."""
    return table(escape(criterion), OF_CHECKS, (_check(each, language) for each in found), language)


def attacks(criterion: Criterion, found: Sequence[Attack], language: Language) -> str:
    """The attacks of one criterion."""
    verdict = marked(criterion.verdict, language)
    caption = SEPARATED.say(language, name=escape(_said(criterion.name, language)), verdict=verdict)
    return table(caption, OF_ATTACKS, (_attack(each, language) for each in found), language)


def table(
    caption: str, columns: Sequence[Text], rows: Iterable[Sequence[str]], language: Language, look: str = "hx-verdicts"
) -> str:
    """A table that scrolls in a box of its own, with cells below each other on a phone; caption and cells are HTML.

    `look`: `hx-verdicts` has a narrow first column, `hx-figures` a wide one.
    """
    head = "".join(f'<th scope="col">{escape(column.say(language))}</th>' for column in columns)
    names = [f'<td data-name="{escape(column.say(language))}">' for column in columns]
    body = "".join(
        f"<tr>{''.join(f'{td}{cell}</td>' for td, cell in zip(names, row, strict=True))}</tr>" for row in rows
    )
    return (
        f'<div class="hx-proof {look}" tabindex="0"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def marked(verdict: Verdict, language: Language) -> str:
    """A verdict in its colour."""
    return f'<span class="hx-{_MARK[verdict]}">{escape(VERDICT[verdict].say(language))}</span>'


def told(text: str, language: Language) -> str:
    """What a check says, as HTML; what stands between backticks is code."""
    said = in_french(text) if language == "fr" else text
    return _coded(_LONG.sub(lambda found: number(int(found[0]), language), said.replace(" >= ", " ≥ ")))


def _coded(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _check(check: Check, language: Language) -> Sequence[str]:
    question = QUESTIONS.get(check.name)
    asks = _coded(question.asks[language]) if question else ""
    repeat = f"<code>{escape(question.command)}</code>" if question else ""
    by_hand = f"<small>{_coded(question.by_hand[language])}</small>" if question else ""
    wrong = "".join(f'<small class="hx-bad">{told(each, language)}</small>' for each in check.problems)
    tone, word = ("good", PASS) if check.passed else ("bad", FAIL)
    mark = f'<span class="hx-{tone}">{escape(word.say(language))}</span>'
    return (
        mark,
        f"{asks}<small>{escape(check.name)}</small>",
        told(check.found, language) + wrong,
        told(check.threshold, language),
        repeat + by_hand,
    )


def _attack(attack: Attack, language: Language) -> Sequence[str]:
    name = f"{attack.number} {_said(attack.name, language)}"
    built = [each for each in attack.weak_releases if each.built]
    broken = sum(each.broken for each in built)
    weak = BROKEN.say(language, broken=broken, weak=len(built)) if built else ""
    names = "".join(f"<small>{escape(_said(each.name, language))}</small>" for each in built)
    skipped = escape(_said(attack.skipped, language)) if attack.skipped else ""
    return (
        marked(attack.verdict, language),
        f"{escape(name)}<small>{escape(_said(attack.what, language))}</small>",
        escape(_said(attack.knowledge, language)),
        skipped or "".join(_level(each, language) for each in attack.levels),
        escape(weak) + names,
    )


def _level(level: Level, language: Language) -> str:
    figure, measured, most = _said(level.figure, language), _number(level.measured, language), level.most
    if level.absent:
        verdict = f"{VERDICT[level.outcome].say(language)} ({_said(level.absent, language)})"
        return f"<div>{escape(SEPARATED.say(language, name=figure, verdict=verdict))}</div>"
    said = escape(AT_MOST.say(language, figure=figure, measured=measured, most=_number(most, language)))
    known = level.known
    stated = KNOWN.say(language, most=_number(known.most, language), decision=known.decision) if known else ""
    mark = "" if level.outcome == "held" else f' class="hx-{_MARK[level.outcome]}"'
    below = (stated, _worth(level.evidence, language) if level.evidence else "")
    return f"<div{mark}>{said}</div>" + "".join(f"<small>{escape(each)}</small>" for each in below if each)


def _worth(worth: Worth, language: Language) -> str:
    text = NEVER_MEASURED if worth.verdict == "untested" and worth.most is None else EVIDENCE[worth.verdict]
    return text.say(language, most=_number(worth.most, language))


def _number(value: float | None, language: Language) -> str:
    """With as many decimals as tell something."""
    if value is None:
        return NO_NUMBER.say(language)
    return number(value, language, 0 if value.is_integer() else 3)


def _said(text: Text, language: Language) -> str:
    """A text of a report, in which braces are nothing but themselves."""
    return set_in_french(text.fr) if language == "fr" else text.en
