"""Judges block devices and file systems: what a device holds, how large both are, how much room is left."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from .commands import run, try_run
from .common import MIB, GuestError


def filesystem_signature(device: str) -> tuple[str, str]:
    """Its type and its UUID; both empty when no tool knows a signature on the device. Doubt is a GuestError."""
    code, output, error = try_run("blkid", "-p", "-o", "export", device)
    facts = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    if code == 0 and facts.get("TYPE"):
        return facts["TYPE"], facts.get("UUID", "")
    if code != 2 or output.strip() or error or run("wipefs", "--no-act", device).strip():
        raise GuestError("It is unclear what the data volume holds: it is neither formatted nor mounted")
    return "", ""


def is_blank(device: str) -> bool:
    """Its first and its last MiB were never written to. Reading proves, too, that blkid could read it."""
    size = device_size(device)
    with open(device, "rb") as file:
        head = file.read(MIB)
        file.seek(max(0, size - MIB))
        return size > 0 and not any(head) and not any(file.read(MIB))


def device_size(device: str) -> int:
    with open(device, "rb") as file:
        return file.seek(0, os.SEEK_END)


def ext4_can_grow(device: str) -> bool:
    """Whether the device has grown beyond its ext4, as that says in its superblock."""
    with open(device, "rb") as file:
        file.seek(1024)
        superblock = file.read(1024)
    low, log_block, high = (struct.unpack_from("<I", superblock, at)[0] for at in (0x4, 0x18, 0x150))
    return bool(device_size(device) - ((high << 32 | low) << (10 + log_block)) > 16 * MIB)


def mounted_device(mount: Path) -> str:
    """The number (major:minor) of the device that is mounted there; empty when there is none."""
    numbers = try_run("findmnt", "-n", "-o", "MAJ:MIN", "--mountpoint", str(mount))[1].split()
    return numbers[-1] if numbers else ""


def is_mounted(device: str, mount: Path) -> bool:
    number = os.stat(device).st_rdev
    return mounted_device(mount) == f"{os.major(number)}:{os.minor(number)}"


def check_disk_space(disks: dict[str, Path]) -> None:
    """Raises when one of them, named as its owner is told of it, is nearly full or cannot be written to."""
    for name, folder in disks.items():
        space = os.statvfs(folder)
        free = space.f_bavail * space.f_frsize
        if free < min(100 * MIB, space.f_blocks * space.f_frsize // 50):
            raise GuestError(f"The {name} is full: {free // MIB} MiB are left")
        if space.f_flag & os.ST_RDONLY:
            raise GuestError(f"The {name} has become read-only, after errors")
