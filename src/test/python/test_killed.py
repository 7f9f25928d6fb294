"""Tests the program killed at each write and command, one after another, and started again."""

from __future__ import annotations

import os
import subprocess
import unittest
from collections.abc import Callable

from fake_door import TUNNEL_TOKEN
from machine import Machine


LOOKING = {"findmnt", "blkid", "wipefs", "ip", "-j", "is-active", "is-enabled", "reset-failed", "-pubout"}


class KillTest(unittest.TestCase):
    """The program dies at its n-th write or command that changes anything, for each n; then it starts again."""

    def test_on_the_way_to_ready(self) -> None:
        def check(machine: Machine) -> None:
            self.assertEqual(1, len(machine.docker.made))
            self.assertTrue(machine.door.reports[-1]["container"]["running"])
            self.assertEqual(TUNNEL_TOKEN, (machine.root / "connector").read_text())
            self.assertFalse((machine.root / "etc/anchorhold/bootstrap-token").exists())
            self.assertFalse((machine.root / "var/lib/anchorhold/formatting.json").exists())

        self.assertGreater(self.deaths(lambda machine: None, check), 25)

    def test_while_it_takes_new_settings(self) -> None:
        def prepare(machine: Machine) -> None:
            machine.settle(machine.start()[1])
            machine.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}

        def check(machine: Machine) -> None:
            self.assertEqual("token-of-the-second-owner", (machine.root / "connector").read_text())
            self.assertEqual(2, machine.door.reports[-1]["settingsVersion"])
            self.assertEqual(1, len(machine.docker.made))

        self.assertGreater(self.deaths(prepare, check), 6)

    def deaths(self, prepare: Callable[[Machine], None], check: Callable[[Machine], None]) -> int:
        for n in range(1, 200):
            with self.subTest(n=n), Machine() as machine:
                prepare(machine)
                died = self.dies(machine, n)
                _, guest = machine.start()
                machine.settle(guest)
                self.assertEqual([], guest.reconciler.problems)
                check(machine)
            if not died:
                return n - 1
        return 200

    @staticmethod
    def dies(machine: Machine, n: int) -> bool:
        child = os.fork()
        if child == 0:
            done = 0

            def deadly(real: Callable[..., object]) -> Callable[..., object]:
                def call(*arguments: object, **options: object) -> object:
                    nonlocal done
                    done += not LOOKING.intersection(arguments[0]) if real is run else 1
                    if done == n:
                        os._exit(9)
                    return real(*arguments, **options)

                return call

            _, guest = machine.start()
            run = subprocess.run
            for module, name in ((os, "fsync"), (os, "replace"), (os, "unlink"), (subprocess, "run")):
                setattr(module, name, deadly(getattr(module, name)))
            machine.settle(guest)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


if __name__ == "__main__":
    unittest.main()
