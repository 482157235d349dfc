"""Where a battery finds what it needs: the release, the truth, and the configuration that reproduces the release."""

from collections.abc import Iterator
from pathlib import Path

from anonymization.entries import DAY
from anonymization.manifest import read_chain
from pipelines.attacks.reproduction import reproduce
from pipelines.attacks.target import Target
from pipelines.configuration import load
from pipelines.progress import Progress
from pipelines.score.released import read_release
from schemas.configuration import Configuration
from schemas.errors import HexafluxError, UsageError


def read_target(release: Path, truth: Path, config: Path | None, scratch: Path, progress: Progress) -> Target:
    """Read a test release and make it once more, with the devices behind it, below `scratch`.

    `config`: the configuration that made it; without, one is looked for beside the release and the truth. Raises
    UsageError where the release is no test or nothing reproduces it, InputError for what cannot be read.
    """
    tables = read_release(release).tables
    if not all(entry.body.get("test") for entry in read_chain(release) if entry.kind == DAY):
        raise UsageError(
            f"{release}: expected a release marked as a test, found one of real keys",
            "attack a release of simulated devices that was run with a [test] day_key",
        )
    folder = truth_of(truth)
    configuration = load(config) if config else _configuration(release, folder)
    _refuse_differential_privacy(configuration)
    again = reproduce(configuration, scratch, progress)
    return Target(release, folder, tables, again, scratch)


def _refuse_differential_privacy(configuration: Configuration) -> None:
    """Raise UsageError for the mode in which most attacks have no meaning: rows of fewer than k devices are allowed."""
    if configuration.policy.dp:
        raise UsageError(
            f"{configuration.path}: expected a release of parts of at least k devices, found [policy.dp]",
            "the battery attacks the default mode; what differential privacy promises is proved by its accounting",
        )


def truth_of(directory: Path) -> Path:
    """The folder of the truth: the given one, or the `truth` of the simulation that it is."""
    inner = directory / "truth"
    folder = inner if inner.is_dir() else directory
    if not (folder / "devices").is_dir():
        raise UsageError(
            f"{folder}: expected the truth of a simulation, with traces in devices/, found none",
            "give the truth folder that hexaflux simulate wrote, DIR/truth",
        )
    return folder


def _configuration(release: Path, truth: Path) -> Configuration:
    """The test configuration beside the release or the truth, at best the one that names the release."""
    found = [each for each in _configurations(release, truth) if each.test is not None]
    named = [each for each in found if each.release.directory.resolve() == release.resolve()]
    if not found:
        raise UsageError(
            f"{release}: expected the configuration that made it beside it or beside {truth}, with [test] day_key",
            "give it with --config",
        )
    return (named or found)[0]


def _configurations(release: Path, truth: Path) -> Iterator[Configuration]:
    folders = dict.fromkeys(each.resolve() for each in (release.parent, truth.parent, truth))
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            yield load(path)
        except HexafluxError:
            # Another program's file, or one of another place: it is not the one that made the release.
            continue
