"""Structure: what the chain lists is there byte for byte, and nothing else is.

A file of windows of which the rows stand in the files of their day may still be there, as it was published.
"""

from collections.abc import Iterator

from anonymization.checks.evidence import Evidence, is_entry, listed, place_of
from anonymization.checks.outcome import check_of
from anonymization.entries import EVENTS, SHARED
from anonymization.manifest import CHAIN, HEAD, KEY_LOG, MANIFEST, PUBLIC_KEY
from anonymization.verdict import INTEGRITY, Check

OWN = (HEAD, KEY_LOG, PUBLIC_KEY)
"""What the chain and its signatures vouch for by themselves: no entry lists it."""


def check(evidence: Evidence) -> Check:
    """The check that the release holds exactly what its chain lists."""
    return check_of(
        "structure",
        tuple(_problems(evidence)),
        found=f"{len(evidence.inventory.sha256)} files",
        threshold="exactly the files that the manifest lists, with the SHA-256 that it gives",
        criterion=INTEGRITY,
    )


def _problems(evidence: Evidence) -> Iterator[str]:
    yield from evidence.inventory.oddities
    expected = _expected(evidence)
    present = evidence.inventory.sha256
    for path, sha256 in sorted(expected.items()):
        if path not in present:
            yield f"{path} is listed but not there"
        elif present[path] != sha256:
            yield f"{path} differs from the file that is listed"
    former = {each.path: each.record.get("sha256") for files in evidence.former.values() for each in files}
    yield from (
        f"{path} differs from the file that is listed"
        for path in former
        if present.get(path, former[path]) != former[path]
    )
    beside = {path for path in present if not is_entry(path)} - set(expected) - set(former) - {*OWN}
    for path in sorted(beside):
        yield f"{path} is not listed in the manifest"
    for path in OWN:
        if path not in present:
            yield f"{path} is not there"
    known = {parent for path in (*expected, *former, *OWN) for parent in _parents(path)} | {MANIFEST, CHAIN}
    for folder in sorted(evidence.inventory.folders - known):
        yield f"{folder} is a folder that holds nothing listed"
    yield from _misplaced(evidence)


def _expected(evidence: Evidence) -> dict[str, object]:
    """SHA-256 by path: the files of all days, and the shared ones as the last day gives them."""
    expected: dict[str, object] = {}
    for entry in evidence.days:
        expected |= {path: record.get("sha256") for path, record in listed(entry).items()}
    if evidence.days:
        expected |= evidence.days[-1].block("shared")
    return expected


def _misplaced(evidence: Evidence) -> Iterator[str]:
    """Listed paths that no release has, or that belong to another day."""
    for entry in evidence.entries:
        for path in listed(entry):
            place = place_of(path)
            if place is None:
                yield f"{entry.name} lists {path}, which is no file of an indicator"
            elif place[1] != entry.privacy_day:
                yield f"{entry.name} lists {path}, which is of another privacy day"
    # A release of an earlier version states no events.
    if evidence.days and {*evidence.days[-1].block("shared"), EVENTS} != set(SHARED):
        yield f"{evidence.days[-1].name} does not list exactly {', '.join(SHARED)} as shared"


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
