"""Streets: where a resident finds the sector of a home."""

from collections.abc import Sequence

from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.waste.rounds import Round
from schemas.feeds import Text


def streets(rows: Rows, rounds: Sequence[Round], file: str) -> tuple[list[dict[str, str | None]], tuple[Finding, ...]]:
    """The streets with their sectors and calendars, by name and numbers, and the rows that say nothing or twice."""
    names = {one.sector: one.sector_name for one in rounds}
    seen: dict[tuple[str, str], object] = {}
    found: list[dict[str, str | None]] = []
    findings: list[Finding] = []
    for row in rows:
        street, numbers, sector = (str(row[name] or "") for name in ("street", "numbers", "sector"))
        key = (street.casefold(), numbers)
        line = int(str(row["line"]))
        if sector not in names:
            expected = Text("a sector of the rounds", "un secteur des tournées")
            findings.append(Finding(file, line, "sector", "error", expected, shown(sector)))
        elif key in seen:
            expected = Text(f"another street than in row {seen[key]}", f"une autre voie qu’à la ligne {seen[key]}")
            findings.append(Finding(file, line, "street", "error", expected, shown(street)))
        else:
            seen[key] = line
            found.append(
                {
                    "street": street,
                    "numbers": numbers or None,
                    "sector": sector,
                    "sector_name": names[sector],
                    "calendar": f"{sector}.ics",
                }
            )
    return sorted(found, key=lambda each: (str(each["street"]).casefold(), str(each["numbers"]))), tuple(findings)
