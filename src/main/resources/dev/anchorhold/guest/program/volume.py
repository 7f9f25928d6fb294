"""Keeps the data volume: formats it when it is blank, checks it, mounts it, grows it."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

from .backoff import Backoff
from .commands import run, try_run
from .common import FORMATTING, GuestError, log
from .container import stop_container
from .files import delete_durably, read_json, write_atomically
from .filesystem import ext4_can_grow, filesystem_signature, is_blank, is_mounted, mounted_device

NO_VOLUME = {"mounted": False, "sizeBytes": 0, "freeBytes": 0}


class Volume:
    """The data volume, mounted. It is formatted only when it is certain that nothing was ever written to it."""

    def __init__(self) -> None:
        self.grow_backoff = Backoff(60, 3600)

    def ensure(self, device: str, mount: Path) -> None:
        if not os.path.exists(device):
            raise GuestError(f"The data volume is not there yet: no {device}")
        if is_mounted(device, mount):
            return
        stop_container()  # it would go on with what was mounted before, or with nothing
        if mounted_device(mount):
            run("umount", str(mount))  # the same volume, before it was pulled out and came back as another device
        format_if_blank(device)
        run("e2fsck", "-p", device, timeout=3600, ok_codes=(0, 1, 2))
        if ext4_can_grow(device):  # it could not grow while it was mounted; unmounted that takes a full check
            try_run("e2fsck", "-f", "-p", device, timeout=3600)
            try_run("resize2fs", device, timeout=3600)
        mount.mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "ext4", "-o", "discard,nodev", device, str(mount))
        log.info("The data volume is mounted")

    def grow(self, device: str) -> None:
        """The file system fills a volume that grew while it is mounted; where that cannot be, at the next boot."""
        if ext4_can_grow(device):
            self.grow_backoff.attempt(lambda: log.info("%s", run("resize2fs", device, timeout=3600).strip()))


def format_if_blank(device: str) -> None:
    """Leaves an ext4 as it is; raises when it holds anything else."""
    kind, identity = filesystem_signature(device)
    begun = read_json(FORMATTING) or {}
    # Begun and never finished, so never mounted: what is on it is our own half, or our whole whose end we missed.
    ours = begun.get("device") == device and (not kind or identity == begun.get("uuid"))
    if kind == "ext4" and not ours:
        delete_durably(FORMATTING)
        return
    if kind and not ours:
        raise GuestError(f"The data volume holds {kind}, which is not ours: it is neither formatted nor mounted")
    if not ours:
        if not is_blank(device):
            raise GuestError("The data volume holds data of an unknown kind: it is neither formatted nor mounted")
        begun = {"device": device, "uuid": str(uuid.uuid4())}
        write_atomically(FORMATTING, json.dumps(begun).encode())
    log.info("Formatting the blank data volume")
    # Its root is the first ordinary user's, whom images usually run as; a container's root may write there anyway.
    options = ["-q", "-F", "-m", "0", "-L", "anchorhold", "-E", "root_owner=1000:1000", "-U", begun["uuid"]]
    run("mkfs.ext4", *options, device, timeout=3600)
    delete_durably(FORMATTING)


def volume_status(mount: Path) -> dict[str, Any]:
    """The report's `volume`."""
    if not mounted_device(mount):
        return dict(NO_VOLUME)
    space = os.statvfs(mount)
    sizes = {"sizeBytes": space.f_blocks * space.f_frsize, "freeBytes": space.f_bavail * space.f_frsize}
    return {"mounted": True, **sizes}
