"""The few endpoints of a transit engine that the worked example asks, in memory, with the answers of OpenBao 2.

Forms of answers: builtin/logical/transit/path_keys.go and path_hmac.go of openbao/openbao.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "a-token-that-must-not-be-shown"  # noqa: S105
Answer = tuple[int, dict[str, Any] | None]


@dataclass
class Engine:
    """Keys by name, and the requests that came; `denied` answers 403 to everything, `secret_of` makes the keys."""

    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    denied: bool = False
    secret_of: Callable[[str], bytes] = lambda _name: os.urandom(32)

    def answer(self, method: str, path: str, body: dict[str, Any], token: str) -> Answer:
        self.asked.append(f"{method} {path}")
        if self.denied or token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        kind, _, rest = path.removeprefix("/v1/transit/").partition("/")
        name, _, what = rest.partition("/")
        if kind == "keys?list=true":
            return (200, {"data": {"keys": sorted(self.keys)}}) if self.keys else (404, {"errors": []})
        if kind == "hmac":
            return self._hmac(name, what, body)
        if method == "POST" and not what:
            return self._make(name, body)
        if name not in self.keys:
            return (404, {"errors": []}) if method == "GET" else (400, {"errors": ["no existing key named"]})
        if method == "POST" and what == "config":
            self.keys[name]["deletion_allowed"] = body["deletion_allowed"]
            return 200, {"data": self.keys[name]}
        if method == "DELETE":
            return self._delete(name)
        return 200, {"data": self.keys[name]}

    def _make(self, name: str, body: dict[str, Any]) -> Answer:
        if name not in self.keys:
            self.secrets[name] = self.secret_of(name)
            self.keys[name] = {
                "type": body["type"],
                "exportable": body["exportable"],
                "allow_plaintext_backup": body["allow_plaintext_backup"],
                "imported_key": False,
                "deletion_allowed": False,
                "latest_version": 1,
                "keys": {"1": int(time.time())},
            }
        return 200, {"data": self.keys[name]}

    def _hmac(self, name: str, algorithm: str, body: dict[str, Any]) -> Answer:
        if name not in self.keys or algorithm != "sha2-256" or body["key_version"] != 1:
            return 400, {"errors": ["encryption key not found"]}
        made = hmac.new(self.secrets[name], base64.b64decode(body["input"]), hashlib.sha256).digest()
        return 200, {"data": {"hmac": f"vault:v1:{base64.b64encode(made).decode()}"}}

    def _delete(self, name: str) -> Answer:
        if not self.keys[name]["deletion_allowed"]:
            return 400, {"errors": ["deletion is not allowed for this key"]}
        del self.keys[name], self.secrets[name]
        return 204, None


class Served(ThreadingHTTPServer):
    """An engine at a free port of the loopback."""

    daemon_threads = True

    def __init__(self, engine: Engine) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.engine = engine
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        assert isinstance(self.server, Served)
        answered = self.server.engine.answer(self.command, self.path, body, self.headers["X-Vault-Token"])
        status, data = answered
        content = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
