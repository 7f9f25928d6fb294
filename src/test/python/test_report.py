"""Tests what a report holds, and which change of it is sent at once."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import guest_modules  # noqa: F401
from program import report


def container(running: bool, restarting: bool) -> dict[str, Any]:
    state = {"Running": running, "Restarting": restarting}
    return {"State": state, "Config": {"Image": "web"}, "RestartCount": 2}


class Report(unittest.TestCase):
    def test_a_machine_with_nothing_on_it_says_so(self) -> None:
        with mock.patch.object(report, "connector_running", return_value=False):
            status = report.machine_status(None, None)
        self.assertEqual({"running": False, "image": None, "restarts": 0}, status["container"])
        self.assertEqual({"mounted": False, "sizeBytes": 0, "freeBytes": 0}, status["volume"])
        self.assertEqual({"running": False, "ready": False}, status["connector"])

    def test_a_container_that_restarts_does_not_run(self) -> None:
        with mock.patch.object(report, "connector_running", return_value=True):
            for running, restarting, expected in ((True, False, True), (True, True, False), (False, False, False)):
                status = report.machine_status(None, container(running, restarting))["container"]
                self.assertEqual({"running": expected, "image": "web", "restarts": 2}, status)

    def test_how_much_room_is_left_is_no_news(self) -> None:
        before = {"volume": {"mounted": True, "freeBytes": 7}, "problems": []}
        self.assertFalse(report.is_news({**before, "volume": {"mounted": True, "freeBytes": 8}}, before))
        self.assertTrue(report.is_news({**before, "volume": {"mounted": False, "freeBytes": 7}}, before))

    def test_a_boot_has_one_id_until_the_next(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(report, "RUN", Path(folder)):
            first = report.boot_id()
            self.assertEqual(first, report.boot_id())
            Path(folder, "boot-id").unlink()
            self.assertNotEqual(first, report.boot_id())


if __name__ == "__main__":
    unittest.main()
