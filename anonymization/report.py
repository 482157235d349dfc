"""The report of an audit, told as text, as JSON and as a page that stands alone, in English and French.

Checks stand in the order of the three criteria of the Article 29 Working Party, Opinion 05/2014, then integrity. What a
check found is stated by the check in English; `checks/french.py` has the French.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from anonymization.checks.french import in_french
from anonymization.entries import Body, Json, Language
from anonymization.questions import QUESTIONS
from anonymization.verdict import INFERENCE, INTEGRITY, LINKABILITY, SINGLING_OUT, Check, Report
from schemas.typography import NARROW_SPACE, NO_BREAK_SPACE, set_in_french

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
CRITERIA: Final[dict[str, dict[Language, str]]] = {
    SINGLING_OUT: {"en": "Singling out", "fr": "Individualisation"},
    LINKABILITY: {"en": "Linkability", "fr": "Corrélation"},
    INFERENCE: {"en": "Inference", "fr": "Inférence"},
    INTEGRITY: {"en": "Integrity", "fr": "Intégrité"},
}
"""In the order of the report."""

_MEANING: Final[dict[str, dict[Language, str]]] = {
    SINGLING_OUT: {
        "en": "Can a person be isolated?",
        "fr": set_in_french("Une personne peut-elle être isolée ?"),
    },
    LINKABILITY: {
        "en": "Can two records of a person be linked?",
        "fr": set_in_french("Deux enregistrements d’une personne peuvent-ils être reliés ?"),
    },
    INFERENCE: {
        "en": "Can something be deduced about a person?",
        "fr": set_in_french("Peut-on déduire quelque chose d’une personne ?"),
    },
    INTEGRITY: {
        "en": "Is the release whole, genuine and what it claims to be?",
        "fr": set_in_french("La publication est-elle entière, authentique et ce qu’elle prétend être ?"),
    },
}
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Audit of a release",
        "release": "Release",
        "unknown": "(unknown)",
        "pass": "pass",
        "fail": "FAIL",
        "semicolon": "; ",
        "expected": "expected",
        "repeat": "repeat",
        "note": "note",
        "passed": "PASSED: no check found anything wrong.",
        "failed": "FAILED: the release is damaged or is not what it claims to be.",
        "Question": "Question",
        "Found": "Found",
        "Expected": "Expected",
        "Verdict": "Verdict",
        "By hand": "To repeat it by hand",
        "notes": "Notes",
        "how": "Commands are run in the folder of the release: in a shell, or in DuckDB where they are SQL.",
    },
    "fr": {
        "title": "Audit d’une publication",
        "release": "Publication",
        "unknown": "(inconnue)",
        "pass": "conforme",
        "fail": "ÉCHEC",
        "semicolon": f"{NARROW_SPACE}; ",
        "expected": "attendu",
        "repeat": f"à refaire{NO_BREAK_SPACE}",
        "note": "remarque",
        "passed": set_in_french("CONFORME : aucun contrôle n’a rien trouvé."),
        "failed": set_in_french("NON CONFORME : la publication est endommagée ou n’est pas ce qu’elle prétend."),
        "Question": "Question",
        "Found": "Constaté",
        "Expected": "Attendu",
        "Verdict": "Verdict",
        "By hand": "Pour le refaire à la main",
        "notes": "Remarques",
        "how": set_in_french(
            "Les commandes se lancent dans le dossier de la publication : dans un terminal, ou dans DuckDB (SQL)."
        ),
    },
}
_COLUMNS: Final = ("Verdict", "Question", "Found", "Expected", "By hand")
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h1{margin:0}h2{margin:2rem 0 .2rem}h2+p,.how{color:#555;margin:0 0 .6rem}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{border-bottom:1px solid #ddd;padding:.5rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{font-size:.85rem;color:#555}"
    "col:nth-child(1){width:7.5rem}col:nth-child(5){width:34%}code{font:.8rem/1.4 ui-monospace,monospace;"
    "background:#f3f3f3;display:block;padding:.3rem .4rem}small{color:#555}.wrong{color:#a3001b}"
    "h1+p{font-size:1.1rem;margin:.3rem 0 1rem}.verdict{font-size:1.2rem;padding:.6rem .8rem;border-left:.4rem solid}"
    ".yes{color:#0a5c2b;font-weight:bold}.no{color:#a3001b;font-weight:bold}section+section{margin-top:4rem;"
    "border-top:2px solid #1b1b1b;padding-top:2rem}@media print{section+section{break-before:page}}"
)


def to_text(report: Report, language: Language = "en") -> str:
    """The report by criterion: each check, what is wrong and how to repeat it below it, the notes, the verdict."""
    return "\n".join(_lines(report, language)) + "\n"


def to_json(report: Report) -> Body:
    """The report as plain values, for a program; what is French stands in `fr` and `notes_fr`."""
    return {
        "release_id": report.release_id,
        "verdict": report.verdict,
        "checks": [_check_as_json(check) for _, checks in by_criterion(report) for check in checks],
        "notes": list(report.notes),
        "notes_fr": [in_french(note) for note in report.notes],
    }


def to_html(report: Report) -> str:
    """The report as one page that asks the network for nothing, first in English, then in French."""
    sections = "".join(_section(report, language) for language in LANGUAGES)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_WORDS['en']['title']}</title><style>{_STYLE}</style></head>\n<body>\n{sections}</body></html>\n"
    )


def by_criterion(report: Report) -> list[tuple[str, list[Check]]]:
    """The checks of each criterion that has any, in the order of the report; an unknown criterion comes last."""
    known = [*CRITERIA, *dict.fromkeys(check.criterion for check in report.checks if check.criterion not in CRITERIA)]
    found = [(criterion, [check for check in report.checks if check.criterion == criterion]) for criterion in known]
    return [(criterion, checks) for criterion, checks in found if checks]


def _said(text: str, language: Language) -> str:
    return in_french(text) if language == "fr" else text


def _criterion(criterion: str, language: Language) -> str:
    return CRITERIA.get(criterion, {language: criterion})[language]


def _problems(check: Check, language: Language) -> list[str]:
    """What is wrong, problem by problem."""
    return [_said(problem, language) for problem in check.problems or filter(None, [check.message])]


def _repeat(check: Check, language: Language) -> str:
    return QUESTIONS[check.name].repeat(language) if check.name in QUESTIONS else ""


def _lines(report: Report, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    yield f"{words['release']} {report.release_id or words['unknown']}"
    for criterion, checks in by_criterion(report):
        yield f"\n{_criterion(criterion, language)}"
        for check in checks:
            mark = words["pass" if check.passed else "fail"]
            found, expected = _said(check.found, language), _said(check.threshold, language)
            yield f"{mark}  {check.name:<13} {found}{words['semicolon']}{words['expected']} {expected}"
            yield from (f"      {problem}" for problem in _problems(check, language))
            if repeat := _repeat(check, language):
                yield f"      {words['repeat']}: {repeat}"
    yield ""
    yield from (f"{words['note']}  {_said(note, language)}" for note in report.notes)
    yield words[_verdict(report)]


def _check_as_json(check: Check) -> Json:
    return {
        "name": check.name,
        "passed": check.passed,
        "found": check.found,
        "threshold": check.threshold,
        "message": check.message,
        "criterion": check.criterion,
        "repeat": _repeat(check, "en"),
        "fr": {
            "found": in_french(check.found),
            "threshold": in_french(check.threshold),
            "message": _WORDS["fr"]["semicolon"].join(_problems(check, "fr")),
            "criterion": _criterion(check.criterion, "fr"),
            "repeat": _repeat(check, "fr"),
        },
    }


def _section(report: Report, language: Language) -> str:
    words = _WORDS[language]
    criteria = "".join(_table(criterion, checks, language) for criterion, checks in by_criterion(report))
    notes = "".join(f"<li>{escape(_said(note, language))}</li>" for note in report.notes)
    verdict = f'<p class="verdict {"yes" if report.verdict else "no"}">{words[_verdict(report)]}</p>'
    return (
        f'<section lang="{language}"><h1>{words["title"]}</h1>'
        f"<p>{words['release']} <span>{escape(report.release_id or words['unknown'])}</span></p>{verdict}"
        f"{criteria}<h2>{words['notes']}</h2><ul>{notes}</ul>"
        f'<p class="how">{escape(words["how"])}</p></section>\n'
    )


def _table(criterion: str, checks: list[Check], language: Language) -> str:
    head = "".join(f'<th scope="col">{_WORDS[language][column]}</th>' for column in _COLUMNS)
    rows = "".join(_row(check, language) for check in checks)
    meaning = _MEANING.get(criterion, {language: ""})[language]
    return (
        f"<h2>{escape(_criterion(criterion, language))}</h2><p>{escape(meaning)}</p>"
        f"<table>{'<col>' * len(_COLUMNS)}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(check: Check, language: Language) -> str:
    question = QUESTIONS.get(check.name)
    asks, by_hand, command = (
        (question.asks[language], question.by_hand[language], question.command) if question else (check.name, "", "")
    )
    wrong = "".join(f'<p class="wrong">{escape(problem)}</p>' for problem in _problems(check, language))
    mark = _WORDS[language]["pass" if check.passed else "fail"]
    repeat = f"<code>{escape(command)}</code><small>{escape(by_hand)}</small>" if question else ""
    return (
        f'<tr><td class="{"yes" if check.passed else "no"}">{mark}</td>'
        f"<td>{escape(asks)}<br><small>{escape(check.name)}</small></td>"
        f"<td>{escape(_said(check.found, language))}{wrong}</td>"
        f"<td>{escape(_said(check.threshold, language))}</td><td>{repeat}</td></tr>"
    )


def _verdict(report: Report) -> str:
    return "passed" if report.verdict else "failed"
