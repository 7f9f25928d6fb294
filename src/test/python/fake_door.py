"""A fake guest door, as strict as the real one about tokens, and as careless as a network about answers."""

from __future__ import annotations

import base64
import http.server
import pathlib
import subprocess
import tempfile
import threading

from fake_http import Server

AGENT = "4f2a91c0-6d5e-4a0b-9c1d-2e3f4a5b6c7d"
IMAGE = "registry.example.com/agents/coder@sha256:" + "ab" * 32
DEVICE = "/dev/disk/by-id/scsi-0HC_Volume_7"
MOUNT = "/data/home-coder"
TUNNEL_TOKEN = "tunnel-token-of-the-first-owner"


class FakeDoor:
    """The guest door, as strict as the real one about tokens, and as careless as a network about answers."""

    def __init__(self) -> None:
        self.bootstrap_token, self.bootstrap_used = "once-only-bootstrap-token", False
        self.public_key = ""
        self.nonces, self.tokens_given, self.token = set(), 0, ""
        self.settings = {"version": 1, "tunnelToken": TUNNEL_TOKEN, "shareLogs": False}
        self.env = {"GREETING": "hello there"}
        self.login: dict[str, str] = {}
        self.reports, self.lines, self.asked = [], [], []
        self.lose_answers_of = set()
        self.refusing = self.connector_ready = False
        self.connector_ready = True
        self.busy = self.redirect = None
        self.seen_at_bootstrap = lambda: None
        door = self

        class Handler(Server):
            def answer(self, body: object) -> None:
                door.serve(self, self.path.rpartition("/")[2], body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def forget_tokens(self) -> None:
        self.token = ""

    def payload(self) -> dict:
        return {
            "agent": {"uid": AGENT, "namespace": "default", "name": "coder"},
            "image": IMAGE, "env": self.env, "port": 8080, "hostname": "coder-4f2a91c0",
            "volume": {"id": 7, "device": DEVICE, "mount": MOUNT}, "settings": self.settings,
            **({"login": dict(self.login)} if self.login else {}),
        }  # fmt: skip

    def grant(self) -> dict:
        self.tokens_given += 1
        self.token = f"callback-token-{self.tokens_given}"
        return {"callbackToken": self.token, "expiresAt": "2999-01-01T00:00:00.123456Z"}

    def serve(self, request: Server, path: str, body: dict) -> None:
        if path == "ready":
            return request.send(200 if self.connector_ready else 503)
        self.asked.append(path)
        if self.busy:
            return request.send(429, Retry_After=self.busy)
        if self.redirect:
            return request.send(302, Location=self.redirect)
        answer = None if self.refusing else self.decide(path, body, request.headers.get("Authorization"))
        if path in self.lose_answers_of:
            self.lose_answers_of.remove(path)
            request.close_connection = True
            return None
        if answer is None:
            return request.send(403, {"title": "Forbidden"})
        return request.send(200, answer)

    def decide(self, path: str, body: dict, authorization: str) -> dict | None:
        """The response's body; None refuses the request."""
        if path == "bootstrap":
            if self.bootstrap_used or body["token"] != self.bootstrap_token or body["agent"] != AGENT:
                return None
            self.seen_at_bootstrap()
            self.bootstrap_used, self.public_key = True, body["publicKey"]
            return {"payload": self.payload(), **self.grant()}
        if path == "nonce":
            self.nonces.add(f"nonce-{len(self.asked)}")
            return {"nonce": f"nonce-{len(self.asked)}"}
        if path == "token":
            if body["nonce"] not in self.nonces or not self.verified(body["nonce"], body["signature"]):
                return None
            self.nonces.remove(body["nonce"])
            return self.grant()
        if not self.token or authorization != f"Bearer {self.token}":
            return None
        if path == "renew":
            return self.grant()
        if path == "payload":
            return self.payload()
        if path == "report":
            self.reports.append(body["report"])
            return {"settingsVersion": self.settings["version"]}
        self.lines += body["lines"]
        return {}

    def verified(self, nonce: str, signature: str) -> bool:
        if not self.public_key:
            return False
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, name) for name in ("key", "message", "signature")]
            files[0].write_text(self.public_key)
            files[1].write_text(f"anchorhold-guest-v1\n{AGENT}\n{nonce}")
            files[2].write_bytes(base64.b64decode(signature))
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", files[0], "-in", files[1]]
            return subprocess.run([*command, "-sigfile", files[2]], capture_output=True).returncode == 0
