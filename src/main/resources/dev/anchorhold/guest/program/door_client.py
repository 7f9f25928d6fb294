"""A client of the guest door: authentication by bootstrap token, then by this machine's own key, and requests."""

from __future__ import annotations

import base64
import email.message
import json
import subprocess
import time
import urllib.error
import urllib.request
from typing import IO
from typing import Any

from .commands import run
from .common import BOOTSTRAP, KEY, MIB, RUN, log
from .files import delete_durably, write_atomically
from .times import parse_time


class AccessDenied(Exception):
    """The door said 401 or 403, for whatever reason."""


class TooManyRequests(Exception):
    """The door said 429 and wants to be left alone for so many seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"asked to come back in {retry_after:.0f} s")
        self.retry_after = retry_after


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for the door and for nobody that it names."""

    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
                         headers: email.message.Message, newurl: str) -> None:  # fmt: skip
        return None


class DoorClient:
    """Whatever happens, it authenticates again by this machine's own key."""

    def __init__(self, url: str, agent: str) -> None:
        self.url, self.agent = url.rstrip("/"), agent
        self.token, self.renew_at = "", 0.0
        self.opener = urllib.request.build_opener(NoRedirect)

    def request(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST with a body, GET without. AccessDenied, TooManyRequests, or an OSError."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            request = urllib.request.Request(f"{self.url}/guest/v1/{path}", content, headers)
            with self.opener.open(request, timeout=30) as response:
                answer: dict[str, Any] = json.loads(response.read(4 * MIB) or b"{}")
                return answer
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (401, 403):
                raise AccessDenied(f"{path} was refused") from None
            if error.code == 429:
                seconds = error.headers.get("Retry-After", "")
                raise TooManyRequests(min(int(seconds), 900) if seconds.isdigit() else 60) from None
            raise

    def authenticate(self) -> dict[str, Any] | None:
        """Gets a callback token; the payload too when it redeems the bootstrap token."""
        self.token = ""
        ensure_key()
        if BOOTSTRAP.exists():
            public = run("openssl", "pkey", "-in", str(KEY), "-pubout")
            token = BOOTSTRAP.read_text().strip()
            try:
                answer = self.request("bootstrap", {"agent": self.agent, "token": token, "publicKey": public})
                self.use_token(answer)
                log.info("The bootstrap token is redeemed")
                delete_durably(BOOTSTRAP)
                payload: dict[str, Any] = answer["payload"]
                return payload
            except AccessDenied:
                # Redeemed already and the answer lost: then the key is known. Or worthless: then so is keeping it.
                log.warning("The bootstrap token was refused; coming in by the key")
                delete_durably(BOOTSTRAP)
        nonce = self.request("nonce", {"agent": self.agent})["nonce"]
        signature = sign(f"anchorhold-guest-v1\n{self.agent}\n{nonce}")
        self.use_token(self.request("token", {"agent": self.agent, "nonce": nonce, "signature": signature}))
        log.info("Came in by the key")
        return None

    def use_token(self, answer: dict[str, Any]) -> None:
        """It is renewed at half its life."""
        self.token = answer["callbackToken"]
        self.renew_at = time.monotonic() + max(60.0, (parse_time(answer["expiresAt"]) - time.time()) / 2)

    def ensure_token(self) -> dict[str, Any] | None:
        """The payload, when the door gave it on the way."""
        if not self.token:
            return self.authenticate()
        if time.monotonic() > self.renew_at:
            self.use_token(self.request("renew", {}))
        return None


def ensure_key() -> None:
    """Made before anything is redeemed: so a lost answer costs nothing."""
    if not KEY.exists():
        write_atomically(KEY, run("openssl", "genpkey", "-algorithm", "ed25519").encode())


def sign(message: str) -> str:
    """Base64. Ed25519 is signed from a file, of all algorithms it alone reads its message twice."""
    file = RUN / "to-sign"
    file.write_text(message)
    signed = subprocess.run(
        ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(KEY), "-in", str(file)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return base64.b64encode(signed.stdout).decode()
