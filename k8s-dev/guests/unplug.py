"""Shuts down a disk's file system wherever it is mounted, as if the disk was unplugged: all access fails from then on.

    unplug.py MAJOR:MINOR

What was written until then is on the disk. Python 3, standard library only, as root.
"""

import fcntl
import os
import pathlib
import sys

FS_IOC_SHUTDOWN = 0x8004587D
SYNC_FIRST = (0).to_bytes(4, sys.byteorder)
device = sys.argv[1]


def mount_points():
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            for line in (process / "mountinfo").read_text().splitlines():
                _, _, number, _, where, *_ = line.split(" ")
                if number == device:
                    yield f"{process}/root{where.encode().decode('unicode_escape')}"
        except OSError:
            continue  # it ended meanwhile


for path in mount_points():
    try:
        root = os.open(path, os.O_RDONLY)
        fcntl.ioctl(root, FS_IOC_SHUTDOWN, SYNC_FIRST)
        break
    except OSError:
        continue  # covered by another mount there, or gone; others may see it
