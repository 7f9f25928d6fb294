"""Tests the protocol between a machine and the door, with failures of either."""

from __future__ import annotations

import http.client
import json
import time
import types
import unittest
from unittest import mock

from guest_case import GuestTest
from machine import Machine


class DoorSyncTest(GuestTest):
    def test_the_key_is_on_the_disk_before_the_token_is_spent(self) -> None:
        kept = []
        self.door.seen_at_bootstrap = lambda: kept.append((self.root / "var/lib/anchorhold/guest.key").read_text())
        self.sync()
        self.assertIn("PRIVATE KEY", kept[0])
        self.assertFalse(self.token_file())

    def test_F09_a_lost_answer_costs_nothing(self) -> None:
        self.door.lose_answers_of = {"bootstrap"}
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.sync()
        self.settled()
        self.assertFalse(self.token_file())
        self.assertEqual(1, len(self.docker.made))

    def test_F33_a_guest_off_for_a_month_comes_back_by_its_key(self) -> None:
        self.settled()
        before = self.door.reports[-1]["bootId"]
        self.door.forget_tokens()
        self.program, self.guest = self.machine.reboot()
        self.settled()
        self.assertNotEqual(before, self.door.reports[-1]["bootId"])
        self.assertEqual(1, len(self.docker.made))

    def test_a_callback_token_that_died_early_is_replaced_at_once(self) -> None:
        self.settled()
        self.door.forget_tokens()
        before = len(self.door.reports)
        self.sync()
        self.assertEqual(before + 1, len(self.door.reports))

    def test_the_callback_token_is_renewed_at_half_life(self) -> None:
        self.settled()
        self.guest.state.door.renew_at = 0.0
        self.sync()
        self.assertIn("renew", self.door.asked)
        self.sync()
        self.assertEqual(1, self.door.asked.count("renew"))

    def test_F37_refused_for_ever_it_asks_ever_more_seldom_and_says_so(self) -> None:
        self.door.refusing = True
        waits = self.talk_until_it_waited(8)
        self.assertFalse(self.token_file())
        self.assertGreater(waits[0], 20)
        self.assertGreater(waits[-1], 400)
        self.assertLess(max(waits), 1000)
        self.assertIn("The door refuses this machine", " ".join(line["text"] for line in self.guest.logs.waiting))

    def test_a_door_that_is_down_for_days_is_asked_each_minute_and_the_lines_are_kept_in_bounds(self) -> None:
        self.settled()
        self.door.close()
        waits = self.talk_until_it_waited(200)
        self.assertLess(max(waits), 80)
        self.assertGreater(waits[-1], 40)
        self.assertLess(len(self.guest.logs.waiting), 20)
        for number in range(5000):
            self.program.log.info("line %d", number)
        self.assertEqual(1000, len(self.guest.logs.waiting))

    def test_a_door_that_is_busy_says_when_to_come_back(self) -> None:
        self.door.busy = "17"
        self.assertEqual([17, 17], self.talk_until_it_waited(2))

    def test_the_callback_token_is_shown_to_nobody_whom_the_door_names(self) -> None:
        self.settled()
        stranger = Machine()
        self.addCleanup(stranger.__exit__)
        self.door.redirect = stranger.door.url + "/guest/v1/report"
        with self.assertRaises(OSError):
            self.sync()
        self.assertEqual([], stranger.door.asked)

    def test_new_settings_arrive_with_the_next_report_and_the_connector_starts_anew(self) -> None:
        self.settled()
        self.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}
        self.sync()
        self.reconcile()
        self.sync()
        self.assertEqual("token-of-the-second-owner", (self.root / "connector").read_text())
        self.assertEqual(2, self.door.reports[-1]["settingsVersion"])
        self.assertEqual(1, len(self.docker.made), "the container is not touched")
        self.reconcile()
        self.assertEqual(2, len(self.machine.calls("systemctl restart anchorhold-connector")))

    def test_lines_are_sent_within_the_doors_bounds_and_again_when_their_answer_was_lost(self) -> None:
        self.settled()
        for number in range(300):
            self.program.log.info("%d %s", number, "é" * 3000)
        self.door.lose_answers_of = {"logs"}
        self.door.lines.clear()
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.sync()
        self.assertLess(len(json.dumps({"lines": self.door.lines}, ensure_ascii=False).encode()), 256 * 1024)
        self.sync()
        numbers = {int(line["text"].split()[0]) for line in self.door.lines if line["text"].endswith("é")}
        self.assertEqual(set(range(300)), numbers)

    def talk_until_it_waited(self, times: int) -> list[float]:
        class Enough(BaseException):
            pass

        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == times:
                raise Enough

        slow = types.SimpleNamespace(sleep=sleep, monotonic=time.monotonic, time=time.time)
        with mock.patch.object(self.program, "time", slow), self.assertRaises(Enough):
            self.guest.door_sync.loop()
        return waits


class ContainerOutput(GuestTest):
    SECRET = "printed by the customer's code"

    def print(self, second: int) -> None:
        self.docker.output.append((f"2026-11-24T14:00:{second:02d}.5Z", self.SECRET))

    def test_F28_nothing_that_the_container_prints_leaves_without_shareLogs(self) -> None:
        self.settled()
        self.print(1)
        self.docker.container["State"]["Error"] = self.SECRET
        for status in ("running", "restarting", "exited"):
            self.docker.set(status)
            self.reconcile()
            self.sync()
        self.assertEqual(0, self.docker.asked_for_output)
        self.assertNotIn(self.SECRET, json.dumps([self.door.reports, self.door.lines]))

    def test_with_shareLogs_it_leaves_and_stops_leaving_when_that_ends(self) -> None:
        self.settled()
        self.door.settings = {**self.door.settings, "version": 2, "shareLogs": True}
        self.sync()
        self.print(1)
        self.sync()
        shared = [line for line in self.door.lines if line["source"] == "container"]
        self.assertEqual([(self.SECRET, "2026-11-24T14:00:01.5Z")], [(line["text"], line["at"]) for line in shared])

        self.print(2)
        self.guest.door_sync.collect_container_logs(True)
        self.door.settings = {**self.door.settings, "version": 3, "shareLogs": False}
        self.guest.state.payload = {**self.guest.state.payload, "settings": self.door.settings}
        self.print(3)
        self.sync()
        self.assertEqual(1, len([line for line in self.door.lines if line["source"] == "container"]))


if __name__ == "__main__":
    unittest.main()
