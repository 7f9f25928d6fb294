"""Tests formatting, mounting and growing of data volumes."""

from __future__ import annotations

import json
import os
import subprocess
import unittest
from unittest import mock

from fake_door import DEVICE, MOUNT
from guest_case import GuestTest


class VolumeTest(GuestTest):
    def test_a_volume_that_appears_late_is_waited_for(self) -> None:
        self.machine.disk.unlink()
        self.machine.settle(self.guest)
        self.assertIn("not there yet", self.problems()["volume"])
        self.assertEqual([], self.docker.made)
        self.machine.attach_disk()
        self.settled()

    def test_a_blank_one_is_formatted_and_one_with_files_never_again(self) -> None:
        self.assertTrue(self.ends_mounted())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))
        self.assertFalse((self.root / "var/lib/anchorhold/formatting.json").exists())
        (self.root / "mounted").unlink()
        self.assertTrue(self.ends_mounted())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))

    def test_what_is_on_a_volume_is_never_formatted_over(self) -> None:
        for name, make in CONTENTS.items():
            with self.subTest(name):
                self.machine.attach_disk()
                make(self.machine.disk)
                before = self.machine.disk.read_bytes()
                self.assertFalse(self.ends_mounted())
                self.assertEqual([], self.machine.calls("mkfs.ext4"))
                self.assertEqual(before, self.machine.disk.read_bytes())
                self.assertIn("neither formatted nor mounted", self.trouble)

    def test_an_answer_of_blkid_that_is_not_clear_formats_nothing(self) -> None:
        for name, script in {
            "cannot read": "echo 'blkid: error: cannot open' >&2; exit 2", "several signatures": "exit 8",
            "wrong usage": "exit 4", "killed": "kill -9 $$", "half an answer": "echo TYPE=; exit 0",
            "says something, finds nothing": "echo PTTYPE=gpt; exit 2",
        }.items():  # fmt: skip
            with self.subTest(name):
                self.machine.command("blkid", script)
                self.assertFalse(self.ends_mounted())
                self.assertEqual([], self.machine.calls("mkfs.ext4"))

    def test_an_old_filesystem_of_ours_is_mounted_as_it_is(self) -> None:
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", self.machine.disk], check=True)
        self.assertTrue(self.ends_mounted())
        self.assertEqual([], self.machine.calls("mkfs.ext4"))

    def test_killed_while_it_formats_it_begins_again_and_only_then(self) -> None:
        half = f"dd if=/dev/urandom of={DEVICE[1:]} bs=64k count=1 conv=notrunc"
        self.machine.command("mkfs.ext4", f"{half}; kill -9 $$")
        self.assertFalse(self.ends_mounted())
        self.machine.command("mkfs.ext4", 'PATH=/usr/sbin:/sbin:/usr/bin:/bin exec mkfs.ext4 "$@"')
        self.program, self.guest = self.machine.reboot()
        self.assertTrue(self.ends_mounted())

    def test_a_filesystem_that_came_in_the_place_of_one_that_was_begun_is_not_ours_to_format(self) -> None:
        self.machine.write("var/lib/anchorhold/formatting.json", json.dumps(
            {"device": str(self.machine.disk), "uuid": "11111111-2222-3333-4444-555555555555"}))  # fmt: skip
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", self.machine.disk], check=True)
        self.assertTrue(self.ends_mounted())
        self.assertEqual([], self.machine.calls("mkfs.ext4"))
        self.assertFalse((self.root / "var/lib/anchorhold/formatting.json").exists())

    def test_a_volume_that_grew_is_filled_while_it_is_mounted(self) -> None:
        self.settled()
        self.reconcile()
        self.assertEqual([], self.machine.calls("resize2fs"), "nothing to do, nothing done")
        os.truncate(self.machine.disk, 64 << 20)
        self.reconcile()
        self.reconcile()
        self.assertEqual(1, len(self.machine.calls("resize2fs")))
        self.assertFalse(self.program.ext4_can_grow(str(self.machine.disk)))

    def test_a_volume_that_grew_and_cannot_be_filled_now_hinders_nothing_and_is_filled_at_the_next_boot(self) -> None:
        self.settled()
        os.truncate(self.machine.disk, 64 << 20)
        script = (self.root / "bin/resize2fs").read_text()
        self.machine.command("resize2fs", "exit 1")
        self.reconcile()
        self.reconcile()
        self.assertIn("resize2fs", self.problems()["volume"])
        self.assertEqual(1, len(self.machine.calls("resize2fs")), "it is not hammered")
        self.assertEqual("running", self.docker.container["State"]["Status"])
        (self.root / "bin/resize2fs").write_text(script)
        # As if it had been mounted since its last check, which is when resize2fs wants another one.
        subprocess.run(["/sbin/debugfs", "-w", "-R", "set_super_value lastcheck 20200101000000", self.machine.disk],
                       check=True, capture_output=True)  # fmt: skip
        self.program, self.guest = self.machine.reboot()
        self.settled()
        self.assertFalse(self.program.ext4_can_grow(str(self.machine.disk)))

    def test_a_volume_that_goes_away_stops_the_container_until_it_is_back(self) -> None:
        self.settled()
        self.machine.disk.rename(self.machine.disk.with_name("away"))
        self.reconcile()
        self.assertEqual("exited", self.docker.container["State"]["Status"])
        self.machine.disk.with_name("away").rename(self.machine.disk)
        self.reconcile()
        self.assertEqual("running", self.docker.container["State"]["Status"])

    def test_a_volume_that_came_back_as_another_device_is_mounted_anew_while_no_container_runs(self) -> None:
        self.settled()
        self.machine.write("mounted", "8:16")
        self.machine.command("umount", "cat mounted >unmounted; rm mounted")
        self.reconcile()
        self.assertEqual("8:16", (self.root / "unmounted").read_text())
        self.assertEqual(["stop", "start"], self.docker.orders[-2:])
        self.settled()

    def test_docker_that_does_not_answer_says_nothing_against_the_firewall(self) -> None:
        self.settled()
        with mock.patch.object(self.program, "docker", side_effect=TimeoutError("timed out")):
            self.reconcile()
        self.assertTrue(self.guest.reconciler.firewall_holds)
        self.assertIn("timed out", self.problems()["docker"])

    def ends_mounted(self) -> bool:
        try:
            self.guest.reconciler.volume.ensure(str(self.machine.disk), self.root / MOUNT[1:])
            return True
        except self.program.GuestError as trouble:
            self.trouble = str(trouble)
            return False


