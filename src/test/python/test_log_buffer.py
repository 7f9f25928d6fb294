"""Tests which log lines are buffered, and which are sent."""

from __future__ import annotations

import json
import logging
import unittest

import guest_modules  # noqa: F401
from program.log_buffer import LogBuffer


class LogBufferTest(unittest.TestCase):
    def setUp(self) -> None:
        self.buffer = LogBuffer()

    def add(self, count: int, text: str = "", source: str = "guest") -> None:
        for number in range(count):
            self.buffer.add("2026-11-24T14:00:00Z", "INFO", source, f"{number} {text}")

    def test_a_record_becomes_a_line(self) -> None:
        record = logging.makeLogRecord({"created": 1795528800.0, "levelname": "WARNING", "msg": "%d", "args": (7,)})
        self.buffer.emit(record)
        line = {"at": "2026-11-24T14:00:00.000Z", "level": "WARNING", "source": "guest", "text": "7"}
        self.assertEqual([line], self.buffer.batch(False))

    def test_the_newest_thousand_are_kept(self) -> None:
        self.add(1200)
        self.assertEqual("200 ", self.buffer.waiting[0]["text"])
        self.assertEqual(1000, len(self.buffer.waiting))

    def test_a_batch_is_the_same_until_it_was_sent(self) -> None:
        self.add(1)
        first = list(self.buffer.batch(True))
        self.buffer.sending = list(first)
        self.assertEqual(first, self.buffer.batch(True)[:1])
        self.buffer.sending = []
        self.assertEqual([], self.buffer.batch(True))

    def test_a_batch_has_at_most_200_lines_and_about_200_kB(self) -> None:
        self.add(300)
        self.assertEqual(200, len(self.buffer.batch(False)))
        self.buffer.sending = []
        self.buffer.waiting.clear()
        self.add(300, "é" * 5000)
        self.assertLess(len(json.dumps(self.buffer.batch(False), ensure_ascii=False).encode()), 210_000)

    def test_the_containers_lines_are_dropped_when_they_are_not_shared_any_more(self) -> None:
        self.add(2, source="container")
        self.assertEqual(2, len(self.buffer.batch(True)))
        self.assertEqual([], self.buffer.batch(False))


if __name__ == "__main__":
    unittest.main()
