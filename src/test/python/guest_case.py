"""The base of tests that run the whole guest program on a fake machine."""

from __future__ import annotations

import unittest

from machine import Machine


class GuestTest(unittest.TestCase):
    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)
        self.door, self.docker, self.root = self.machine.door, self.machine.docker, self.machine.root
        self.program, self.guest = self.machine.start()

    def problems(self) -> dict[str, str]:
        return {problem["what"]: problem["message"] for problem in self.guest.reconciler.problems}

    def settled(self) -> None:
        self.machine.settle(self.guest)
        self.assertEqual({}, self.problems())

    def sync(self) -> None:
        self.guest.door_sync.sync()

    def reconcile(self) -> bool:
        return self.guest.reconciler.reconcile()

    def token_file(self) -> bool:
        return (self.root / "etc/anchorhold/bootstrap-token").exists()
