"""Tests the program as a process, with both its threads."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import unittest

from machine import PROGRAM, SYSTEM_PATH, Machine


class Main(unittest.TestCase):
    def test_it_runs_reports_and_sends_its_lines(self) -> None:
        with Machine() as machine:
            own = {"ANCHORHOLD_ROOT": str(machine.root), "PATH": f"{machine.root}/bin:{SYSTEM_PATH}"}
            command = [sys.executable, "-B", "-u", str(PROGRAM)]
            process = subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True)
            try:
                end = time.monotonic() + 60
                while not (machine.door.reports and machine.door.lines and machine.docker.orders[-1:] == ["start"]):
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.01)
            finally:
                process.kill()
                output, _ = process.communicate()
            digest = hashlib.sha256(PROGRAM.read_bytes()).hexdigest()
            self.assertIn(f"INFO The guest program {digest[:12]} starts", output)
            self.assertEqual(digest, machine.door.reports[0]["program"])
            self.assertIn(f"The guest program {digest[:12]} starts", [line["text"] for line in machine.door.lines])


if __name__ == "__main__":
    unittest.main()
