"""Tests that failures on a machine are reported, and hinder nothing else."""

from __future__ import annotations

import errno
import json
import os
import unittest
from unittest import mock

from guest_case import GuestTest


class FailureTest(GuestTest):
    def test_a_full_disk_is_reported_and_loses_nothing(self) -> None:
        with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
            with self.assertRaises(OSError):
                self.sync()
            self.assertNotIn("bootstrap", self.door.asked, "no key could be kept, so nothing is redeemed")
        self.sync()
        key = (self.root / "var/lib/anchorhold/guest.key").read_text()
        with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
            self.reconcile()
            self.sync()
        self.assertIn("disk", {problem["what"] for problem in self.door.reports[-1]["problems"]})
        self.settled()
        self.assertEqual(key, (self.root / "var/lib/anchorhold/guest.key").read_text())

    def test_new_settings_hold_although_the_disk_is_full_and_are_kept_when_it_has_room(self) -> None:
        self.settled()
        self.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}
        with mock.patch.object(self.program, "write_atomically", side_effect=OSError(errno.ENOSPC, "No space left")):
            self.sync()
        self.reconcile()
        self.assertEqual("token-of-the-second-owner", (self.root / "connector").read_text())
        self.sync()
        kept = json.loads((self.root / "var/lib/anchorhold/payload.json").read_text())
        self.assertEqual(2, kept["settings"]["version"])

    def test_a_nearly_full_disk_is_reported_before_it_is_full(self) -> None:
        self.settled()
        full = os.statvfs_result((4096, 4096, 10**6, 100, 100, 1000, 1000, 1000, 0, 255))
        with mock.patch.object(os, "statvfs", return_value=full):
            self.reconcile()
        self.assertIn("is full", self.problems()["disk"])

    def test_an_image_that_cannot_be_pulled_is_reported_and_not_hammered(self) -> None:
        self.docker.pull_fails = "manifest unknown"
        self.machine.settle(self.guest)
        for _ in range(5):
            self.reconcile()
        self.assertIn("manifest unknown", self.problems()["image"])
        self.assertEqual(1, self.docker.pulls)
        self.docker.pull_fails = ""
        self.guest.reconciler.pull_backoff.retry_at = 0.0
        self.settled()

    def test_H26_a_private_image_is_pulled_with_its_login_which_no_report_tells(self) -> None:
        self.docker.wanted_login = {"username": "robot", "password": "let-me-pull", "serveraddress": "ghcr.io"}
        self.door.login = {"server": "ghcr.io", "username": "robot", "password": "old-password"}
        self.machine.settle(self.guest)
        self.assertIn("unauthorized: ***", self.problems()["image"])
        self.door.login["password"] = "let-me-pull"
        self.guest.state.accept_payload(self.door.payload())
        self.guest.reconciler.pull_backoff.retry_at = 0.0
        self.settled()
        self.assertNotIn("let-me-pull", json.dumps(self.docker.made))

    def test_docker_that_is_down_is_started(self) -> None:
        self.settled()
        (self.root / "run/docker.sock").unlink()
        self.reconcile()
        self.settled()
        self.assertEqual(2, len(self.machine.calls("systemctl start docker.service")))

    def test_a_container_that_keeps_ending_is_reported(self) -> None:
        self.settled()
        self.docker.set("restarting")
        self.reconcile()
        self.sync()
        self.assertIn("exit code 3", self.problems()["container"])
        self.assertFalse(self.door.reports[-1]["container"]["running"])

    def test_what_docker_says_of_a_value_is_not_passed_on(self) -> None:
        self.docker.create_fails = "invalid environment: hello there"
        self.machine.settle(self.guest)
        self.assertIn("Docker says 400", self.problems()["container"])
        self.assertNotIn("hello there", json.dumps([self.door.reports, self.door.lines]))

    def test_packages_that_cannot_be_had_hinder_nothing_that_is_there(self) -> None:
        self.machine.write("no-network", "")
        (self.root / "bin/dockerd").unlink()
        with mock.patch.object(self.program.shutil, "which", lambda name: self.which(name)):
            self.machine.settle(self.guest)
            self.assertIn("apt-get", self.problems()["packages"])
            self.assertEqual(1, len(self.machine.calls("apt-get")))
            self.assertTrue((self.root / "mounted").exists())
            (self.root / "no-network").unlink()
            self.guest.reconciler.install_backoff.retry_at = 0.0
            self.reconcile()
        self.assertNotIn("packages", self.problems())
        self.assertIn("docker.io", self.machine.calls("apt-get")[-1])

    def which(self, name: str) -> str | None:
        path = self.root / "bin" / name
        return str(path) if path.exists() else None

    def test_a_connector_that_ended_is_started_again(self) -> None:
        self.settled()
        (self.root / "connector").unlink()
        self.reconcile()
        self.assertTrue((self.root / "connector").exists())

    def test_whatever_goes_wrong_is_a_problem_and_no_end(self) -> None:
        volume = self.guest.reconciler.volume
        with mock.patch.object(volume, "ensure", side_effect=ZeroDivisionError("nobody thought of it")):
            self.machine.settle(self.guest)
        self.assertIn("nobody thought of it", self.problems()["volume"])


if __name__ == "__main__":
    unittest.main()
