"""Requests that no client of good will sends, made from a seed."""

import json
import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Final

from pipelines.server.reports.pages.sessions import COOKIE

PATHS: Final = (
    "/",
    "/health",
    "/metrics",
    "/openapi.json",
    "/oauth2/token",
    "/v1/dijon",
    "/v1/dijon/places",
    "/v1/dijon/index.html",
    "/open311/v2/requests.json",
    "/open311/v2/requests.xml",
    "/open311/v2/services.json",
    "/open311/",
    "/open311/report",
    "/open311/v2/discovery.xml",
    "/population-density-data/v1rc1/retrieve",
    "/consultations/playground",
    "/consultations/playground/answers",
)
TRICKS: Final = (
    "/v1/../manifest.json",
    "/v1/%2e%2e/%2e%2e/etc/passwd",
    "/v1/..%2f..%2fserver.db",
    "/v1/dijon/places/..%5c..%5cserver.db",
    "/v1/dijon/%00",
    "/v1//dijon",
    "//v1/dijon",
    "/v1/dijon/places/%c0%ae%c0%ae/x",
    "/v1/%ff%fe",
    "/v1/dijon;x=1",
    "/v1/dijon?" + "a=b&" * 2000,
    "/" + "a/" * 3000,
    "http://other.example/v1/dijon",
    "*",
    "",
    "/v1/\u202edijon",
    "/clients.json",
    "/server.db",
    "/.git/config",
    "/v1/dijon#x",
    "/%",
    "/%zz",
)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW", "\x00")
TYPES: Final = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 500,
    "text/xml",
    "application/json; charset=utf-7",
    "",
    "/",
    "image/svg+xml",
)
FEEDS: Final = ("/v1/dijon", "/v1/dijon/places", "/v1/dijon/index.html")
DATES: Final = (
    "Mon, 99 Foo 0000",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 99999999999999999999 Jan 2001 00:00:00 GMT",
    "Mon, 01 Jan 2001 99999999999999999999:00:00 GMT",
    "Mon, 01 Jan 2001 00:00:00 +99999999999999999999",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan 2001 00:00:00",
    "\udcb2\udcb2",
)
FORMS: Final = (
    "/open311/v2/requests.json",
    "/open311/v2/requests.xml",
    "/open311/login",
    "/open311/logout",
    "/open311/report",
    "/oauth2/token",
    "/consultations/playground",
)
CHARSETS: Final = ("undefined", "punycode", "utf-7", "idna", "utf-16", "unicode_escape", "hex", "x", '"', "\udcff", "")
SPOILT: Final = {"utf-7": (b"+2AA-",), "punycode": (b"\xe9", b"a-99999999")}
"""Texts that a charset cannot read, or that UTF-8 cannot write."""
TEXTS: Final = (
    b"+2AA-",
    b"\xff\xfe",
    b"%ff%fe",
    b"%00",
    b"\x00",
    b"\\ud800",
    b"%ed%a0%80",
    b"xn--a-\xe9",
    b"\\N{x}",
    b"",
)
QUERIES: Final = (
    "service_request_id",
    "service_code",
    "start_date",
    "status",
    "jurisdiction_id",
    "lang",
    "told",
    "page",
    "\udcff",
    "",
)
LISTS: Final = tuple(f"/open311/v2/requests.{form}" for form in ("json", "xml", "geojson"))
VALUES: Final = (
    "%00",
    "a%00b",
    "a%00,b",
    "%ff",
    "%ed%a0%80",
    "%",
    "%f0%9f",
    "%0d%0aX:%20y",
    "9" * 400,
    "%e2%80%ae",
    ",,,",
)
Kind = Callable[[random.Random], bytes]


def requests(count: int, seed: int) -> Iterator[bytes]:
    """So many of them, of each kind in turn."""
    chance = random.Random(seed)
    for number in range(count):
        yield KINDS[number % len(KINDS)](chance)


def rare() -> Iterator[bytes]:
    """Dates, forms and queries of which chance takes each too seldom: the same ones every time."""
    yield from (dated(path, date) for path in FEEDS for date in DATES)
    for write, path, charset in product((urlencoded, multipart), FORMS, CHARSETS):
        yield from (write(path, charset, b"form", text) for text in SPOILT.get(charset, (b"x",)))
    yield from (queried(path, f"{name}=a%00b") for path in LISTS for name in QUERIES[:3])


def told(line: str, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{line}\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 2000))


def broken_line(chance: random.Random) -> bytes:
    pieces = [
        chance.choice(METHODS),
        chance.choice(PATHS + TRICKS),
        chance.choice(("HTTP/1.1", "HTTP/9.9", "", "HTTP/")),
    ]
    chance.shuffle(pieces)
    return told(chance.choice((" ", "  ", "\t", "")).join(pieces), [("Host", "x")])


def trick(chance: random.Random) -> bytes:
    return told(f"{chance.choice(METHODS)} {chance.choice(TRICKS)} HTTP/1.1", [("Host", "x"), ("Connection", "close")])


