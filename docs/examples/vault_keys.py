"""A key service for Hexaflux on the transit engine of HashiCorp Vault or OpenBao: `[release] key_service`.

One key for each privacy day, made by the engine and not exportable. Sub-keys are HMACs that the engine makes. Reads a
JSON object from each line of standard input and answers with one line. Needs nothing but Python. See README.md.
"""

import base64
import hashlib
import http.client
import json
import os
import re
import ssl
import sys
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SCOPE = re.compile(r"[0-9a-f]{16}")
PURPOSE = re.compile(r"[a-z]{1,20}")
SUBKEY_BYTES = 16
TIMEOUT = 10

Answer = dict[str, object]


class Failure(Exception):
    """What goes wrong, in one of the words that Hexaflux knows: missing, denied, unreachable, unsafe."""


class Transit:
    """The transit engine at VAULT_ADDR, asked with the token in VAULT_TOKEN or in the file VAULT_TOKEN_FILE."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.address = urllib.parse.urlsplit(environment["VAULT_ADDR"])
        self.mount = environment.get("HEXAFLUX_TRANSIT", "transit").strip("/")
        self.prefix = environment.get("HEXAFLUX_KEY_PREFIX", "hexaflux")
        self.environment = environment

    def ask(self, method: str, path: str, body: Answer | None = None) -> Answer:
        """The `data` of an answer; {} where there is none. Redirects are not followed."""
        token = self.environment.get("VAULT_TOKEN") or Path(self.environment["VAULT_TOKEN_FILE"]).read_text().strip()
        headers = {"X-Vault-Token": token, "X-Vault-Request": "true", "Content-Type": "application/json"}
        if namespace := self.environment.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = namespace
        connection = self._connection()
        try:
            connection.request(method, f"/v1/{self.mount}/{path}", json.dumps(body or {}), headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            raise Failure("unreachable") from None
        finally:
            connection.close()
        if answer.status == 404:
            raise Failure("missing")
        if answer.status not in (200, 204):
            raise Failure("denied" if answer.status in (400, 403) else "unreachable")
        return (json.loads(content).get("data") or {}) if content else {}

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.address.hostname or "", self.address.port
        if self.address.scheme == "https":
            context = ssl.create_default_context(cafile=self.environment.get("VAULT_CACERT"))
            return http.client.HTTPSConnection(host, port or 8200, timeout=TIMEOUT, context=context)
        return http.client.HTTPConnection(host, port or 8200, timeout=TIMEOUT)


def name_of(transit: Transit, request: Answer) -> str:
    """The engine's name for the key of a day and a working directory."""
    day, scope = str(request.get("day")), str(request.get("scope"))
    if not DAY.fullmatch(day) or not SCOPE.fullmatch(scope):
        raise Failure("denied")
    return f"{transit.prefix}-{scope}-{day}"


def hmac(transit: Transit, name: str, message: str) -> bytes:
    """HMAC-SHA-256 of a message under the first version of a key, which is the only one."""
    body: Answer = {"input": base64.b64encode(message.encode()).decode(), "key_version": 1}
    text = str(transit.ask("POST", f"hmac/{name}/sha2-256", body)["hmac"])
    return base64.b64decode(text.rpartition(":")[2], validate=True)


def stated(transit: Transit, name: str, day: str) -> Answer:
    """What Hexaflux may know of a key; a key that could leave the engine, or was rotated, is refused."""
    key = transit.ask("GET", f"keys/{name}")
    told = [key.get(way) for way in ("exportable", "allow_plaintext_backup", "imported_key")]
    if any(told) or key.get("latest_version") != 1:
        raise Failure("unsafe")
    created = datetime.fromtimestamp(int(key["keys"]["1"]), UTC)  # type: ignore[index]
    return {
        "key_id": hmac(transit, name, f"key_id|{day}")[:8].hex(),
        "commitment": hashlib.sha256(hmac(transit, name, f"commitment|{day}")).hexdigest(),
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def create_or_open(transit: Transit, request: Answer) -> Answer:
    """Make the key of a day unless there is one: the engine leaves one that is there as it is."""
    name = name_of(transit, request)
    transit.ask("POST", f"keys/{name}", {"type": "aes256-gcm96", "exportable": False, "allow_plaintext_backup": False})
    return stated(transit, name, str(request["day"]))


def open_key(transit: Transit, request: Answer) -> Answer:
    """The key of a day."""
    return stated(transit, name_of(transit, request), str(request["day"]))


def exists(transit: Transit, request: Answer) -> Answer:
    """Whether there is a key of a day."""
    try:
        transit.ask("GET", f"keys/{name_of(transit, request)}")
    except Failure as failure:
        if str(failure) != "missing":
            raise
        return {"exists": False}
    return {"exists": True}


def subkey(transit: Transit, request: Answer) -> Answer:
    """16 bytes for a purpose and a day. Without the GET, the engine would tell a missing key apart by words only."""
    name, purpose = name_of(transit, request), str(request.get("purpose"))
    if not PURPOSE.fullmatch(purpose):
        raise Failure("denied")
    transit.ask("GET", f"keys/{name}")
    made = hmac(transit, name, f"subkey|{purpose}|{request['day']}")[:SUBKEY_BYTES]
    return {"subkey": base64.b64encode(made).decode()}


def destroy(transit: Transit, request: Answer) -> Answer:
    """Delete the key of a day for good."""
    name = name_of(transit, request)
    transit.ask("POST", f"keys/{name}/config", {"deletion_allowed": True})
    transit.ask("DELETE", f"keys/{name}")
    return {}


def listed(transit: Transit, request: Answer) -> Answer:
    """The days of which a working directory has a key."""
    try:
        names = transit.ask("GET", "keys?list=true").get("keys", [])
    except Failure as failure:
        if str(failure) != "missing":
            raise
        names = []
    start = f"{transit.prefix}-{request.get('scope')}-"
    days = [str(name).removeprefix(start) for name in names if str(name).startswith(start)]  # type: ignore[attr-defined]
    return {"days": sorted(day for day in days if DAY.fullmatch(day))}


OPERATIONS = {
    "create_or_open": create_or_open,
    "open": open_key,
    "exists": exists,
    "subkey": subkey,
    "destroy": destroy,
    "list": listed,
}


def answer(transit: Transit, line: str) -> Answer:
    """The answer to a line."""
    try:
        request = json.loads(line)
        return OPERATIONS[request["op"]](transit, request)
    except Failure as failure:
        return {"error": str(failure)}
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        return {"error": "malformed"}


def main() -> None:
    """Answer until the input ends."""
    transit = Transit(dict(os.environ))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(transit, line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
