"""Tests the payload in memory and on the disk, and the removal of its secrets from texts."""

from __future__ import annotations

import errno
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import guest_modules  # noqa: F401
from program import shared_state
from program.door_client import DoorClient

PAYLOAD: dict[str, Any] = {"env": {"A": "in the way", "B": "short"}, "settings": {"tunnelToken": "tunnel-token"}}


class SharedStateTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.object(shared_state, "PAYLOAD", Path(folder.name, "payload.json"))
        patch.start()
        self.addCleanup(patch.stop)
        self.door = DoorClient("http://127.0.0.1:1", "agent")
        self.state = shared_state.SharedState(self.door)

    def test_a_payload_is_used_at_once_wakes_the_reconciler_and_is_there_after_a_restart(self) -> None:
        self.assertIsNone(self.state.payload)
        self.state.accept_payload(PAYLOAD)
        self.assertTrue(self.state.payload_changed.is_set())
        self.assertEqual(PAYLOAD, shared_state.SharedState(self.door).payload)

    def test_one_that_could_not_be_kept_is_kept_later(self) -> None:
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch.object(shared_state, "write_atomically", side_effect=full), self.assertLogs("anchorhold"):
            self.state.accept_payload(PAYLOAD)
        self.assertEqual(PAYLOAD, self.state.payload)
        self.assertFalse(shared_state.PAYLOAD.exists())
        self.state.save_payload()
        self.assertEqual(PAYLOAD, json.loads(shared_state.PAYLOAD.read_text()))

    def test_secrets_are_taken_out_of_a_text_and_everyday_words_are_not(self) -> None:
        self.assertEqual("a callback", self.state.redact("a callback"))
        self.state.payload, self.door.token = PAYLOAD, "callback-token"
        text = "callback-token, tunnel-token and what is in the way, in short"
        self.assertEqual("***, *** and what is ***, in short", self.state.redact(text))


if __name__ == "__main__":
    unittest.main()