def written(offset: int, content: bytes):
    def write(disk) -> None:
        with open(disk, "r+b") as file:
            file.seek(offset)
            file.write(content)

    return write


def two_at_once(disk) -> None:
    subprocess.run(["/sbin/mkswap", "-q", disk], check=True, capture_output=True)
    written(0, b"LUKS\xba\xbe\0\1")(disk)


CONTENTS = {
    "swap": lambda disk: subprocess.run(["/sbin/mkswap", disk], check=True, capture_output=True),
    "an encrypted volume": written(0, b"LUKS\xba\xbe\0\1" + bytes(160) + b"12345678-1234-1234-1234-123456789012"),
    "xfs": written(0, b"XFSB" + (4096).to_bytes(4, "big") + bytes(92) + b"\0\0\2\0\1\0\0\x10" + bytes(400)),
    "LVM": written(512, b"LABELONE" + bytes(16) + b"LVM2 001" + b"x" * 32),
    "a DOS partition table": written(446, b"\x80\0\2\0\x83\0\0\0\1\0\0\0\0\x10\0\0" + bytes(48) + b"\x55\xaa"),
    "two signatures": two_at_once,
    "data without a signature": written(4096, b"a database that writes to the raw device"),
    "data at its very end": written((8 << 20) - 512, b"metadata of a RAID that nobody knows"),
    "an ext4 whose superblock was lost": lambda disk: (
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", disk], check=True), written(1024, bytes(1024))(disk)),
}  # fmt: skip


if __name__ == "__main__":
    unittest.main()
