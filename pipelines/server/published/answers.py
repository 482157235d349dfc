"""A file as an HTTP answer: packed where the client takes it, and not at all where it has it already."""

import re
from email.utils import parsedate_to_datetime
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from pipelines.server.published.edition import Edition, File

CACHED: Final = "public, max-age=60"
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')
_ALL: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag"}
"""Feeds are open data: pages of others may read them."""


def answer(file: File, edition: Edition, headers: Headers) -> Response:
    """The file, or 304 where the headers say that the client has it (RFC 9110, section 13)."""
    packed = bool(file.packed) and _takes_gzip(headers.get("accept-encoding", ""))
    # Two representations have two tags, as caches compare them byte for byte.
    tag = f'"{file.digest}{"-gzip" if packed else ""}"'
    told = {**_ALL, "etag": tag, "last-modified": edition.at, "cache-control": CACHED, "vary": "accept-encoding"}
    told["cross-origin-resource-policy"] = "cross-origin"
    if _has_it(headers, tag, edition.at):
        return Response(status_code=304, headers=told)
    told["content-type"] = file.kind
    if file.policy:
        told["content-security-policy"] = file.policy
    if packed:
        told["content-encoding"] = "gzip"
    return Response(file.packed if packed else file.data, headers=told)


def _has_it(headers: Headers, tag: str, at: str) -> bool:
    known = headers.getlist("if-none-match")
    if known:
        return known == ["*"] or any(tag in _TAG.findall(line) for line in known)
    since = headers.get("if-modified-since")
    try:
        return since is not None and parsedate_to_datetime(since) >= parsedate_to_datetime(at)
    except (ValueError, TypeError, OverflowError):
        return False


def _takes_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        coding, _, rest = each.partition(";")
        if coding.strip() in ("gzip", "*"):
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0{0,3})?\s*", rest)
    return False
