"""Tests when the connector is started, and with what arguments."""

from __future__ import annotations

import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import guest_modules  # noqa: F401
from program import tunnel
from program.common import GuestError


def payload(token: str = "secret", port: int = 8080) -> dict[str, Any]:
    return {"port": port, "settings": {"tunnelToken": token}}


class Tunnel(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.run, self.try_run = mock.Mock(return_value=""), mock.Mock(return_value=(0, "active\n", ""))
        for name, value in {"RUN": self.root, "UNITS": self.root, "run": self.run, "try_run": self.try_run}.items():
            patch = mock.patch.object(tunnel, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def ensure(self, **values: Any) -> list[str]:
        """The calls of systemctl."""
        self.run.reset_mock()
        with mock.patch.object(shutil, "which", return_value="/usr/bin/cloudflared"):
            tunnel.ensure_connector(payload(**values))
        return [call.args[1] for call in self.run.call_args_list]

    def test_it_is_started_once_and_anew_only_with_another_token_or_port(self) -> None:
        self.assertEqual(["daemon-reload", "restart"], self.ensure())
        self.assertEqual([], self.ensure())
        self.assertEqual(["restart"], self.ensure(token="other"))
        self.assertEqual("other", (self.root / "tunnel-token").read_text())
        self.assertEqual(["daemon-reload", "restart"], self.ensure(token="other", port=20241))

    def test_one_that_ended_is_started(self) -> None:
        self.ensure()
        self.try_run.return_value = (3, "inactive\n", "")
        self.assertEqual(["start"], self.ensure())

    def test_one_that_did_not_start_is_restarted_the_next_time(self) -> None:
        self.run.side_effect = ["", GuestError("no")]
        with self.assertRaises(GuestError):
            self.ensure()
        self.run.side_effect = None
        self.assertEqual(["restart"], self.ensure())

    def test_its_metrics_are_on_another_port_than_the_container(self) -> None:
        self.assertEqual([20241, 20242], [tunnel.metrics_port(payload(port=port)) for port in (8080, 20241)])


if __name__ == "__main__":
    unittest.main()
