"""Takes each rule that protects out of a copy of the repository, and sees its test fail.

    python -m tests.privacy.mutations [--only WORDS] [--record]

The table goes to stdout, progress to stderr; exit code 1 where a rule is not proved. `--record` writes
docs/privacy-evidence.md, once all rules are proved.
"""

import argparse
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.paths import ROOT
from tests.privacy.evidence import PAGE, page, record
from tests.privacy.forks import ENDED, LATE
from tests.privacy.mutants import Mutant, mutants

WORKERS: Final = 2
SECONDS: Final = 300
_FORKS: Final = ROOT / "tests/privacy/forks.py"

_ASSERTED: Final = ("AssertionError", "assert ", "Failed: ", "ExceptionGroup: ")
"""How a test fails that asserts something, or expects an error: any other error is the mutant's own."""

PASSED, FAILED, BROKEN = "passed", "failed", "broken"
"""What became of a test; broken is anything else, such as a file that cannot be imported."""


@dataclass(frozen=True)
class Outcome:
    """A mutant and why it does not prove its rule; nothing where it does."""

    mutant: Mutant
    problem: str = ""


@dataclass(frozen=True)
class Copy:
    """A copy of the repository in which one mutant at a time is applied, and the process that runs tests in it."""

    root: Path
    forks: "subprocess.Popen[str]"

    @classmethod
    @contextlib.contextmanager
    def made(cls, folder: Path) -> "Iterator[Copy]":
        """Copy all tracked and untracked files; the process ends with the context."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for name in filter(None, listed.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        command = [sys.executable, "-P", str(_FORKS)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forks:
            yield cls(folder, forks)

    def outcomes(self, tests: Sequence[str], ends: str = "") -> dict[str, str]:
        """What becomes of tests: PASSED, FAILED or BROKEN, by the node that was asked for; `ends` as in Mutant.

        TimeoutError where they do not end within SECONDS each, RuntimeError where they were not of the copy.
        """
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            options = ("-n", "0", "-p", "no:cacheprovider", f"--junitxml={report}", "-o", "junit_family=xunit1")
            self._pytest(SECONDS * len(tests), *options, f"--basetemp={folder}/own", *tests)
            cases = list(ET.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314
        return {test: _outcome([case for case in cases if _is_of(case, test)], ends) for test in tests}

    def judged(self, mutant: Mutant) -> Outcome:
        """Apply a mutant, run its test, and take it back."""
        path = self.root / mutant.file
        text, before = path.read_text(encoding="utf-8"), path.stat()
        if (places := text.count(mutant.old)) != 1:
            return Outcome(mutant, f"what it replaces stands {places} times in {mutant.file}")
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        # Bytecode is told from its source by second and size: each mutant has a second of its own, long ago.
        os.utime(path, times=(second := next(_SECONDS_OF_MUTANTS), second))
        try:
            found = self.outcomes([mutant.test], mutant.ends)[mutant.test]
        finally:
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return Outcome(mutant, "" if found == FAILED else f"its test is {found} without it: {mutant.test}")

    def _pytest(self, seconds: int, *arguments: str) -> None:
        if any(argument.startswith(_OWN_PROCESSES) for argument in arguments):
            self._python(seconds, "-m", "pytest", *arguments)
            return
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        print(json.dumps([seconds, str(self.root), *arguments]), file=self.forks.stdin, flush=True)
        ended = self.forks.stdout.readline().strip()
        if ended == LATE:
            raise TimeoutError(f"expected an end within {seconds} s")
        if ended != ENDED:
            raise RuntimeError(f"expected packages of {self.root}, got others: {ended}")

    def _python(self, seconds: int, *arguments: str) -> None:
        environment, command = os.environ | {"PYTHONPATH": str(self.root)}, [sys.executable, *arguments]
        try:
            subprocess.run(command, cwd=self.root, env=environment, capture_output=True, check=False, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"expected an end within {seconds} s") from error


_OWN_PROCESSES: Final = "tests/crash/"
"""Tests that begin a server of forks themselves are run by a Python of their own."""

_SECONDS_OF_MUTANTS: Final = itertools.count(1)


def _is_of(case: ET.Element, test: str) -> bool:
    """Whether a reported case is that of a node, or one of its parameters."""
    file, _, name = test.partition("::")
    own = case.get("name", "")
    return case.get("file") == file and (own == name or ("[" not in name and own.startswith(f"{name}[")))


def _outcome(cases: Sequence[ET.Element], ends: str) -> str:
    found = [(each.tag, f"{each.get('message', '')} {each.text or ''}") for case in cases for each in case]
    wrong = [(tag, text) for tag, text in found if tag in ("failure", "error", "skipped")]
    if not cases:
        return f"{BROKEN} (not collected)"
    if not wrong:
        return PASSED
    if any((tag == "failure" and text.startswith(_ASSERTED)) or (ends and ends in text) for tag, text in wrong):
        return FAILED
    return f"{BROKEN} ({wrong[0][0]}: {wrong[0][1][:200]!r})"


def run(chosen: Sequence[Mutant]) -> list[Outcome]:
    """The outcome of each mutant, in order; without them, their tests must pass."""
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        first, *others = (stack.enter_context(Copy.made(Path(folder) / str(number))) for number in range(WORKERS))
        sound = first.outcomes(list(dict.fromkeys(mutant.test for mutant in chosen)))
        for copy in (first, *others):
            copies.put(copy)

        def judged(mutant: Mutant) -> Outcome:
            if sound[mutant.test] != PASSED:
                return Outcome(mutant, f"its test is {sound[mutant.test]} with it: {mutant.test}")
            copy = copies.get()
            try:
                outcome = copy.judged(mutant)
            except TimeoutError:
                outcome = Outcome(mutant, f"its test does not end within {SECONDS} s")
            finally:
                copies.put(copy)
            print(f"{'NOT PROVED' if outcome.problem else 'proved'}  {mutant.rule}", file=sys.stderr, flush=True)
            return outcome

        with ThreadPoolExecutor(WORKERS) as workers:
            return list(workers.map(judged, chosen))


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as lines of text."""
    width = max(len(outcome.mutant.rule) for outcome in outcomes)
    lines = [f"{each.mutant.rule:<{width}}  {each.problem or each.mutant.test}" for each in outcomes]
    proved = sum(not outcome.problem for outcome in outcomes)
    return "\n".join([*lines, f"{proved} of {len(outcomes)} rules proved"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants that are asked for; 0 where all prove their rules."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.privacy.mutations", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="mutants whose rule, topic or file holds these words"
    )
    parser.add_argument("--record", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args(arguments)
    chosen = [
        mutant for mutant in mutants() if any(asked.only in text for text in (mutant.rule, mutant.topic, mutant.file))
    ]
    if not chosen:
        parser.error(f"--only: no mutant holds {asked.only!r}")
    if asked.record and asked.only:
        parser.error("--record: the page is of all mutants, leave --only out")
    outcomes = run(chosen)
    print(table(outcomes))
    if any(outcome.problem for outcome in outcomes):
        return 1
    if asked.record:
        record(rules=page(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
