"""`hexaflux export`: a release that verifies, written in another format."""

from pathlib import Path

from rich.console import Console

from anonymization.released import open_release
from pipelines.exports.folder import staged
from pipelines.exports.formats import FORMATS, formats
from pipelines.exports.publisher import Publisher
from pipelines.exports.readme import README, readme
from pipelines.progress import Progress
from schemas.errors import UsageError


def export(
    release: Path, format: str, out: Path, progress: Progress | None = None, publisher: Publisher | None = None
) -> list[Path]:
    """Verify the release, write it to `out` and return the files, in the order of their names.

    `publisher`: who publishes, and where, for the formats that say so; the default names nobody. With the files stand a
    README and the release's own statements. Raises UsageError for an unknown format, for an `out` that is not new or
    empty, and where the release lacks what the format is about; CheckFailed for a release that does not verify. After
    an error nothing stands in `out`.
    """
    if format not in FORMATS:
        raise UsageError(
            f"--format {format}: expected one of {', '.join(FORMATS)}", "see docs/exports.md for what each one is for"
        )
    shown = progress or Progress(Console(stderr=True), quiet=True)
    with staged(out, release) as folder:
        with shown.task("Verifying", None):
            opened = open_release(release)
        chosen = formats(publisher or Publisher())[format]
        with shown.task("Exporting", chosen.rows(opened)) as advance:
            notes = chosen.write(opened, folder, advance)
        (folder / README).write_text(readme(opened, format, notes), encoding="utf-8")
        for name, text in opened.statements().items():
            (folder / name).write_bytes(text)
        names = sorted(path.name for path in folder.iterdir())
    return [out / name for name in names]
