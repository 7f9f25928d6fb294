"""Tests how the client treats the door's responses. The whole protocol is tested in test_door_sync."""

from __future__ import annotations

import time
import unittest
import urllib.error
from unittest import mock

import guest_modules  # noqa: F401
from fake_door import AGENT, FakeDoor
from program.door_client import AccessDenied, DoorClient, TooManyRequests


class DoorClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.door = FakeDoor()
        self.addCleanup(self.door.close)
        self.client = DoorClient(self.door.url + "/", AGENT)

    def test_a_request_carries_the_callback_token(self) -> None:
        self.client.use_token(self.door.grant())
        self.assertEqual(self.door.payload(), self.client.request("payload"))

    def test_a_refusal_is_access_denied(self) -> None:
        with self.assertRaisesRegex(AccessDenied, "payload was refused"):
            self.client.request("payload")

    def test_a_door_that_is_busy_says_for_how_long_within_reason(self) -> None:
        for header, expected in (("17", 17), ("100000", 900), ("soon", 60), ("-1", 60)):
            self.door.busy = header
            with self.assertRaises(TooManyRequests) as caught:
                self.client.request("payload")
            self.assertEqual(expected, caught.exception.retry_after)

    def test_a_redirect_is_not_followed(self) -> None:
        self.door.redirect = self.door.url + "/guest/v1/nonce"
        with self.assertRaises(urllib.error.HTTPError):
            self.client.request("payload")
        self.assertEqual(["payload"], self.door.asked)

    def test_a_token_is_renewed_at_half_its_life_and_not_more_often_than_each_minute(self) -> None:
        with mock.patch.object(time, "time", return_value=1795528800.0), mock.patch.object(time, "monotonic") as now:
            now.return_value = 1000.0
            self.client.use_token({"callbackToken": "a", "expiresAt": "2026-11-24T15:00:00Z"})
            self.assertEqual(2800.0, self.client.renew_at)
            self.client.use_token({"callbackToken": "a", "expiresAt": "2026-11-24T14:00:01Z"})
            self.assertEqual(1060.0, self.client.renew_at)


if __name__ == "__main__":
    unittest.main()
