"""What a run tells at its end: where every row went, and what was published."""

from rich.console import Console
from rich.table import Table

from anonymization import manifest
from anonymization.degraded import DEGRADED, read_degraded
from anonymization.entries import days_of
from pipelines.embedded import Outcome
from schemas.configuration import Configuration


def as_values(configuration: Configuration, outcome: Outcome) -> dict[str, object]:
    """The summary for a program."""
    accounting = outcome.state.accounting
    return {
        "release": str(configuration.release.directory),
        "release_id": outcome.state.release_id,
        "changed": outcome.changed,
        "rows_in": accounting.rows_in,
        "accepted": accounting.accepted,
        "duplicates": accounting.duplicates,
        "rejected": accounting.all_rejected,
        "rejected_by_reason": accounting.rejected,
        "late": accounting.late,
        "days": {day: state.status for day, state in outcome.state.days.items()},
        "rows_published": rows_published(configuration),
        "rows_degraded": degraded_rows(configuration),
        "head": head(configuration),
        "warnings": list(outcome.warnings),
    }


def rows_published(configuration: Configuration) -> dict[str, int]:
    """Released rows of each indicator over all days, as the manifest states them."""
    totals: dict[str, int] = {}
    for entry in days_of(manifest.read_chain(configuration.release.directory)):
        for path, record in entry.block("files").items():
            if isinstance(record, dict) and isinstance(record["rows"], int):
                indicator = path.split("/")[0]
                totals[indicator] = totals.get(indicator, 0) + record["rows"]
    return dict(sorted(totals.items()))


def degraded_rows(configuration: Configuration) -> int:
    """Released rows that are flagged: silent radio cells reach them."""
    days = days_of(manifest.read_chain(configuration.release.directory))
    flags = [read_degraded(day.body[DEGRADED]) for day in days if DEGRADED in day.body]
    return sum(len(flag.parts) for of_day in flags for flag in of_day)


def head(configuration: Configuration) -> str | None:
    """SHA-256 of the last entry of the chain, by which an auditor knows the release again; None where there is none."""
    entries = manifest.read_chain(configuration.release.directory)
    return entries[-1].sha256 if entries else None


def show(console: Console, configuration: Configuration, outcome: Outcome) -> None:
    """The summary for people."""
    accounting = outcome.state.accounting
    console.print(
        f"Rows in {accounting.rows_in:,} = accepted {accounting.accepted:,} + duplicates {accounting.duplicates:,}"
        f" + rejected {accounting.all_rejected:,} + late {accounting.late:,}",
        soft_wrap=True,
    )
    for reason, rows in accounting.rejected.items():
        console.print(f"  rejected, {reason}: {rows:,}")
    days = [day for day, known in outcome.state.days.items() if known.status == "closed"]
    span = f"{days[0]} to {days[-1]}" if len(days) > 1 else "".join(days) or "none"
    earlier = "the latest: " if outcome.state.left_out else ""
    console.print(f"Privacy days closed: {outcome.state.closed_days} ({earlier}{span})")
    published = rows_published(configuration)
    if published:
        table = Table("indicator", "rows published")
        table.columns[1].justify = "right"
        for indicator, rows in published.items():
            table.add_row(indicator, f"{rows:,}")
        console.print(table)
    elif days:
        console.print("Nothing was published: no part of any window reached k devices.")
    else:
        console.print("Nothing was published: no event was accepted.", style="yellow")
        return
    if not outcome.changed:
        console.print("The release was complete already; nothing was changed.")
    console.print(f"Release: {configuration.release.directory}", soft_wrap=True)
    if degraded := degraded_rows(configuration):
        directory = configuration.release.directory
        console.print(
            f"Degraded rows, during which the network was silent or out: {degraded:,}; see {directory}.work/quality",
            style="yellow",
            soft_wrap=True,
        )
    if last := head(configuration):
        console.print(f"Last entry of its manifest: {last}", soft_wrap=True)
    test = " --allow-test" if configuration.test is not None else ""
    console.print(f"Verify it with: hexaflux audit {configuration.release.directory}{test}", soft_wrap=True)
