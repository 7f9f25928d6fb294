"""A client of Docker's HTTP API on its unix socket. No value is ever on a command line or in a file."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

from .common import DOCKER, GuestError


class DockerConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(DOCKER))
        except OSError:
            self.close()
            raise ConnectionRefusedError("Docker is down") from None


def docker(method: str, path: str, body: Any = None) -> Any:
    """The response, parsed when it is a JSON object; None for 404."""
    with docker_response(method, path, body, timeout=20 if method == "GET" else 120) as response:
        content = response.read()
    if response.status == 404:
        return None
    return json.loads(content) if content.startswith(b"{") else content


@contextlib.contextmanager
def docker_response(
    method: str, path: str, body: Any, timeout: float, login: dict[str, str] | None = None
) -> Iterator[http.client.HTTPResponse]:
    """A success or a 404. ConnectionError when Docker is down, a GuestError with Docker's words for the rest."""
    headers = {"Content-Type": "application/json"}
    if login:  # Docker asks no other registry with it, and keeps it no longer than the call
        account = {"username": login["username"], "password": login["password"], "serveraddress": login["server"]}
        headers["X-Registry-Auth"] = base64.urlsafe_b64encode(json.dumps(account).encode()).decode()
    with contextlib.closing(DockerConnection("docker", timeout=timeout)) as connection:
        connection.request(method, path, body and json.dumps(body), headers)
        with connection.getresponse() as response:
            if response.status >= 400 and response.status != 404:
                raise GuestError(f"Docker says {response.status}: {response.read(400).decode('utf-8', 'replace')}")
            yield response
