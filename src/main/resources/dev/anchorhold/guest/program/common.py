"""Paths, the logger and the error type that all modules share."""

from __future__ import annotations

import logging
import os
from pathlib import Path

ROOT = Path(os.environ.get("ANCHORHOLD_ROOT", "/"))
CONFIG = ROOT / "etc/anchorhold/guest.json"  # {agent, door}, by cloud-init
BOOTSTRAP = ROOT / "etc/anchorhold/bootstrap-token"  # by cloud-init; gone once it was redeemed or refused
STATE = ROOT / "var/lib/anchorhold"
KEY = STATE / "guest.key"  # never leaves this machine; its public half is known to the door
PAYLOAD = STATE / "payload.json"  # what this machine is to be, so that it needs no door to boot
FORMATTING = STATE / "formatting.json"  # a blank volume is being formatted: {device, uuid}
RUN = ROOT / "run/anchorhold"  # gone at a reboot
PROC = ROOT / "proc"
UNITS = ROOT / "etc/systemd/system"
DOCKER = ROOT / "run/docker.sock"
MIB = 1024 * 1024

log = logging.getLogger("anchorhold")


def under_root(path: str) -> Path:
    return ROOT / path.lstrip("/")


class GuestError(Exception):
    """What is wrong, in words for the Agent's owner."""