def headers(chance: random.Random) -> bytes:
    odd = [
        ("X" * chance.randrange(1, 70_000), "x"),
        ("X", "x" * chance.randrange(1, 70_000)),
        ("Host", "y"),
        ("Host", "a b"),
        (" X", "x"),
        ("X\x00", "x"),
        ("X", "\udcff\x00"),
        ("Content-Length", "-1"),
        ("Content-Length", "9" * 30),
        ("Transfer-Encoding", "chunked, chunked"),
        ("Transfer-Encoding", "gzip"),
        ("Authorization", "Bearer " + "x" * 1000),
        ("Authorization", "Basic \udcff"),
        ("X-API-Key", "\udce9" * 50),
        ("If-None-Match", '"' + "x," * 5000),
        ("If-Modified-Since", "Mon, 99 Foo 0000"),
        ("Accept-Encoding", "gzip;q=x, ;;;"),
        ("Accept", "\udcff/*"),
        ("Expect", "100-continue"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("X-Forwarded-For", "x" * 500),
        ("Range", "bytes=9-1"),
    ]
    many = [(f"X-{number}", "x") for number in range(chance.choice((0, 0, 0, 99, 5000)))]
    chosen = chance.sample(odd, chance.randrange(1, 5))
    return told(f"{chance.choice(METHODS)} {chance.choice(PATHS)} HTTP/1.1", [("Host", "x"), *chosen, *many])


def chunks(chance: random.Random) -> bytes:
    body = chance.choice(
        (
            b"zz\r\nx\r\n0\r\n\r\n",
            b"-1\r\n",
            b"f" * 20 + b"\r\n",
            b"5\r\nab",
            b"0\r\nX: y\r\nHost: z\r\n\r\n",
            b"5;" + b"x" * 9000,
            b"1\r\nx\r\n" * 5000 + b"0\r\n\r\n",
            b"5\r\nhello\r\n0\r\n\r\nGET /v1/dijon HTTP/1.1\r\n",
        )
    )
    both = [("Content-Length", "3")] if chance.random() < 0.3 else []
    kind = ("Content-Type", chance.choice(TYPES))
    line = f"POST {chance.choice(PATHS)} HTTP/1.1"
    return told(line, [("Host", "x"), ("Transfer-Encoding", "chunked"), kind, *both], body)


def bodies(chance: random.Random) -> bytes:
    deep = chance.randrange(1, 20_000)
    body = chance.choice(
        (
            b"[" * deep,
            b'{"a":' * deep + b"1" + b"}" * deep,
            b'{"a": NaN, "b": 1e999, "c": ' + b"9" * 5000 + b"}",
            b'{"a": "\xff\xfe"}',
            b'"\\ud800"',
            b"a=%ff&a=%00&" + b"x=y&" * 5000,
            b'--x\r\nContent-Disposition: form-data; name="media"; filename="../../x.png"\r\n\r\n\x89PNG\r\n--x',
            b"--x\r\n" * 3000,
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
            json.dumps({"grant_type": ["client_credentials"], "area": {"areaType": "POLYGON"}}).encode(),
            chance.randbytes(chance.randrange(5000)),
            b"x" * 80_000,
        )
    )
    if chance.random() < 0.3:
        spoilt = bytearray(body or b"x")
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        body = bytes(spoilt)
    length = len(body) + chance.choice((0, 0, 0, -1, 10))
    method = chance.choice(("POST", "POST", "POST", "PUT", "GET", "DELETE"))
    kind = chance.choice(TYPES)
    sent = [("Host", "x"), ("Content-Type", kind), ("Content-Length", str(max(0, length))), ("Connection", "close")]
    return told(f"{method} {chance.choice(PATHS)} HTTP/1.1", sent, body)


def dates(chance: random.Random) -> bytes:
    return dated(chance.choice(FEEDS), chance.choice(DATES))


def dated(path: str, date: str) -> bytes:
    return told(f"GET {path} HTTP/1.1", [("Host", "x"), ("If-Modified-Since", date), ("Connection", "close")])


def forms(chance: random.Random) -> bytes:
    text = chance.choice(TEXTS)
    name = chance.choice((b"form", b"api_key", b"key", b"description", b"media", b"mrz", text))
    end = chance.choice((b"--x--\r\n", b"", b"--x", b"--x-"))
    write = chance.choice((urlencoded, multipart))
    return write(chance.choice(FORMS), chance.choice(CHARSETS), name, text, end)


def urlencoded(path: str, charset: str, name: bytes, text: bytes, _: bytes = b"") -> bytes:
    return form(path, f"application/x-www-form-urlencoded; charset={charset}", name + b"=" + text)


def multipart(path: str, charset: str, name: bytes, text: bytes, end: bytes = b"--x--\r\n") -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, text)
    return form(path, f"multipart/form-data; boundary=x; charset={charset}", part + end)


def form(path: str, kind: str, body: bytes) -> bytes:
    # Without a cookie no form of a page is read.
    sent = [("Host", "x"), ("Cookie", f"{COOKIE}=x"), ("Content-Type", kind), ("Content-Length", str(len(body)))]
    return told(f"POST {path} HTTP/1.1", [*sent, ("Connection", "close")], body)


def queries(chance: random.Random) -> bytes:
    asked = "&".join(f"{chance.choice(QUERIES)}={chance.choice(VALUES)}" for _ in range(chance.randrange(1, 4)))
    return queried(chance.choice((*PATHS, *LISTS)), asked)


def queried(path: str, query: str) -> bytes:
    return told(f"GET {path}?{query} HTTP/1.1", [("Host", "x"), ("Connection", "close")])


def cut(chance: random.Random) -> bytes:
    whole = chance.choice((bodies, headers, chunks))(chance)
    return whole[: chance.randrange(1, len(whole))]


def flood(chance: random.Random) -> bytes:
    """Many requests at once on one connection."""
    return told(f"GET {chance.choice(PATHS)} HTTP/1.1", [("Host", "x")]) * chance.randrange(2, 100)


KINDS: Final[tuple[Kind, ...]] = (
    noise,
    broken_line,
    trick,
    headers,
    dates,
    chunks,
    bodies,
    forms,
    queries,
    cut,
    flood,
)
