"""Runs cloudflared, the connector of the tunnel behind the Agent's public URL, as a systemd unit."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import urllib.request
from typing import Any

from .commands import run, try_run
from .common import RUN, UNITS, GuestError, log
from .files import write_atomically

CONNECTOR = "anchorhold-connector.service"
CONNECTOR_UNIT = """\
[Unit]
Description=The Agent's way out to its public URL
StartLimitIntervalSec=0

[Service]
LoadCredential=tunnel-token:{token}
ExecStart={program} tunnel --no-autoupdate --metrics 127.0.0.1:{metrics} run \\
  --token-file ${{CREDENTIALS_DIRECTORY}}/tunnel-token
DynamicUser=yes
Restart=always
RestartSec=2
"""


def ensure_connector(payload: dict[str, Any]) -> None:
    """Runs with today's token, as a user of its own. The token is in a file that only root and this unit can read."""
    token = RUN / "tunnel-token"
    started_with = RUN / "connector-started"  # the hash of the unit and the token that it was started with last
    program = shutil.which("cloudflared")
    if not program:
        raise GuestError("The connector is not installed")
    unit = CONNECTOR_UNIT.format(token=token, program=program, metrics=metrics_port(payload)).encode()
    secret = payload["settings"]["tunnelToken"].encode()
    if not (UNITS / CONNECTOR).exists() or (UNITS / CONNECTOR).read_bytes() != unit:
        write_atomically(UNITS / CONNECTOR, unit)
        run("systemctl", "daemon-reload")
    digest = hashlib.sha256(unit + secret).hexdigest().encode()
    if not started_with.exists() or started_with.read_bytes() != digest:
        write_atomically(token, secret)
        run("systemctl", "restart", CONNECTOR)
        write_atomically(started_with, digest)
        log.info("The connector is started")
    elif not connector_running():
        run("systemctl", "start", CONNECTOR)


def connector_running() -> bool:
    return try_run("systemctl", "is-active", CONNECTOR)[1].strip() == "active"


def connector_ready(payload: dict[str, Any]) -> bool:
    """Whether it has a connection to Cloudflare's edge, by its own word."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port(payload)}/ready", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def metrics_port(payload: dict[str, Any]) -> int:
    return 20241 if payload["port"] != 20241 else 20242
