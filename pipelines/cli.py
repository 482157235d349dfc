"""The command line: results on standard output, progress and errors on standard error."""

import json
import os
import sys
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.errors import HexafluxError, SystemFailure

app = typer.Typer(
    name="hexaflux",
    help="Mobile-network probe events in, provably anonymous statistics out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no warnings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class ReportFormat(str, Enum):
    """How a report is written."""

    text = "text"
    json = "json"
    html = "html"


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="The configuration, a TOML file.")],
    release: Annotated[Path | None, typer.Option("--release", help="Publish here instead of [release] directory.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Take all the input there is to a release; a run that was stopped goes on where it stopped."""
    from pipelines.configuration import load
    from pipelines.embedded import run as run_embedded
    from pipelines.progress import Progress
    from pipelines.summary import as_values, show

    configuration = load(config)
    if release is not None:
        directory = Path(os.path.abspath(release))
        configuration = replace(configuration, release=replace(configuration.release, directory=directory))
    errors = Console(stderr=True)
    outcome = run_embedded(configuration, Progress(errors, quiet=quiet))
    if not quiet:
        for warning in outcome.warnings:
            errors.print(f"Warning: {warning}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(as_values(configuration, outcome), indent=2))
    else:
        show(Console(), configuration, outcome)


@app.command()
def audit(
    release: Annotated[Path, typer.Argument(help="The release to verify.")],
    public_key: Annotated[Path | None, typer.Option(help="The operator's public key, to pin who signed.")] = None,
    allow_test: Annotated[bool, typer.Option(help="Accept a release that is marked as a test.")] = False,
    format: Annotated[ReportFormat, typer.Option(help="How the report is written.")] = ReportFormat.text,
    report: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
) -> None:
    """Verify a release from its own files, without raw data; exit code 1 if anything is wrong."""
    from anonymization.atomic import write_bytes
    from anonymization.audit import audit as verify
    from anonymization.report import to_html, to_json, to_text

    found = verify(release, public_key, allow_test)
    written = {
        ReportFormat.text: lambda: to_text(found),
        ReportFormat.json: lambda: json.dumps(to_json(found), indent=2, ensure_ascii=False),
        ReportFormat.html: lambda: to_html(found),
    }[format]()
    if report is None:
        typer.echo(written)
    else:
        write_bytes(report, f"{written}\n".encode())
        typer.echo(f"{'passed' if found.verdict else 'failed'}: report written to {report}")
    raise typer.Exit(0 if found.verdict else 1)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, which engine will run, and what is missing."""
    from pipelines.doctor import examine, show

    found = examine()
    if as_json:
        typer.echo(json.dumps([finding.as_values() for finding in found], indent=2))
    else:
        show(Console(), found)
    raise typer.Exit(0 if all(finding.fine for finding in found) else 1)


def main() -> None:
    """Run the command; every error becomes one `Error:` line, one `Hint:` line and an exit code."""
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    _silence_libraries()
    try:
        code = app(standalone_mode=False)
    except HexafluxError as error:
        code = _tell(error)
    except typer.Abort:
        code = 130
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        from pipelines.receipts import system_failure

        code = _tell(system_failure(error))
    except Exception as error:  # noqa: BLE001 (no traceback reaches a user: it may quote a value)
        if os.environ.get("HEXAFLUX_DEBUG"):
            raise
        code = _unexpected(error)
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: HexafluxError) -> int:
    """Print an error for people."""
    typer.echo(f"Error: {_one_line(error.message)}", err=True)
    typer.echo(f"Hint: {_one_line(error.hint)}", err=True)
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """Print a usage error of the command line, or the kind of an error that nobody foresaw."""
    exit_code = getattr(error, "exit_code", None)
    format_message = getattr(error, "format_message", None)
    if isinstance(exit_code, int) and callable(format_message):
        typer.echo(f"Error: {_one_line(str(format_message()))}", err=True)
        typer.echo("Hint: run hexaflux --help, or the command with --help, for what can be written", err=True)
        return exit_code
    return _tell(
        SystemFailure(
            f"unexpected {type(error).__name__}",
            "set HEXAFLUX_DEBUG=1 and run the command again to see where; please report it with what that shows",
        )
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _silence_libraries() -> None:
    """Beam greets through the root logger, which would mix with the results."""
    import logging

    logging.basicConfig(level=logging.ERROR, force=True)
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
