"""The verifier alone: `python -m anonymization RELEASE`, where nothing but this package and `schemas` is at hand."""

import argparse
import json
import sys
from pathlib import Path

from anonymization.audit import audit
from anonymization.report import LANGUAGES, to_html, to_json, to_text
from anonymization.seen import seen_entry
from schemas.errors import HexafluxError, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Audit a release and print the report: 0 where it passes, 1 where it does not, 2 for what cannot be read."""
    chosen = _parser().parse_args(arguments)
    try:
        if not chosen.release.is_dir():
            raise UsageError(
                f"{chosen.release}: expected the folder of a release, got none", "give the path of a release"
            )
        report = audit(chosen.release, chosen.public_key, chosen.allow_test, seen_entry(chosen.head))
    except HexafluxError as error:
        sys.stderr.write(f"Error: {error.message}\nHint: {error.hint}\n")
        return error.exit_code
    if chosen.format == "json":
        sys.stdout.write(json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(to_html(report) if chosen.format == "html" else to_text(report, chosen.lang))
    return 0 if report.verdict else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m anonymization", description="Verify a release, without raw data.")
    parser.add_argument("release", type=Path, metavar="RELEASE", help="the folder of the release")
    parser.add_argument("--public-key", type=Path, metavar="FILE", help="the operator's public key, to pin who signed")
    parser.add_argument("--head", metavar="SHA256", help="an entry seen before: it must still be there")
    parser.add_argument("--allow-test", action="store_true", help="accept a release that is marked as a test")
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="default: %(default)s")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the text (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
