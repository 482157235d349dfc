"""The command line: results on standard output, progress and errors on standard error."""

import json
import os
import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from schemas.errors import HexafluxError, Interrupted, SystemFailure, UsageError

if TYPE_CHECKING:
    from pipelines.embedded import Outcome
    from schemas.configuration import Configuration

app = typer.Typer(
    name="hexaflux",
    epilog="Exit codes: 0 done, 1 a check failed, 2 usage or bad input, 3 refused for privacy, "
    "4 disk, permission or port, 130 interrupted.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no warnings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class ReportFormat(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    html = "html"


class AnswerFormat(StrEnum):
    """How an answer is written."""

    table = "table"
    csv = "csv"
    json = "json"


class Lang(StrEnum):
    """A language."""

    en = "en"
    fr = "fr"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hexaflux {version('hexaflux')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")]


@app.callback(invoke_without_command=True)
def hexaflux(context: typer.Context, show_version: Version = False) -> None:
    """Mobile-network probe events in, provably anonymous statistics out."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    release: Annotated[Path | None, typer.Option(help="Publish here, not where the configuration says.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Publish all the input there is.

    A run that was stopped goes on where it stopped; on a complete release it changes nothing.
    """
    # Beam takes seconds to import: an error in the configuration need not wait for it.
    configuration = _configuration(config, release)
    from pipelines.embedded import run as run_embedded
    from pipelines.flink.driver import FlinkDriver
    from pipelines.progress import Progress

    driver = FlinkDriver if configuration.engine.driver == "flink" else None
    outcome = run_embedded(configuration, Progress(_errors(), quiet=quiet), driver)
    _show_outcome(configuration, outcome, as_json=as_json, quiet=quiet)


@app.command()
def follow(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    release: Annotated[Path | None, typer.Option(help="Publish here, not where the configuration says.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve /metrics and /health here, on loopback.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Take events as they arrive, and publish each window once, when it falls due.

    Ctrl-C or SIGTERM finish the step; the next start goes on from there. On a terminal a table shows how far it is;
    elsewhere the log goes to standard error, a JSON object on each line.
    """
    configuration = _configuration(config, release)
    from pipelines.follow.command import Watching, ended_by_signals
    from pipelines.follow.command import follow as follow_inbox
    from pipelines.follow.display import Display
    from pipelines.follow.log import silent, to_stream
    from pipelines.progress import Progress

    errors = _errors()
    display = Display(errors, configuration.area.timezone, quiet=quiet)
    log = silent if quiet else display.log if display.shown else to_stream(sys.stderr)
    # A bar for each step would flicker: the table tells of all of them.
    watching = Watching(Progress(errors, quiet=True), display, log)
    with ended_by_signals() as stop:
        outcome = follow_inbox(configuration, watching, stop, metrics_port)
    _show_outcome(configuration, outcome, as_json=as_json, quiet=quiet)


def _configuration(config: Path, release: Path | None) -> "Configuration":
    """The configuration in a file, with another release directory if one is given."""
    from pipelines.configuration import load
    from pipelines.configuration_rules import check

    configuration = load(config)
    if release is not None:
        directory = Path(os.path.abspath(release))
        configuration = replace(configuration, release=replace(configuration.release, directory=directory))
        check(configuration)
    return configuration


def _show_outcome(configuration: "Configuration", outcome: "Outcome", *, as_json: bool, quiet: bool) -> None:
    """The warnings and the summary of a run."""
    from pipelines.summary import as_values, show

    if not quiet:
        for warning in outcome.warnings:
            _errors().print(f"Warning: {warning}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(as_values(configuration, outcome), indent=2))
    else:
        show(_results(), configuration, outcome)


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write; it must be empty or new.")],
    devices: Annotated[int, typer.Option(min=1, help="Subscribers of the simulated operator.")] = 20_000,
    days: Annotated[int, typer.Option(min=1, max=366, help="Privacy days.")] = 2,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first of them.")] = datetime(2026, 6, 20),
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    market_share: Annotated[float, typer.Option(help="Share of the people who are subscribers.")] = 0.3,
    quiet: Quiet = False,
) -> None:
    """Simulate a weekend in Dijon: probe events, their register and network, and the truth behind them.

    DIR/hexaflux.toml is then ready for `hexaflux run`.
    """
    from pipelines.progress import Progress
    from pipelines.simulator.settings import Settings
    from pipelines.simulator.write import simulate as write

    settings = Settings(devices, days, start.date(), seed, market_share)
    config = write(directory, settings, Progress(_errors(), quiet=quiet))
    typer.echo(f"Publish it with: hexaflux run {config}")


@app.command()
def audit(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release to verify.")],
    public_key: Annotated[Path | None, typer.Option(help="The operator's public key, to pin who signed.")] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="SHA256", help="An entry of the manifest seen before: it must still be there."),
    ] = None,
    allow_test: Annotated[bool, typer.Option("--allow-test", help="Accept a release marked as a test.")] = False,
    format: Annotated[ReportFormat, typer.Option(help="How the report is written.")] = ReportFormat.text,
    lang: Annotated[Lang, typer.Option(help="The language of text; JSON and HTML are in both.")] = Lang.en,
    dpia: Annotated[
        bool, typer.Option("--dpia", help="Write the draft of an impact assessment, filled from the release.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
    quiet: Quiet = False,
) -> None:
    """Verify a release from its own files, without raw data.

    The exit code is 1 if anything is wrong with it.
    """
    from anonymization.seen import seen_entry
    from pipelines import verifying
    from pipelines.progress import Progress

    _see_that_it_is_a_folder(release)
    if report is not None:
        verifying.refuse_inside(release, report)
    trust = verifying.Trust(public_key, seen_entry(head), allow_test)
    with Progress(_errors(), quiet=quiet).task("Verifying", None):
        found = verifying.verified(release, trust)
    assessed = verifying.assessment(release, found, lang.value) if dpia else None
    written = assessed or verifying.told(found, format.value, lang.value)
    if report is None:
        typer.echo(written)
    else:
        verifying.write(written, report)
        typer.echo(f"{'passed' if found.verdict else 'failed'}: report written to {report}")
    raise typer.Exit(0 if found.verdict else 1)


@app.command()
def attack(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The test release to attack.")],
    truth: Annotated[Path, typer.Option(metavar="DIR", help="The truth that hexaflux simulate wrote.")],
    config: Annotated[
        Path | None, typer.Option(metavar="CONFIG", help="What made the release, if it is not beside it or the truth.")
    ] = None,
    format: Annotated[ReportFormat, typer.Option(help="How the report is written.")] = ReportFormat.text,
    lang: Annotated[Lang, typer.Option(help="The language of text; JSON and HTML are in both.")] = Lang.en,
    report: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 1,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Attack a test release, with all that is known of the devices behind it, and releases that are weaker on purpose.

    The exit code is 1 if an attack goes beyond its level, or does not break the weaker ones. RELEASE.attack.json, which
    the dashboard shows, is written beside the release.
    """
    from pipelines import verifying
    from pipelines.attacks import command
    from pipelines.progress import Progress

    _see_that_it_is_a_folder(release)
    if report is not None:
        verifying.refuse_inside(release, report)
    errors = _errors()
    found = command.run(release, truth, config, seed, Progress(errors, quiet=quiet))
    written = command.told(found, ReportFormat.json if as_json else format, lang.value)
    if report is None:
        typer.echo(written, nl=False)
    else:
        verifying.write(written, report)
        typer.echo(f"{'passed' if found.report.passed else 'failed'}: report written to {report}")
    kept = command.keep(found, release)
    if not quiet:
        errors.print(f"Written for the dashboard: {kept}", soft_wrap=True)
    raise typer.Exit(0 if found.report.passed else 1)


@app.command()
def score(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release to compare.")],
    truth: Annotated[Path, typer.Option(metavar="DIR", help="The truth that hexaflux simulate wrote.")],
    event: Annotated[
        list[str] | None, typer.Option(metavar="ZONE", help="Look at its crowds, not at those of every venue.")
    ] = None,
    market_share: Annotated[
        float | None, typer.Option(min=0.001, max=1, help="Share of the people who are devices, if not what it prints.")
    ] = None,
    bounds: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Bounds of figures as JSON, in place of the product's targets.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare a release with the simulated truth behind it.

    The exit code is 1 if a figure misses its bound.
    """
    from pipelines.progress import Progress
    from pipelines.score.command import run as compare

    _see_that_it_is_a_folder(release)
    missed = compare(
        _results(),
        Progress(_errors(), quiet=quiet),
        release,
        truth,
        events=event or (),
        market_share=market_share,
        bounds=bounds,
        as_json=as_json,
    )
    raise typer.Exit(missed)


@app.command()
def export(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release to export.")],
    format: Annotated[
        str,
        typer.Option(
            metavar="F",
            help="One of csv, xlsx, geojson, geoparquet, omx, fluxvision, ngsi-ld, comptage-mobilites, dcat.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write; it must be empty or new.")],
    publisher: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who publishes the release, for ngsi-ld, comptage-mobilites and dcat."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the folder of the release stands; else https://hexaflux.example/."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The address of the licence of the figures; none is stated without it."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write a release in the format of another program.

    A release that does not verify is not exported; the exit code is then 1.
    """
    from pipelines.exports.command import export as write
    from pipelines.exports.publisher import named
    from pipelines.progress import Progress

    _see_that_it_is_a_folder(release)
    files = write(release, format, out, Progress(_errors(), quiet=quiet), named(publisher, address, licence))
    typer.echo(f"{len(files)} files written to {out}")


@app.command()
def dashboard(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="The release to show.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens, on this machine only.")] = 8501,
    feeds: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Civic feeds to show too; by default the folder feeds beside the release."),
    ] = None,
) -> None:
    """Show a release in the browser, until Ctrl-C.

    A release that does not verify is not shown; the exit code is then 1.
    """
    from pipelines.dashboard import serve

    _see_that_it_is_a_folder(release)
    if feeds is not None and not feeds.is_dir():
        raise UsageError(
            f"{feeds}: expected a folder of feeds, found {'a file' if feeds.exists() else 'nothing'}",
            "give the folder that hexaflux feeds build wrote",
        )
    serve(release, port, lambda address: typer.echo(f"Dashboard: {address}"), feeds)


@app.command()
def query(
    release: Annotated[Path | None, typer.Argument(metavar="RELEASE", help="The release to ask.")] = None,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The question; without it, all of them are listed.")] = "",
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="The zone that is asked about.")] = None,
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day that is asked about.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Another parameter of the question.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the questions and what they are asked with.")] = False,
    format: Annotated[AnswerFormat, typer.Option(help="How the answer is written.")] = AnswerFormat.table,
    lang: Annotated[Lang, typer.Option(help="The language of the list and of notes.")] = Lang.en,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Answer a named question from a release, with the same SQL as the dashboard.

    A release that does not verify is not asked; the exit code is then 1.
    """
    from pipelines.query import Question, answer, parameters

    if release is None and not listed:
        raise UsageError("Missing argument 'RELEASE'.", "give the folder of a release, or --list for the questions")
    if release is not None:
        _see_that_it_is_a_folder(release)
    asked = Question(
        str(release or ""),
        "" if listed else name,
        parameters(zone, day, param or ()),
        AnswerFormat.json.value if as_json else format.value,
        lang.value,
        quiet,
    )
    raise typer.Exit(answer(asked))


feeds = typer.Typer(no_args_is_help=True, help="Civic feeds of a town, as standard, validated files.")
app.add_typer(feeds, name="feeds")


@feeds.command("build")
def feeds_build(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file with [feeds].")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where they are written; feeds beside CONFIG by default.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="Build them for this instant, not for now.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing where a row is refused.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read, validate and publish the feeds of a town, all of them or none.

    Rows with an error are left out, and each is told with its line and field.
    """
    from pipelines.feeds.command import as_values, build_feeds, tell
    from pipelines.progress import Progress

    built, folder = build_feeds(config, out, at, Progress(_errors(), quiet=quiet), strict=strict)
    if as_json:
        typer.echo(json.dumps(as_values(built, folder), indent=2, ensure_ascii=False))
    else:
        tell(_results(), _errors(), built, folder, quiet=quiet)


@feeds.command("nearest")
def feeds_nearest(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file with [feeds].")],
    latitude: Annotated[float, typer.Option(min=-90, max=90, metavar="DEGREES", help="Where somebody is, WGS 84.")],
    longitude: Annotated[float, typer.Option(min=-180, max=180, metavar="DEGREES", help="Where somebody is, WGS 84.")],
    service: Annotated[str, typer.Option(metavar="TEXT", help="What is needed, or enough of it; any by default.")] = "",
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="Ask for this instant, not for now.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Name the nearest digital-inclusion centre that is open, or else the one that opens next."""
    del quiet
    from pipelines.feeds.nearest_command import as_values, find, tell

    near, context = find(config, latitude, longitude, service, at)
    if as_json:
        typer.echo(json.dumps(as_values(near, context), indent=2, ensure_ascii=False))
    else:
        tell(_results(), near, context)


consultations = typer.Typer(no_args_is_help=True, help="Consultations: one answer for each person, told once.")
app.add_typer(consultations, name="consultations")
_ServerConfig = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file with [server.consultations].")
]


@consultations.command("open")
def consultations_open(
    config: _ServerConfig,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The consultation, a TOML file.")],
    quiet: Quiet = False,
) -> None:
    """Open a consultation: make its key, its empty roll and its empty box.

    What it asks cannot be changed any more, and its name not be used again.
    """
    del quiet
    from pipelines.server.consultations.command import open_one

    typer.echo(f"Opened: {open_one(config, file)}")


@consultations.command("list")
def consultations_list(config: _ServerConfig, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """List the consultations and their states; how many have answered is not told before the end."""
    del quiet
    from pipelines.server.consultations.command import as_values, listed, tell

    found = listed(config)
    if as_json:
        typer.echo(json.dumps([as_values(each) for each in found], indent=2, ensure_ascii=False))
    else:
        tell(_results(), found)


@consultations.command("close")
def consultations_close(
    config: _ServerConfig,
    consultation: Annotated[str, typer.Argument(metavar="ID", help="The name of the consultation.")],
    early: Annotated[bool, typer.Option("--early", help="Also before its last day is over.")] = False,
    quiet: Quiet = False,
) -> None:
    """Close a consultation for good: destroy its key, publish its results once, remove roll and box.

    Where it was interrupted, run it again. It prints the proof that no unpublished cell can be worked out.
    """
    del quiet
    from pipelines.server.consultations.command import close_one

    folder = close_one(config, consultation, early=early)
    typer.echo(f"Published: {folder}")
    typer.echo((folder / "proof.txt").read_text(encoding="utf-8"), nl=False)


@app.command()
def serve(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where it listens, on this machine only; 0 takes a free one.")
    ] = 8080,
    quiet: Quiet = False,
) -> None:
    """Answer over HTTP: feeds, and what [server] of the configuration has besides, until Ctrl-C or SIGTERM.

    Running requests are answered first. Counts of requests go to standard error, a JSON object on each line.
    """
    from pipelines.server.command import serve as serve_services
    from pipelines.server.command import to_stream

    log = (lambda _: None) if quiet else to_stream(sys.stderr)
    serve_services(config, port, lambda address: typer.echo(f"Server: {address}"), log)


clients = typer.Typer(no_args_is_help=True, help="Who may ask the server what needs a key.")
app.add_typer(clients, name="clients")


@clients.command("add")
def clients_add(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the client is called.")],
    scope: Annotated[list[str], typer.Option(metavar="S", help="What it may do; once for each scope.")],
    quiet: Quiet = False,
) -> None:
    """Add a client, and print its key, once: nobody can read it again."""
    from pipelines.server import clients as registered

    key = registered.add(_clients_file(config), name, scope)
    if not quiet:
        _errors().print("Note it now: it is shown once.", soft_wrap=True)
    typer.echo(key)


@clients.command("list")
def clients_list(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List the clients and their scopes; of their keys there is nothing to show."""
    del quiet
    from pipelines.server import clients as registered

    found = registered.read(_clients_file(config))
    if as_json:
        typer.echo(json.dumps(registered.as_values(found), indent=2))
    else:
        registered.show(_results(), found)


@clients.command("remove")
def clients_remove(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the client is called.")],
    quiet: Quiet = False,
) -> None:
    """Remove a client: its key and its tokens are refused at once, also by a server that runs."""
    from pipelines.server import clients as registered

    registered.remove(_clients_file(config), name)
    if not quiet:
        typer.echo(f"Removed: {name}")


def _clients_file(config: Path) -> Path:
    from pipelines.server.service import all_services
    from pipelines.server.settings import load

    return load(config, all_services()).server.clients


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where the town is kept.")] = Path("demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the dashboard listens.")] = 8501,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Do not open the dashboard.")] = False,
    quiet: Quiet = False,
) -> None:
    """Show it all: two weeks and a festival in Dijon, simulated, published, verified and opened in the browser.

    The second time it starts from the release that is there.
    """
    from pipelines.dashboard import serve
    from pipelines.demo import TOWN, prepare, publish, show
    from pipelines.progress import Progress

    progress = Progress(_errors(), quiet=quiet)
    configuration = prepare(Path(os.path.abspath(directory)), TOWN, progress)
    show(_results(), configuration, publish(configuration, progress))
    if not no_serve:
        serve(configuration.release.directory, port, lambda address: typer.echo(f"Open {address} (Ctrl-C ends it)"))


@app.command()
def doctor(as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Say what is installed, which engine will run, and what is missing."""
    # There is neither progress nor a warning to leave out: every command takes --quiet.
    del quiet
    from pipelines.doctor import examine, show

    found = examine()
    if as_json:
        typer.echo(json.dumps([finding.as_values() for finding in found], indent=2))
    else:
        show(_results(), found)
    raise typer.Exit(0 if all(finding.fine for finding in found) else 1)


def main() -> None:
    """Run the command; every error becomes one `Error:` line, one `Hint:` line and an exit code."""
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    _silence_libraries()
    if _is_plain():
        from typer import rich_utils

        rich_utils.FORCE_TERMINAL = False
    try:
        code = app(standalone_mode=False)
        # What typer makes of Ctrl-C.
        if code == Interrupted.exit_code:
            raise KeyboardInterrupt
    except HexafluxError as error:
        code = _tell(error)
    except (typer.Abort, KeyboardInterrupt):
        code = _tell(
            Interrupted("interrupted", "run the same command again: a run goes on from its last finished step")
        )
    except OSError as error:
        from pipelines.receipts import system_failure

        code = _tell(system_failure(error))
    except Exception as error:
        if os.environ.get("HEXAFLUX_DEBUG"):
            raise
        code = _unexpected(error)
    if code == Interrupted.exit_code:
        _leave(code)
    sys.exit(code if isinstance(code, int) else 0)


def _see_that_it_is_a_folder(release: Path) -> None:
    if not release.is_dir():
        raise UsageError(
            f"{release}: expected the folder of a release, found {'a file' if release.exists() else 'nothing'}",
            "give the folder that holds manifest/ and the indicators",
        )


def _leave(code: int) -> NoReturn:
    """End without waiting for the threads of a stage: what they would still write may be in the way of the next run."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _tell(error: HexafluxError) -> int:
    """Print an error for people."""
    typer.echo(error.told(), err=True)
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """Print a usage error of the command line, or the kind of an error that nobody foresaw."""
    format_message = getattr(error, "format_message", None)
    if callable(format_message):
        command = getattr(getattr(error, "ctx", None), "command_path", "hexaflux")
        message = str(format_message()).replace("Value error, ", "")
        return _tell(UsageError(message, f"run {command} --help to see what can be written"))
    return _tell(
        SystemFailure(
            f"unexpected {type(error).__name__}",
            "set HEXAFLUX_DEBUG=1 and run the command again to see where; please report it with what that shows",
        )
    )


def _results() -> Console:
    """Standard output, on which brackets and colons in a path are nothing but themselves."""
    return _console(stderr=False)


def _errors() -> Console:
    """Standard error, for progress and warnings."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """A stream of this process; with NO_COLOR set nothing is written to it but text, not even a bar that moves."""
    plain = _is_plain()
    return Console(
        stderr=stderr,
        markup=False,
        emoji=False,
        highlight=False,
        color_system=None if plain else "auto",
        force_terminal=False if plain else None,
    )


def _is_plain() -> bool:
    """Whether the environment asks for no colour, see https://no-color.org."""
    return bool(os.environ.get("NO_COLOR"))


def _silence_libraries() -> None:
    """Beam greets through the root logger, which would mix with the results."""
    import logging

    logging.basicConfig(level=logging.ERROR, force=True)
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
