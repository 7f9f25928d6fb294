"""Tests what is read from a disk. The tools that read file systems are the genuine ones."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import guest_modules  # noqa: F401
from program import filesystem
from program.common import MIB, GuestError


class Filesystem(unittest.TestCase):
    def setUp(self) -> None:
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        self.device = file.name
        os.truncate(self.device, 8 * MIB)
        environment = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)

    def make_ext4(self) -> None:
        identity = "11111111-2222-3333-4444-555555555555"
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-U", identity, self.device], check=True)

    def write(self, offset: int) -> None:
        with open(self.device, "r+b") as file:
            file.seek(offset)
            file.write(b"x")

    def test_a_signature_is_a_kind_and_an_identity(self) -> None:
        self.assertEqual(("", ""), filesystem.filesystem_signature(self.device))
        self.make_ext4()
        self.assertEqual(
            ("ext4", "11111111-2222-3333-4444-555555555555"), filesystem.filesystem_signature(self.device)
        )

    def test_a_device_that_cannot_be_read_is_an_error_and_not_blank(self) -> None:
        with self.assertRaises(GuestError):
            filesystem.filesystem_signature("/no/such/device")

    def test_it_is_blank_only_with_nothing_at_its_beginning_and_its_end(self) -> None:
        self.assertTrue(filesystem.is_blank(self.device))
        for offset in (0, MIB - 1, 7 * MIB, 8 * MIB - 1):
            os.truncate(self.device, 0)
            self.assertFalse(filesystem.is_blank(self.device), "nothing is not blank")
            os.truncate(self.device, 8 * MIB)
            self.write(offset)
            self.assertFalse(filesystem.is_blank(self.device), offset)

    def test_an_ext4_can_grow_when_the_device_has_grown(self) -> None:
        self.make_ext4()
        self.assertFalse(filesystem.ext4_can_grow(self.device))
        os.truncate(self.device, 64 * MIB)
        self.assertTrue(filesystem.ext4_can_grow(self.device))

    def test_of_mounts_over_each_other_the_last_counts(self) -> None:
        with mock.patch.object(filesystem, "try_run", return_value=(0, " 8:1\n 8:16\n", "")):
            self.assertEqual("8:16", filesystem.mounted_device(Path("/data")))
            self.assertFalse(filesystem.is_mounted(self.device, Path("/data")))

    def test_a_disk_that_is_full_or_read_only_is_named(self) -> None:
        for free, flags, words in ((100, 0, "data volume is full: 0 MiB"), (10**6, os.ST_RDONLY, "become read-only")):
            space = os.statvfs_result((4096, 4096, 10**6, free, free, 1000, 1000, 1000, flags, 255))
            with mock.patch.object(os, "statvfs", return_value=space), self.assertRaisesRegex(GuestError, words):
                filesystem.check_disk_space({"data volume": Path("/data")})


if __name__ == "__main__":
    unittest.main()
