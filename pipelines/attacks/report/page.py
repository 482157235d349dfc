"""The report as one page that asks the network for nothing, in English and French."""

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from anonymization.entries import Language
from pipelines.attacks.finding import Criterion, Finding, Level, Words
from pipelines.attacks.report import texts
from pipelines.attacks.report.attacked import CRITERIA, Attacked, outcome, verdict, worst
from pipelines.attacks.report.limits import LIMITS
from pipelines.attacks.report.picture import picture
from pipelines.attacks.report.text import allowed, heading, summary, weak_verdict, worth
from pipelines.attacks.report.texts import LANGUAGES, number, numbers, phrase, say
from schemas.attack_report import Verdict

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h1{margin:0}h2{margin:2.5rem 0 .2rem;border-top:2px solid #1b1b1b;padding-top:.8rem}h2+p{color:#555;margin:0}"
    "h3{margin:1.6rem 0 .3rem}dl{display:grid;grid-template-columns:8rem 1fr;margin:0 0 .5rem}dt{color:#555}"
    "dd{margin:0}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ddd;padding:.35rem .6rem "
    ".35rem 0;text-align:left;vertical-align:middle}th,td small,.legend{font-size:.85rem;color:#555}ul{margin:.3rem 0}"
    "td:nth-child(4){min-width:5.5rem}"
    ".verdict{font-size:1.2rem;padding:.6rem .8rem;border-left:.4rem solid}.good{color:#0a5c2b;font-weight:bold}"
    ".known{color:#8a5200;font-weight:bold}.bad{color:#a3001b;font-weight:bold}.none{color:#555;font-weight:bold}"
    "section+section{margin-top:4rem}@media print{section+section{break-before:page}}"
    "@media (max-width:48rem){table{display:block;overflow-x:auto}}"
)
_CLASS: Final[dict[Verdict, str]] = {
    "held": "good",
    "known shortfall": "known",
    "broken": "bad",
    "no evidence": "bad",
    "not attacked": "none",
}
_COLUMNS: Final = (texts.FIGURE, Words("", ""), texts.MEASURED, texts.LEVEL, texts.OUTCOME, texts.WORTH, texts.SOURCE)


def to_html(attacked: Attacked) -> str:
    """The report as one page, first in English, then in French."""
    sections = "".join(_section(attacked, language) for language in LANGUAGES)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{texts.TITLE.en}</title><style>{_STYLE}</style></head>\n<body>\n{sections}</body></html>\n"
    )


def _section(attacked: Attacked, language: Language) -> str:
    criteria = "".join(_criterion(criterion, attacked, language) for criterion in CRITERIA)
    mark = "good" if attacked.report.passed else "bad"
    limits = "".join(f"<li>{escape(say(limit, language))}</li>" for limit in LIMITS)
    return (
        f'<section lang="{language}"><h1>{say(texts.TITLE, language)}</h1>'
        f"<p>{'<br>'.join(map(escape, heading(attacked, language)))}</p>"
        f'<p class="verdict {mark}">{escape(summary(attacked, language))}</p>'
        f'<p class="legend">{escape(say(texts.LEGEND, language))}</p>{criteria}'
        f"<h2>{escape(say(texts.LIMITS, language))}</h2><ul>{limits}</ul></section>\n"
    )


def _criterion(criterion: Criterion, attacked: Attacked, language: Language) -> str:
    found = attacked.of(criterion)
    attacks = "".join(_attack(each, language) for each in found)
    return (
        f"<h2>{escape(say(texts.CRITERION[criterion], language))}{_colon(language)}{_mark(worst(found), language)}</h2>"
        f"<p>{escape(say(texts.MEANING[criterion], language))}</p>{attacks}"
    )


def _attack(finding: Finding[Any], language: Language) -> str:
    attack, found = finding.attack, finding.found
    said = {
        texts.WHAT: say(attack.what, language),
        texts.KNOWLEDGE: say(attack.knowledge, language),
        texts.CONTROL: say(attack.control, language),
        texts.TRIED: numbers(found.tried, language),
        texts.VERDICT["not attacked"]: say(found.skipped, language) if found.skipped else "",
    }
    terms = "".join(f"<dt>{say(name, language)}</dt><dd>{escape(text)}</dd>" for name, text in said.items() if text)
    return (
        f"<h3>{escape(attack.number)} {escape(say(attack.name, language))}{_colon(language)}"
        f"{_mark(verdict(finding), language)}</h3><dl>{terms}</dl>{'' if found.skipped else _levels(finding, language)}"
    )


def _levels(finding: Finding[Any], language: Language) -> str:
    head = "".join(f'<th scope="col">{say(name, language).capitalize()}</th>' for name in _COLUMNS)
    rows = "".join(_row(finding, level, language) for level in finding.attack.levels)
    weak = "".join(f"<li>{escape(each)}</li>" for each in _weakened(finding, language))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" + (
        f"<p>{say(texts.WEAKENED, language).capitalize()}{_colon(language)}</p><ul>{weak}</ul>" if weak else ""
    )


def _row(finding: Finding[Any], level: Level, language: Language) -> str:
    figure, most, drawn, shown = phrase(level.figure, language), allowed(level, language), "", ""
    judged = outcome(level, finding)
    if reason := finding.found.absent.get(level.figure):
        measured = say(reason, language)
    else:
        value = finding.found.figures[level.figure]
        measured, shown = number(value, language), worth(level, finding, language)
        weak = finding.reached(level)
        drawn = picture(value, level.most, weak, judged, f"{figure}{_colon(language)}{measured}, {most}")
    return (
        f"<tr><td>{escape(figure)}</td><td>{drawn}</td><td>{escape(measured)}</td><td>{escape(most)}</td>"
        f"<td>{_mark(judged, language)}</td><td>{escape(shown)}</td>"
        f"<td><small>{escape(phrase(level.source, language))}</small></td></tr>"
    )


def _weakened(finding: Finding[Any], language: Language) -> Iterator[str]:
    # Where no level could be attacked, no weak release was built.
    for weakness, measured in zip(finding.attack.weaknesses, finding.weakened, strict=bool(finding.weakened)):
        yield f"{say(weakness.name, language)}{_colon(language)}{weak_verdict(finding, weakness, measured, language)}"


def _mark(found: Verdict, language: Language) -> str:
    return f'<span class="{_CLASS[found]}">{say(texts.VERDICT[found], language)}</span>'


def _colon(language: Language) -> str:
    return say(texts.COLON, language)
