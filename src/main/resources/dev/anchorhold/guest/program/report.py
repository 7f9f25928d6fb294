"""Builds the report that the door gets: what is, not what was meant."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from .common import RUN, under_root
from .files import write_atomically
from .tunnel import connector_ready, connector_running
from .volume import NO_VOLUME, volume_status


def boot_id() -> str:
    """The same until the next reboot, however often this starts. The kernel's own is the host's in a container."""
    file = RUN / "boot-id"
    if not file.exists():
        write_atomically(file, str(uuid.uuid4()).encode())
    return file.read_text()


def program_hash() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def machine_status(payload: dict[str, Any] | None, container: Any) -> dict[str, Any]:
    """The report's parts that are looked up now. The container is Docker's inspection of it."""
    running = bool(container) and container["State"]["Running"] and not container["State"]["Restarting"]
    return {
        "container": {
            "running": running,
            "image": container["Config"]["Image"] if container else None,
            "restarts": container["RestartCount"] if container else 0,
        },
        "volume": volume_status(under_root(payload["volume"]["mount"])) if payload else dict(NO_VOLUME),
        "connector": {
            "running": connector_running(),
            "ready": payload is not None and connector_ready(payload),
        },
    }


def is_news(report: dict[str, Any], previous: dict[str, Any]) -> bool:
    """Whether the door is to know at once. How much room is left on the volume is no news."""
    return without_free_space(report) != without_free_space(previous)


def without_free_space(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "volume": {**report["volume"], "freeBytes": 0}}
