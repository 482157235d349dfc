"""The report of an audit, told as text, as JSON and as a page that stands alone, in English and French."""

from html import escape
from typing import Final

from anonymization.entries import Body
from anonymization.verdict import INFERENCE, INTEGRITY, LINKABILITY, SINGLING_OUT, Check, Report

QUESTIONS: Final = {
    "structure": (
        "Is every file there that the manifest lists, unchanged, and no other?",
        "Tous les fichiers que liste le manifeste sont-ils là, inchangés, et aucun autre ?",
    ),
    "chain": (
        "Is the manifest signed, complete and in order, with one entry for each day?",
        "Le manifeste est-il signé, complet et en ordre, avec une entrée par jour ?",
    ),
    "keys": (
        "Has each day a key of its own, so that nobody is followed from one day to the next?",
        "Chaque jour a-t-il sa propre clé, de sorte que personne n'est suivi d'un jour à l'autre ?",
    ),
    "schema": (
        "Do all tables have exactly the declared columns, values, windows, order and encodings?",
        "Les tables ont-elles exactement les colonnes, valeurs, créneaux, ordre et codages déclarés ?",
    ),
    "k": (
        "Is every figure of at least k devices, and rounded?",
        "Chaque chiffre porte-t-il sur au moins k appareils, et est-il arrondi ?",
    ),
    "disjointness": (
        "Are the parts of a window apart, so that none can be subtracted from another?",
        "Les parties d'un créneau sont-elles disjointes, de sorte qu'aucune ne se soustrait d'une autre ?",
    ),
    "zones": (
        "Does each part lie within the zones that it names?",
        "Chaque partie est-elle située dans les zones qu'elle nomme ?",
    ),
    "nesting": (
        "Does every split (age, origin, dwell and others) split the same parts, and add up to them?",
        "Chaque ventilation (âge, origine, durée...) porte-t-elle sur les mêmes parties, et sa somme est-elle juste ?",
    ),
    "movements": (
        "Do flows join the published parts of the day, each pair in one row?",
        "Les flux relient-ils les parties publiées du jour, chaque paire sur une seule ligne ?",
    ),
    "homogeneity": (
        "Does no part give away the age or occupation of those who are in it?",
        "Aucune partie ne trahit-elle l'âge ou la profession de ceux qui s'y trouvent ?",
    ),
    "intervals": (
        "Do the intervals around people follow from printed and stated numbers alone?",
        "Les intervalles autour des personnes découlent-ils des seuls nombres imprimés et déclarés ?",
    ),
    "test": (
        "Is it a real release, not a test?",
        "Est-ce une vraie publication, et non un essai ?",
    ),
}
"""What each check asks, in English and in French."""

_CRITERIA_FR = {
    INTEGRITY: "intégrité",
    SINGLING_OUT: "individualisation",
    LINKABILITY: "corrélation",
    INFERENCE: "inférence",
}
_WORDS = {
    "en": {
        "title": "Audit of a release",
        "passed": "PASSED: no check found anything wrong.",
        "failed": "FAILED: the release is damaged or is not what it claims to be.",
        "columns": ("", "Question", "Criterion", "Expected", "Found"),
        "notes": "Notes",
        "detail": "",
    },
    "fr": {
        "title": "Audit d'une publication",
        "passed": "CONFORME : aucun contrôle n'a rien trouvé.",
        "failed": "NON CONFORME : la publication est endommagée ou n'est pas ce qu'elle prétend.",
        "columns": ("", "Question", "Critère", "Attendu", "Constaté"),
        "notes": "Remarques",
        "detail": "(détails en anglais)",
    },
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ccc;padding:.4rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}.yes{color:#0a5c2b;font-weight:bold}.no{color:#a3001b;font-weight:bold}"
)


def to_text(report: Report) -> str:
    """The report in English, one line per check, what is wrong below it, then the notes and the verdict."""
    lines = [f"Release {report.release_id or '(unknown)'}"]
    for check in report.checks:
        mark = "pass" if check.passed else "FAIL"
        lines.append(f"{mark}  {check.name:<13} {check.found}; expected {check.threshold} [{check.criterion}]")
        lines += [f"      {check.message}"] if check.message else []
    lines += [f"note  {note}" for note in report.notes]
    return "\n".join([*lines, str(_WORDS["en"][_verdict(report)])]) + "\n"


def to_json(report: Report) -> Body:
    """The report as plain values, for a program."""
    return {
        "release_id": report.release_id,
        "verdict": report.verdict,
        "checks": [
            {
                "name": check.name,
                "passed": check.passed,
                "found": check.found,
                "threshold": check.threshold,
                "message": check.message,
                "criterion": check.criterion,
            }
            for check in report.checks
        ],
        "notes": list(report.notes),
    }


def to_html(report: Report) -> str:
    """The report as one page that asks the network for nothing."""
    sections = "".join(_section(report, language) for language in ("en", "fr"))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_WORDS['en']['title']}</title><style>{_STYLE}</style></head>\n<body>\n{sections}</body></html>\n"
    )


def _section(report: Report, language: str) -> str:
    words = _WORDS[language]
    head = "".join(f'<th scope="col">{column}</th>' for column in words["columns"])
    rows = "".join(_row(check, language) for check in report.checks)
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    verdict = f'<p class="{"yes" if report.verdict else "no"}">{words[_verdict(report)]}</p>'
    return (
        f'<section lang="{language}"><h1>{words["title"]}</h1><p><code>{escape(report.release_id)}</code></p>{verdict}'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<h2>{words['notes']} {words['detail']}</h2><ul>{notes}</ul></section>\n"
    )


def _row(check: Check, language: str) -> str:
    """One check; what was found and expected stays in English, as the check states it."""
    french = language == "fr"
    question = QUESTIONS.get(check.name, (check.name, check.name))[french]
    criterion = _CRITERIA_FR.get(check.criterion, check.criterion) if french else check.criterion
    mark = ("oui" if french else "yes") if check.passed else ("non" if french else "no")
    found = escape(check.found) + (f"<br>{escape(check.message)}" if check.message else "")
    stated = "".join(f'<td lang="en">{cell}</td>' for cell in (escape(check.threshold), found))
    return (
        f'<tr><td class="{"yes" if check.passed else "no"}">{mark}</td><td>{escape(question)}</td>'
        f"<td>{escape(criterion)}</td>{stated}</tr>"
    )


def _verdict(report: Report) -> str:
    return "passed" if report.verdict else "failed"
